import type { ServiceContext } from "../service.js";
import type { OdpsReply } from "./reply.js";
import type { TableName } from "./rows.js";

/** A request whose sender and meaning are settled. Names are in lower case. */
export interface OdpsCall extends TableName {
  /** What is asked for, such as `PutBlock`. */
  readonly name: string;
  /** Of `/instances/I`; empty otherwise, as `table` is. */
  readonly instance: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Buffer>;
  /** Of the request's `Host`. */
  readonly host: string;
}

/** What every operation works with. */
export interface Maxcompute {
  readonly context: ServiceContext;
  /** When upload sessions of a table were begun, epoch ms, by the table's id. */
  readonly uploadsBegun: Map<string, number[]>;
}

/** Carries out one call. @throws OdpsError */
export type OdpsOperation = (maxcompute: Maxcompute, call: OdpsCall) => OdpsReply | Promise<OdpsReply>;

/** Largest body of a request that is a document. */
const MAX_DOCUMENT = 4 * 1024 * 1024;

/** The whole body as text. */
export async function readBodyText({ body }: OdpsCall): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size <= MAX_DOCUMENT) pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** A moment in RFC 1123. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}
