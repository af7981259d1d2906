import { createHash } from "node:crypto";
import { OssError } from "../errors.js";
import { requireSignature, sha256, signS3, type VerifiedS3 } from "./signature.js";

/** What came behind a body, by lower-case name. */
export type Trailers = Map<string, string>;

/** Ways to send a body in chunks, by what the request says in `x-amz-content-sha256`. */
const ways: Readonly<Record<string, { readonly isSigned: boolean; readonly hasTrailers: boolean }>> = {
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": { isSigned: true, hasTrailers: false },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": { isSigned: true, hasTrailers: true },
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER": { isSigned: false, hasTrailers: true },
};

const EMPTY_HASH = sha256("");
/** Lines between chunks are short: a size, a signature. */
const MAX_LINE = 16 * 1024;
const CRLF = Buffer.from("\r\n");

interface Chunked {
  /** As the request says it. */
  readonly how: string;
  readonly verified: VerifiedS3;
  /** Filled when the body has ended. */
  readonly trailers: Trailers;
}

/**
 * Takes a body in chunks apart and verifies the signature of each.
 *
 * @throws OssError NotImplemented, InvalidArgument (no chunks), SignatureDoesNotMatch
 */
export async function* chunksOf(body: AsyncIterable<Buffer>, { how, verified, trailers }: Chunked) {
  const way = Object.hasOwn(ways, how) ? ways[how] : undefined;
  if (!way) throw new OssError("NotImplemented", `The local cloud does not implement ${how}.`);
  const source = sourceOf(body);
  let previous = verified.signature;
  for (;;) {
    const line = await source.line();
    const [size = "", extension = ""] = line.split(";");
    if (!/^[0-9a-f]{1,12}$/i.test(size)) throw malformed();
    const hash = createHash("sha256");
    const length = Number.parseInt(size, 16);
    for await (const piece of source.bytes(length)) {
      hash.update(piece);
      yield piece;
    }
    if (way.isSigned) {
      const given = /^chunk-signature=(.+)$/.exec(extension.trim())?.[1] ?? "";
      requireSignature(chained(verified, "PAYLOAD", [previous, EMPTY_HASH, hash.digest("hex")]), given);
      previous = given;
    }
    if (length === 0) break;
    if ((await source.line()) !== "") throw malformed();
  }
  await readTrailers(source, trailers);
  await source.end();
  if (!way.hasTrailers || !way.isSigned) return;
  const given = trailers.get("x-amz-trailer-signature") ?? "";
  const lines = [...trailers].filter(([name]) => name !== "x-amz-trailer-signature");
  const text = lines.map(([name, value]) => `${name}:${value}\n`).join("");
  requireSignature(chained(verified, "TRAILER", [previous, sha256(text)]), given);
}

async function readTrailers(source: Source, trailers: Trailers): Promise<void> {
  for (let line = await source.line(); line !== ""; line = await source.line()) {
    const cut = line.indexOf(":");
    if (cut < 1) throw malformed();
    trailers.set(line.slice(0, cut).trim().toLowerCase(), line.slice(cut + 1).trim());
  }
}

/** A signature that goes on from the one before it. */
function chained({ key, date, scope }: VerifiedS3, kind: string, lines: readonly string[]): string {
  return signS3(key, [`AWS4-HMAC-SHA256-${kind}`, date, scope, ...lines].join("\n"));
}

interface Source {
  /** The next line without its end; "" also at the end of everything. */
  line(): Promise<string>;
  /** Nothing may follow; until the end is read the connection takes no other request. */
  end(): Promise<void>;
  /** The next `count` bytes. */
  bytes(count: number): AsyncIterable<Buffer>;
}

function sourceOf(body: AsyncIterable<Buffer>): Source {
  const iterator = body[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const { value, done } = await iterator.next();
    if (done) return false;
    held = held.length === 0 ? value : Buffer.concat([held, value]);
    return true;
  };
  return {
    async line() {
      for (;;) {
        const end = held.indexOf(CRLF);
        if (end >= 0) {
          const line = held.toString("latin1", 0, end);
          held = held.subarray(end + CRLF.length);
          return line;
        }
        if (held.length > MAX_LINE) throw malformed();
        if (await more()) continue;
        if (held.length > 0) throw malformed();
        return "";
      }
    },
    async end() {
      if (held.length > 0 || (await more())) throw malformed();
    },
    async *bytes(count) {
      for (let left = count; left > 0; ) {
        if (held.length === 0 && !(await more())) throw malformed();
        const piece = held.subarray(0, left);
        held = held.subarray(piece.length);
        left -= piece.length;
        if (piece.length > 0) yield piece;
      }
    },
  };
}

function malformed(): OssError {
  return new OssError("InvalidArgument", "The body is not made of chunks as x-amz-content-sha256 says.");
}
