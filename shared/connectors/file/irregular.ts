import { isUtf8 } from "node:buffer";
import Papa from "papaparse";
import { parseBackslash } from "./backslash.js";
import { lineEnd } from "./lines.js";
import { packTexts } from "./packer.js";
import { hasBareReturn, INCOMPLETE, recordEnd, UNCLOSED } from "./quoted.js";
import type { ReadFormat } from "./read-format.js";
import { LONE_RETURN, noteBadLine, noteDirty, notText, type Scan, widthRefusal } from "./scan.js";

/**
 * Parses the record at `at` with the CSV library: whatever the byte scanner leaves, such as blanks behind a closing
 * quote, backslash escapes or quotes with a delimiter of several characters.
 *
 * @returns the offset behind the record, or INCOMPLETE when it goes on in the next block
 */
export function packIrregular(scan: Scan, block: Buffer, at: number, isLast: boolean): number {
  const end = scan.dialect ? recordEnd(block, at, scan.dialect, isLast) : INCOMPLETE;
  if (end === INCOMPLETE) return INCOMPLETE;
  if (end === UNCLOSED) return skipBrokenLine(scan, block, at, isLast);
  packRecord(scan, block, at, end);
  if (scan.line !== null) scan.line += countLines(block, at, end, scan.format.terminator[0] as number); // never empty
  return end;
}

/** The quote opens nothing: only the line is lost, not all that follows it. */
function skipBrokenLine(scan: Scan, block: Buffer, at: number, isLast: boolean): number {
  const next = lineEnd(scan.format, block, at);
  if (next > block.length && !isLast) return INCOMPLETE;
  const end = Math.min(next, block.length);
  noteBadLine(scan, block, { start: at, end }, "a quoted cell is opened and never closed");
  if (scan.line !== null) scan.line++;
  return end;
}

function packRecord(scan: Scan, block: Buffer, start: number, end: number): void {
  if (!scan.isClean && !isUtf8(block.subarray(start, end))) {
    noteBadLine(scan, block, { start, end }, notText(scan.format));
    return;
  }
  const text = recordText(scan, block.toString("utf8", start, end));
  if (scan.refusesReturns && scan.dialect && hasBareReturn(Buffer.from(text), scan.dialect)) {
    noteBadLine(scan, block, { start, end }, LONE_RETURN);
    return;
  }
  const trimmed = scan.format.escape === "backslash" ? backslashCells(scan, text) : libraryCells(scan, text);
  if (trimmed === null) {
    noteBadLine(scan, block, { start, end }, "the quotes of the line do not match");
    return;
  }
  const refusal = widthRefusal(scan, trimmed.length) ?? packTexts(scan.packed, trimmed);
  if (refusal) noteDirty(scan, start, refusal, trimmed);
}

/** True when the text is one record whose quotes match. */
export function isRecord(format: ReadFormat, text: string): boolean {
  const record = recordText({ format }, text);
  return (
    (format.escape === "backslash" ? backslashCells({ format }, record) : parseRecord({ format }, record)) !== null
  );
}

function libraryCells(scan: Scan, text: string): string[] | null {
  const cells = parseRecord(scan, text);
  return cells && scan.format.trim ? trimUnquoted(scan, text, cells) : cells;
}

function backslashCells({ format }: Pick<Scan, "format">, text: string): string[] | null {
  const quote = String.fromCharCode(format.quote ?? 34);
  const cells = parseBackslash(text, { delimiter: format.delimiter.toString(), quote });
  return cells?.map((cell) => (format.trim && !cell.isQuoted ? trimmedBlanks(cell.text) : cell.text)) ?? null;
}

function recordText({ format }: Pick<Scan, "format">, text: string): string {
  const terminator = format.terminator.toString();
  if (!text.endsWith(terminator)) return text;
  return terminator === "\n" ? text.replace(/\r?\n$/, "") : text.slice(0, -terminator.length);
}

/** The cells of one record, null when it is malformed. */
function parseRecord({ format }: Pick<Scan, "format">, text: string): string[] | null {
  const quoteChar = String.fromCharCode(format.quote ?? 34);
  const newline = format.terminator[0] === 13 ? "\r" : "\n";
  // The library forgives blanks behind a quote only before a line end; with one, an empty record follows.
  const { data, errors } = Papa.parse<string[]>(text + newline, {
    delimiter: format.delimiter.toString(),
    newline,
    quoteChar,
    escapeChar: quoteChar,
  });
  return errors.length === 0 && data.length === 2 ? (data[0] ?? null) : null;
}

/** Trims blanks off the cells that were not quoted; the library does not tell, so this walks along the record's text. */
function trimUnquoted({ format }: Scan, text: string, cells: readonly string[]): string[] {
  const quote = String.fromCharCode(format.quote ?? 34);
  const delimiter = format.delimiter.toString();
  let at = 0;
  return cells.map((cell) => {
    const isQuoted = text.startsWith(quote, at);
    const written = isQuoted ? cell.length + cell.split(quote).length + 1 : cell.length;
    const next = text.indexOf(delimiter, at + written);
    at = next < 0 ? text.length : next + delimiter.length;
    return isQuoted ? cell : trimmedBlanks(cell);
  });
}

function trimmedBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** Physical lines that end between two offsets; a last line without an end counts as well. */
function countLines(block: Buffer, start: number, end: number, terminator: number): number {
  let lines = 0;
  for (let i = start; i < end; i++) if (block[i] === terminator) lines++;
  return block[end - 1] === terminator ? lines : lines + 1;
}
