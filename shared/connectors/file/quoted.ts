import type { ReadFormat } from "./read-format.js";

/** A quoted cell that is still open after so many bytes is a mistake: its quote opens nothing. */
export const MAX_QUOTED_BYTES = 16 * 1024 * 1024;

/** Escapes the byte behind it, where that is the dialect. */
export const BACKSLASH = 92;

/** What separates records and cells, in the form that the byte loops want. */
export interface QuotedForm {
  readonly delimiter: Uint8Array;
  readonly terminator: number;
  readonly quote: number;
  readonly backslash: boolean;
}

/** The dialect of a CSV format with quotes. */
export function dialectOf(format: ReadFormat & { readonly quote: number }): QuotedForm {
  const { delimiter, terminator, quote } = format;
  return { delimiter, terminator: terminator[0] ?? 10, quote, backslash: format.escape === "backslash" };
}

/** The record needs more bytes to be judged. */
export const INCOMPLETE = -1;
/** A quote opens in the record and never closes: only its first line can be given up. */
export const UNCLOSED = -2;

/** How a stretch of bytes is judged. */
export interface Judging {
  readonly dialect: QuotedForm;
  /** No bytes follow those at hand. */
  readonly isLast: boolean;
}

/**
 * Finds the end of the record that starts at `at`, by the rules that cutting and reading share: a quote opens a cell only
 * at its very start, and inside it the first quote that is not escaped closes it, whatever follows.
 *
 * @returns the offset behind the record's terminator, {@link INCOMPLETE} or {@link UNCLOSED}
 */
export function recordEnd(block: Uint8Array, at: number, judging: Judging): number {
  const { dialect, isLast } = judging;
  const end = block.length;
  for (let i = at; ; i += dialect.delimiter.length) {
    if (block[i] === dialect.quote) {
      i = closingQuote(block, i, judging);
      if (i < 0) return i;
    }
    i = cellEnd(block, i, dialect);
    if (i >= end) return isLast ? end : INCOMPLETE;
    if (block[i] === dialect.terminator) return i + 1;
  }
}

/** True when a carriage return stands outside quotes in a record, its line end taken off. */
export function hasBareReturn(record: Buffer, dialect: QuotedForm): boolean {
  const whole: Judging = { dialect, isLast: true };
  for (let i = 0; i < record.length; i += dialect.delimiter.length) {
    if (record[i] === dialect.quote) i = Math.max(i, closingQuote(record, i, whole));
    const from = i;
    i = cellEnd(record, from, dialect);
    if (record.subarray(from, i).includes(RETURN)) return true;
  }
  return false;
}

/** How many cells stand in a record, as {@link recordEnd} tells them apart; counts no further than one beyond `limit`. */
export function countCells(record: Uint8Array, dialect: QuotedForm, limit: number): number {
  const whole: Judging = { dialect, isLast: true };
  for (let i = 0, count = 1; ; i += dialect.delimiter.length, count++) {
    if (record[i] === dialect.quote) i = Math.max(i, closingQuote(record, i, whole));
    i = cellEnd(record, i, dialect);
    if (i >= record.length || record[i] === dialect.terminator || count > limit) return count;
  }
}

/** A carriage return. */
export const RETURN = 13;

/** True when some carriage return in the block has no line feed behind it. */
export function hasLoneReturn(block: Buffer): boolean {
  for (let at = block.indexOf(RETURN); at >= 0; at = block.indexOf(RETURN, at + 1))
    if (block[at + 1] !== 10) return true;
  return false;
}

/** Where the next delimiter or terminator stands, or the end of the block. */
function cellEnd(block: Uint8Array, from: number, { delimiter, terminator }: QuotedForm): number {
  const first = delimiter[0];
  for (let i = from; i < block.length; i++) {
    const byte = block[i];
    if (byte === terminator || (byte === first && isDelimiter(block, i, delimiter))) return i;
  }
  return block.length;
}

/** True when the whole delimiter stands at `at`. */
export function isDelimiter(block: Uint8Array, at: number, delimiter: Uint8Array): boolean {
  for (let i = 0; i < delimiter.length; i++) if (block[at + i] !== delimiter[i]) return false;
  return true;
}

/** The offset behind the quote that closes the cell opened at `open`, or {@link INCOMPLETE} or {@link UNCLOSED}. */
function closingQuote(block: Uint8Array, open: number, { dialect, isLast }: Judging): number {
  const { quote, backslash } = dialect;
  const limit = Math.min(block.length, open + MAX_QUOTED_BYTES);
  for (let i = open + 1; i < limit; i++) {
    if (backslash && block[i] === BACKSLASH) i++;
    else if (block[i] !== quote) continue;
    else if (backslash) {
      return i + 1;
    } else if (block[i + 1] === quote) {
      i++;
    } else {
      return i + 1 < block.length || isLast ? i + 1 : INCOMPLETE;
    }
  }
  return isLast || limit === open + MAX_QUOTED_BYTES ? UNCLOSED : INCOMPLETE;
}
