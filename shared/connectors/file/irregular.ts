import { isUtf8 } from "node:buffer";
import { MAX_RECORD_CELLS } from "./bounds.js";
import { lineEnd } from "./lines.js";
import { packTexts } from "./packer.js";
import { countCells, hasBareReturn, INCOMPLETE, recordEnd, UNCLOSED } from "./quoted.js";
import { recordCells, withoutLineEnd } from "./record-cells.js";
import { type FileScan, LONE_RETURN, noteBadLine, noteDirty, notText, type Span, widthRefusal } from "./scan.js";

/**
 * Parses the record at `at` as a text: whatever the byte scanner leaves, such as blanks behind a closing
 * quote, backslash escapes or quotes with a delimiter of several characters.
 *
 * @returns the offset behind the record, or INCOMPLETE when it goes on in the next block
 */
export function packIrregular(scan: FileScan, block: Buffer, at: number): number {
  const { dialect, isLast } = scan;
  const end = dialect ? recordEnd(block, at, { dialect, isLast }) : INCOMPLETE;
  if (end === INCOMPLETE) return INCOMPLETE;
  if (end === UNCLOSED) return skipBrokenLine(scan, block, at);
  packRecord(scan, block, { start: at, end });
  if (scan.line !== null) scan.line += countLines(block.subarray(at, end), scan.format.terminator[0] as number); // never empty
  return end;
}

/** The quote opens nothing: only the line is lost, not all that follows it. */
function skipBrokenLine(scan: FileScan, block: Buffer, at: number): number {
  const next = lineEnd(scan.format, block, at);
  if (next > block.length && !scan.isLast) return INCOMPLETE;
  const end = Math.min(next, block.length);
  noteBadLine(scan, block, { start: at, end, message: "a quoted cell is opened and never closed" });
  if (scan.line !== null) scan.line++;
  return end;
}

/**
 * Passes over a record of too many cells, as a dirty one.
 *
 * @returns the offset behind the record, or INCOMPLETE when it goes on in the next block
 */
export function skipWide(scan: FileScan, block: Buffer, at: number): number {
  const { dialect, isLast } = scan;
  const found = dialect ? recordEnd(block, at, { dialect, isLast }) : UNCLOSED;
  if (found === INCOMPLETE) return INCOMPLETE;
  const stop = found === UNCLOSED ? lineEnd(scan.format, block, at) : found;
  if (stop > block.length && !isLast) return INCOMPLETE;
  const end = Math.min(stop, block.length);
  noteBadLine(scan, block, { start: at, end, message: TOO_MANY_CELLS });
  if (scan.line !== null) scan.line += dialect ? countLines(block.subarray(at, end), dialect.terminator) : 1;
  return end;
}

const TOO_MANY_CELLS = `the record has more than ${MAX_RECORD_CELLS.toLocaleString("en")} cells; check fieldDelimiter and lineDelimiter`;

function packRecord(scan: FileScan, block: Buffer, { start, end }: Span): void {
  if (!scan.isClean && !isUtf8(block.subarray(start, end))) {
    noteBadLine(scan, block, { start, end, message: notText(scan.format) });
    return;
  }
  if (scan.dialect && countCells(block.subarray(start, end), scan.dialect, MAX_RECORD_CELLS) > MAX_RECORD_CELLS) {
    noteBadLine(scan, block, { start, end, message: TOO_MANY_CELLS });
    return;
  }
  const record = withoutLineEnd(scan.format, block.toString("utf8", start, end));
  if (scan.refusesReturns && scan.dialect && hasBareReturn(Buffer.from(record), scan.dialect)) {
    noteBadLine(scan, block, { start, end, message: LONE_RETURN });
    return;
  }
  const cells = recordCells(scan.format, record);
  if (cells === null) {
    noteBadLine(scan, block, { start, end, message: "the quotes of the line do not match" });
    return;
  }
  const refusal = widthRefusal(scan, cells.length) ?? packTexts(scan.packed, cells);
  if (refusal) noteDirty(scan, refusal, { at: start, cells });
}

/** Physical lines that end in a record; a last line without an end counts as well. */
function countLines(record: Buffer, terminator: number): number {
  let lines = 0;
  for (const byte of record) if (byte === terminator) lines++;
  return record[record.length - 1] === terminator ? lines : lines + 1;
}
