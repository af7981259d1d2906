import { UserError } from "../../model/errors.js";
import { type BodyStart, bodyStart } from "./body-start.js";
import { lineEnd } from "./lines.js";
import { countCells, dialectOf, INCOMPLETE, recordEnd } from "./quoted.js";
import type { ReadFormat } from "./read-format.js";
import { recordCells, withoutLineEnd } from "./record-cells.js";

/** The first record is looked for in so many decoded bytes at first, and in so many at most. */
const HEAD_BYTES = 1024 * 1024;
const MAX_HEAD_BYTES = 64 * 1024 * 1024;
/** More columns no table has, and more letters in their names no plan holds: with `*` all travel with it. */
const MAX_COLUMNS = 4096;
const MAX_NAME_LETTERS = 256 * 1024;

/** What the beginning of a file tells of its columns. */
export interface FirstNames {
  readonly names: readonly string[];
  /** False when there is no record: then `names` are only what a header says, which need not be the names of columns. */
  readonly hasRecord: boolean;
}

/**
 * Names of all cells of a file's first record, for `["*"]`: from the header when it is skipped and fits, else `c0`, `c1`, …;
 * of JSON lines the keys of the first that has any.
 *
 * @param source the decoded file from its start; only the beginning is read
 * @throws UserError SOURCE_REFUSED when there are more names than a table can have
 */
export async function namesOfFirstRecord(source: AsyncIterable<Buffer>, format: ReadFormat): Promise<FirstNames> {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = HEAD_BYTES;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    const head = Buffer.concat(chunks);
    const found = namesIn(head, format, { isLast: size >= MAX_HEAD_BYTES });
    if (found !== null) return found;
    chunks = [head];
    // A record larger than this: looking again at twice as much keeps the search linear.
    wanted = size * 2;
  }
  return namesIn(Buffer.concat(chunks), format, { isLast: true }) ?? { names: [], hasRecord: false };
}

/** Whether nothing follows the bytes at hand. */
interface Ending {
  readonly isLast: boolean;
}

/** Null when the first record does not end in `head`. */
function namesIn(head: Buffer, format: ReadFormat, { isLast }: Ending): FirstNames | null {
  const body = bodyStart(head, format, { isLast });
  if (!body) return isLast ? { names: [], hasRecord: false } : null;
  if (format.keysOf) return keysIn(head.subarray(body.offset), { ...format, keysOf: format.keysOf }, { isLast });
  const record = firstRecord(head.subarray(body.offset), format, { isLast });
  if (record === null && !isLast) return null;
  const header = format.skipHeader ? headerNames(head, body, format) : [];
  if (record === null) return { names: isDistinct(header) ? header : [], hasRecord: false };
  const width = cellCount(record, format);
  if (width > MAX_COLUMNS) throw tooMany();
  const fits = header.length === width && isDistinct(header);
  return bounded(fits ? header : Array.from({ length: width }, (_, i) => `c${i}`));
}

function bounded(names: readonly string[]): FirstNames {
  if (names.length > MAX_COLUMNS || names.join("").length > MAX_NAME_LETTERS) throw tooMany();
  return { names, hasRecord: true };
}

function tooMany(): UserError {
  const message = `the first record has more cells, or longer names, than column * can stand for: ${MAX_COLUMNS} columns at most`;
  return new UserError("SOURCE_REFUSED", message, {
    path: "column",
    hint: "Check fileFormat, fieldDelimiter and lineDelimiter; if they are right, list the columns that are wanted.",
  });
}

function isDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length && !names.includes("");
}

/** A format whose records tell the names of their cells. */
type NamedFormat = ReadFormat & { readonly keysOf: (record: string) => readonly string[] };

/** The keys of the first JSON line that has any: others are no records, or hold nothing. */
function keysIn(body: Buffer, format: NamedFormat, { isLast }: Ending): FirstNames | null {
  for (let at = 0; at < body.length; ) {
    const stop = lineEnd(format, body, at);
    if (stop > body.length && !isLast) return null;
    const end = Math.min(stop, body.length);
    const keys = format.keysOf(body.toString("utf8", at, end));
    if (keys.length > 0) return bounded(keys);
    at = end;
  }
  return isLast ? { names: [], hasRecord: false } : null;
}

/** The first line that is neither blank nor a comment, with what its quotes hold; null when its end is not in sight. */
function firstRecord(body: Buffer, format: ReadFormat, { isLast }: Ending): Buffer | null {
  for (let at = 0; at < body.length; ) {
    const stop = lineEnd(format, body, at);
    if (stop > body.length && !isLast) return null;
    const end = Math.min(stop, body.length);
    const isBlank = body.toString("utf8", at, end).trim() === "";
    if (body[at] !== format.comment && !(isBlank && format.skipEmpty)) {
      const last = endOf(body, at, { format, lineStop: end, isLast });
      return last === null ? null : body.subarray(at, last);
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
  const end = quote === null ? lineStop : recordEnd(body, at, { dialect: dialectOf({ ...format, quote }), isLast });
  return end === INCOMPLETE ? null : end < 0 ? lineStop : end;
}

/** The cells of a file's header, tidied. */
export function headerNames(head: Buffer, { headerAt, offset }: BodyStart, format: ReadFormat): string[] {
  const header = head.subarray(headerAt, offset);
  if (cellCount(header, format) > MAX_COLUMNS) return [];
  return cellsOf(header.toString("utf8"), format).map((name) => name.replace(/\s+/g, " ").trim());
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

/** How many cells a record has; far beyond what is possible, only that there are more. */
function cellCount(record: Buffer, format: ReadFormat): number {
  const { quote } = format;
  const count =
    quote === null
      ? delimitersIn(record, format.delimiter) + 1
      : countCells(record, dialectOf({ ...format, quote }), MAX_COLUMNS);
  return count > MAX_COLUMNS ? count : cellsOf(record.toString("utf8"), format).length;
}

function delimitersIn(record: Buffer, delimiter: Buffer): number {
  let count = 0;
  for (let at = record.indexOf(delimiter); at >= 0; at = record.indexOf(delimiter, at + delimiter.length)) count++;
  return count;
}

/** Of a record whose quotes do not match, what stands between delimiters. */
function cellsOf(text: string, format: ReadFormat): string[] {
  const record = withoutLineEnd(format, text);
  return recordCells(format, record) ?? record.split(format.delimiter.toString());
}
