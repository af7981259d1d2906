import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import iconv from "iconv-lite";
import { SluiceError, UserError } from "../../model/errors.js";
import type { ReadFormat } from "./read-format.js";
import { utf8Of } from "./text-encoding.js";

/**
 * Turns the bytes of an object into plain UTF-8: decompressed, then transcoded.
 *
 * @throws UserError SOURCE_REFUSED when the bytes are no gzip, or a damaged one
 */
export function decoded(source: AsyncIterable<Buffer>, format: ReadFormat, object: string): AsyncIterable<Buffer> {
  const plain = format.gzip ? gunzipped(source, object) : source;
  return format.encoding === null ? plain : transcoded(plain, format.encoding);
}

/** True when positions in the decoded text are positions in the object, so that reading may begin anywhere. */
export function isSeekable({ gzip, encoding }: ReadFormat): boolean {
  return !gzip && encoding === null;
}

async function* gunzipped(source: AsyncIterable<Buffer>, object: string): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const begin = { isGzip: false };
  const input = Readable.from(noteMagic(source, begin), { objectMode: false });
  const ended = new Promise<void>((resolve) => pipeline(input, gunzip, () => resolve()));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    throw badGzip(object, begin, cause);
  } finally {
    gunzip.destroy();
    await ended;
  }
}

/** Hands on the bytes, and notes whether they begin as a gzip does. */
async function* noteMagic(source: AsyncIterable<Buffer>, begin: { isGzip: boolean }): AsyncIterable<Buffer> {
  let head = "";
  for await (const chunk of source) {
    if (head.length < 4) head += chunk.subarray(0, 2).toString("hex");
    begin.isGzip = head.startsWith("1f8b");
    yield chunk;
  }
}

/** Nothing was gzip from the start, or a gzip is cut short or damaged, or something else follows it. */
function badGzip(object: string, { isGzip: isBroken }: { isGzip: boolean }, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = isBroken
    ? "The object is cut short or damaged: test it with gzip -t, upload it again, then run the job again."
    : "The object is no gzip file: leave the parameter compress out, or name only objects that are compressed.";
  const message = `${object}: ${isBroken ? "broken gzip" : "not valid gzip"} (${reason})`;
  return new UserError("SOURCE_REFUSED", message, { hint, cause });
}

async function* transcoded(source: AsyncIterable<Buffer>, encoding: string): AsyncIterable<Buffer> {
  const decoder = iconv.getDecoder(encoding);
  let held = "";
  for await (const chunk of WIDE.test(encoding) ? source : wholeCharacters(source)) {
    const text = held + decoder.write(chunk);
    // The decoder hands over half a character when the other half is in the next chunk.
    held = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
    if (text.length > held.length) yield utf8Of(text.slice(0, text.length - held.length), encoding);
  }
  const rest = held + (decoder.end() ?? "");
  if (rest) yield utf8Of(rest, encoding);
}

/** Encodings whose characters are made of units of two or four bytes. */
const WIDE = /^ucs|^utf-?(?:16|32)/i;
/** In encodings of mixed width no byte below this is a part of a longer character. */
const ALONE = 0x30;

/** Hands over bytes in such pieces that none ends inside a character: the decoder loses some that take four bytes. */
async function* wholeCharacters(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let held: Buffer[] = [];
  for await (const chunk of source) {
    let end = chunk.length;
    while (end > 0 && (chunk[end - 1] as number) >= ALONE) end--; // within bounds
    if (end > 0) yield Buffer.concat([...held, chunk.subarray(0, end)]);
    const rest = chunk.subarray(end);
    held = end > 0 ? [rest] : [...held, rest];
  }
  yield Buffer.concat(held);
}

/** Drops the first `count` bytes of a stream. */
export async function* skipBytes(source: AsyncIterable<Buffer>, count: number): AsyncIterable<Buffer> {
  let left = count;
  for await (const chunk of source) {
    if (left >= chunk.length) {
      left -= chunk.length;
      continue;
    }
    yield left > 0 ? chunk.subarray(left) : chunk;
    left = 0;
  }
}
