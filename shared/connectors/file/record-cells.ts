import Papa from "papaparse";
import { cutEnd } from "../../model/cut-end.js";
import { parseBackslash } from "./backslash.js";
import type { ReadFormat } from "./read-format.js";

/** A record's text without what ends its last line. */
export function withoutLineEnd({ terminator }: ReadFormat, text: string): string {
  const ending = terminator.toString();
  if (!text.endsWith(ending)) return text;
  return ending === "\n" ? text.replace(/\r?\n$/, "") : text.slice(0, -ending.length);
}

/**
 * The cells of one record, quotes taken off, trimmed where the format says so.
 *
 * @param record without its line end
 * @returns null when the quotes do not match
 */
export function recordCells(format: ReadFormat, record: string): string[] | null {
  const delimiter = format.delimiter.toString();
  if (format.quote === null) return record.split(delimiter).map((cell) => (format.trim ? trimmedBlanks(cell) : cell));
  const quote = String.fromCharCode(format.quote);
  if (format.escape === "backslash") {
    const cells = parseBackslash(record, { delimiter, quote });
    return cells?.map(({ text, isQuoted }) => (format.trim && !isQuoted ? trimmedBlanks(text) : text)) ?? null;
  }
  const newline = format.terminator[0] === 13 ? "\r" : "\n";
  // The library forgives blanks behind a quote only before a line end; with one, an empty record follows.
  const options = { delimiter, newline, quoteChar: quote, escapeChar: quote } as const;
  const { data, errors } = Papa.parse<string[]>(record + newline, options);
  if (errors.length > 0 || data.length !== 2) return null;
  const [cells = []] = data;
  return format.trim ? trimUnquoted(record, cells, { delimiter, quote }) : cells;
}

/** Trims blanks off the cells that were not quoted; the library does not tell, so this walks along the record's text. */
function trimUnquoted(
  record: string,
  cells: readonly string[],
  { delimiter, quote }: { delimiter: string; quote: string },
): string[] {
  let at = 0;
  return cells.map((cell) => {
    const isQuoted = record.startsWith(quote, at);
    const written = isQuoted ? cell.length + cell.split(quote).length + 1 : cell.length;
    const next = record.indexOf(delimiter, at + written);
    at = next < 0 ? record.length : next + delimiter.length;
    return isQuoted ? cell : trimmedBlanks(cell);
  });
}

function trimmedBlanks(text: string): string {
  return cutEnd(text.replace(/^[ \t]+/, ""), /[ \t]/);
}
