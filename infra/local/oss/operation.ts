import type { EmitObjectEvent, ServiceContext } from "../service.js";
import type { Contents } from "./contents.js";
import { invalidArgument, OssError } from "./errors.js";
import type { OssReply } from "./reply.js";

/** A request whose sender and meaning are settled. */
export interface OssCall {
  /** The API's name of the operation, such as `PutObject`. */
  readonly name: string;
  /** "" for operations on the service. */
  readonly bucket: string;
  /** "" for operations on a bucket. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names, one character per byte. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Buffer>;
  /** Smallest part but the last, bytes, by the language in which the call came. */
  readonly minPartBytes: number;
  readonly requestId: string;
  readonly sourceIp: string;
}

/** What every operation works with. */
export interface Oss {
  readonly context: ServiceContext;
  readonly contents: Contents;
  readonly emit: EmitObjectEvent;
}

/** Carries out one call. @throws OssError */
export type OssOperation = (oss: Oss, call: OssCall) => OssReply | Promise<OssReply>;

/** Largest body of a request document, bytes. */
const MAX_DOCUMENT = 2 * 1024 * 1024;

/** The time that objects and buckets get: OSS keeps whole seconds. Epoch ms. */
export function objectTime(oss: Oss): number {
  return Math.floor(oss.context.now() / 1000) * 1000;
}

/** The whole body as text. @throws OssError EntityTooLarge */
export async function readDocument(call: OssCall): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of call.body) {
    size += piece.length;
    if (size > MAX_DOCUMENT) throw new OssError("EntityTooLarge", "The request document is too large.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * A whole-number parameter of the query.
 *
 * @throws OssError InvalidArgument when it is no integer within the bounds
 */
export function integerParameter(
  call: OssCall,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = call.query.get(name);
  if (text === undefined || text === "") return fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalidArgument(name, text, `Argument ${name} must be an integer between ${min} and ${max}.`);
}
