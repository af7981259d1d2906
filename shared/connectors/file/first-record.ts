import { type BodyStart, bodyStart } from "./body-start.js";
import { keysOfLine } from "./json-lines.js";
import { lineEnd } from "./lines.js";
import { dialectOf, INCOMPLETE, recordEnd } from "./quoted.js";
import type { ReadFormat } from "./read-format.js";
import { recordCells, withoutLineEnd } from "./record-cells.js";

/** The first record is looked for in so many decoded bytes at first, and in so many at most. */
const HEAD_BYTES = 1024 * 1024;
const MAX_HEAD_BYTES = 64 * 1024 * 1024;

/**
 * Names of all cells of a file's first record, for `["*"]`: from the header when it is skipped and fits, else `c0`, `c1`, …;
 * of JSON lines the keys. Empty when the file has no record.
 *
 * @param source the decoded file from its start; only the beginning is read
 */
export async function namesOfFirstRecord(source: AsyncIterable<Buffer>, format: ReadFormat): Promise<string[]> {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = HEAD_BYTES;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    const head = Buffer.concat(chunks);
    const names = namesIn(head, format, size >= MAX_HEAD_BYTES);
    if (names !== null) return names;
    chunks = [head];
    // A record larger than this: looking again at twice as much keeps the search linear.
    wanted = size * 2;
  }
  return namesIn(Buffer.concat(chunks), format, true) ?? [];
}

/** Null when the first record does not end in `head`. */
function namesIn(head: Buffer, format: ReadFormat, isLast: boolean): string[] | null {
  const body = bodyStart(head, format, isLast);
  if (!body) return isLast ? [] : null;
  const record = firstRecord(head.subarray(body.offset), format, isLast);
  if (record === null) return isLast ? [] : null;
  if (format.kind === "jsonl") return keysOfLine(record);
  const width = cellsOf(record, format).length;
  const header = format.skipHeader ? headerNames(head, body, format) : [];
  const fits = header.length === width && new Set(header).size === width && !header.includes("");
  return fits ? header : Array.from({ length: width }, (_, i) => `c${i}`);
}

/** The first line that is neither blank nor a comment, with what its quotes hold; null when its end is not in sight. */
function firstRecord(body: Buffer, format: ReadFormat, isLast: boolean): string | null {
  for (let at = 0; at < body.length; ) {
    const stop = lineEnd(format, body, at);
    if (stop > body.length && !isLast) return null;
    const end = Math.min(stop, body.length);
    const isBlank = body.toString("utf8", at, end).trim() === "";
    if (body[at] !== format.comment && !(isBlank && format.skipEmpty)) {
      const last = endOf(body, at, { format, lineStop: end, isLast });
      return last === null ? null : body.toString("utf8", at, last);
    }
    at = end;
  }
  return null;
}

function endOf(
  body: Buffer,
  at: number,
  { format, lineStop, isLast }: { format: ReadFormat; lineStop: number; isLast: boolean },
): number | null {
  const { quote } = format;
  const end = quote === null ? lineStop : recordEnd(body, at, dialectOf({ ...format, quote }), isLast);
  return end === INCOMPLETE ? null : end < 0 ? lineStop : end;
}

/** The cells of a file's header, tidied. */
export function headerNames(head: Buffer, { headerAt, offset }: BodyStart, format: ReadFormat): string[] {
  return cellsOf(head.toString("utf8", headerAt, offset), format).map((name) => name.replace(/\s+/g, " ").trim());
}

/**
 * What is wrong with a file whose header does not say, in whatever case, what the one says by which all files are read.
 *
 * @param names  as {@link namesOfFirstRecord} gave them for another file; invented ones say nothing
 * @returns null when they agree
 */
export function headerMismatch(found: readonly string[], names: readonly string[]): string | null {
  if (names.every((name, i) => name === `c${i}`)) return null;
  const at = [...names, ...found].findIndex((_, i) => names[i]?.toLowerCase() !== found[i]?.toLowerCase());
  if (at < 0) return null;
  const [here, there] = [found[at], names[at]].map((name) =>
    name === undefined ? "missing" : `"${name.slice(0, 100)}"`,
  );
  return `column ${at + 1} is ${here} in its header, but ${there} in that of the first file`;
}

/** Of a record whose quotes do not match, what stands between delimiters. */
function cellsOf(text: string, format: ReadFormat): string[] {
  const record = withoutLineEnd(format, text);
  return recordCells(format, record) ?? record.split(format.delimiter.toString());
}
