import { lineEnd } from "./lines.js";
import { dialectOf, INCOMPLETE, recordEnd } from "./quoted.js";
import type { ReadFormat } from "./read-format.js";
import { recordCells, withoutLineEnd } from "./record-cells.js";

/** A header whose quotes are open for longer has a stray one: then it is its first line only. */
const QUOTED_HEADER_BYTES = 64 * 1024;

/** Where the records of a file begin. */
export interface BodyStart {
  /** Where the header begins, if there is one: behind a byte order mark. */
  readonly headerAt: number;
  /** Offset in the decoded file. */
  readonly offset: number;
  /** 1-based number of the line there. */
  readonly line: number;
}

/**
 * Finds where the records of a file begin: behind a byte order mark and, when the job says so, the header. A name in the
 * header may hold line ends between quotes.
 *
 * @param head  the decoded file from its start
 * @param isLast  no bytes follow `head`
 * @returns null when it is not in sight yet
 */
export function bodyStart(
  head: Buffer,
  format: ReadFormat,
  { isLast }: { readonly isLast: boolean },
): BodyStart | null {
  if (head.length < 3 && !isLast) return null;
  const mark = markLength(head);
  if (!format.skipHeader) return { headerAt: mark, offset: mark, line: 1 };
  const end = headerEnd(head, mark, { format, isLast });
  return end === null ? null : { headerAt: mark, offset: end, line: 1 + linesIn(head.subarray(mark, end), format) };
}

function headerEnd(
  head: Buffer,
  at: number,
  { format, isLast }: { format: ReadFormat; isLast: boolean },
): number | null {
  const stop = lineEnd(format, head, at);
  if (stop > head.length && !isLast) return null;
  const line = Math.min(stop, head.length);
  const { quote } = format;
  if (quote === null || !head.subarray(at, line).includes(quote)) return line;
  const window = head.subarray(0, at + QUOTED_HEADER_BYTES);
  const isWhole = isLast || window.length < head.length || window.length === at + QUOTED_HEADER_BYTES;
  const end = recordEnd(window, at, { dialect: dialectOf({ ...format, quote }), isLast: isWhole });
  if (end === INCOMPLETE) return null;
  // A stray quote in the header would otherwise take the records up to the next quote with it, unseen.
  if (end <= line) return line;
  return recordCells(format, withoutLineEnd(format, head.toString("utf8", at, end))) ? end : line;
}

function linesIn(text: Buffer, { terminator }: ReadFormat): number {
  let lines = 0;
  for (let at = text.indexOf(terminator); at >= 0; at = text.indexOf(terminator, at + terminator.length)) lines++;
  return lines;
}

/** Length of the UTF-8 byte order mark at the start of a file, 0 without one. */
function markLength(head: Buffer): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}
