import { textEnd } from "./lines.js";
import { isDelimiter, MAX_QUOTED_BYTES } from "./quoted.js";
import type { ReadFormat } from "./read-format.js";

/** Cell bounds of one record inside a block: cell `i` is `block[starts[i] .. ends[i])`, without its quotes. */
export interface CellBounds {
  block: Buffer;
  starts: Int32Array;
  ends: Int32Array;
  /** How the cell is written: {@link PLAIN}, {@link QUOTED} or {@link ESCAPED}. */
  forms: Uint8Array;
  count: number;
  /** Terminators inside quoted cells. */
  innerLines: number;
}

/** What cutting a block into cells needs. */
export interface Cutting {
  readonly bounds: CellBounds;
  readonly format: ReadFormat;
}

/** A cell without quotes. */
export const PLAIN = 0;
/** A cell between quotes, to be taken as it is. */
const QUOTED = 1;
/** A cell between quotes with doubled quotes inside. */
export const ESCAPED = 2;

/** The record has more cells than {@link MAX_RECORD_CELLS}. */
export const TOO_WIDE = -4;
/** A record of more cells is a mistake, such as a wrong delimiter; each takes many times its bytes in memory. */
export const MAX_RECORD_CELLS = 100_000;

/** The record is not written plainly enough for the byte scanner. */
export const IRREGULAR = -3;

/** Room for the bounds of records of usual width; grows when a record has more cells. */
export function emptyBounds(): CellBounds {
  const [starts, ends, forms] = [new Int32Array(256), new Int32Array(256), new Uint8Array(256)];
  return { block: Buffer.alloc(0), starts, ends, forms, count: 0, innerLines: 0 };
}

/**
 * Finds the cells of the record at `at`, for delimiter and terminator of one byte.
 *
 * @returns the offset behind the terminator, one beyond the block's end when there is none, {@link IRREGULAR} or {@link TOO_WIDE}
 */
export function byteBounds(cutting: Cutting, block: Buffer, at: number): number {
  const { bounds, format } = cutting;
  const delimiter = format.delimiter[0];
  const terminator = format.terminator[0];
  const quote = format.quote ?? -1;
  const stop = block.length;
  let { starts, ends, forms } = bounds;
  bounds.block = block;
  bounds.innerLines = 0;
  let count = 0;
  for (let start = at; ; ) {
    if (count >= starts.length) {
      if (count >= MAX_RECORD_CELLS) return TOO_WIDE;
      widen(bounds);
      ({ starts, ends, forms } = bounds);
    }
    let i = start;
    if (block[start] === quote) {
      bounds.count = count;
      i = quotedCell(cutting, block, start);
      if (i < 0) return IRREGULAR;
      const next = block[i];
      if (next !== delimiter && next !== terminator && i < stop && !isLineEnd(block, i, terminator)) return IRREGULAR;
      if (next !== delimiter && next !== terminator && i < stop) i++;
    } else {
      while (i < stop && block[i] !== delimiter && block[i] !== terminator) i++;
      starts[count] = start;
      ends[count] = i;
      forms[count] = PLAIN;
    }
    count++;
    if (block[i] === delimiter) {
      start = i + 1;
      continue;
    }
    bounds.count = count;
    if (i < stop && i > start && forms[count - 1] === PLAIN) ends[count - 1] = textEnd(format, block, i);
    return i + 1;
  }
}

function isLineEnd(block: Buffer, at: number, terminator: number | undefined): boolean {
  return terminator === 10 && block[at] === 13 && block[at + 1] === 10;
}

/** Notes the quoted cell that opens at `open` behind the `count` cells so far; answers the offset behind its closing quote, -1 when that is not in sight. */
function quotedCell({ bounds, format }: Cutting, block: Buffer, open: number): number {
  if (format.escape === "backslash") return -1;
  const quote = format.quote;
  const terminator = format.terminator[0];
  const stop = Math.min(block.length, open + MAX_QUOTED_BYTES);
  let form = QUOTED;
  for (let i = open + 1; i < stop; i++) {
    const byte = block[i];
    if (byte === terminator) bounds.innerLines++;
    if (byte !== quote) continue;
    if (block[i + 1] === quote) {
      form = ESCAPED;
      i++;
      continue;
    }
    bounds.starts[bounds.count] = open + 1;
    bounds.ends[bounds.count] = i;
    bounds.forms[bounds.count] = form;
    return i + 1;
  }
  return -1;
}

function widen(bounds: CellBounds): void {
  const length = bounds.starts.length * 2;
  const { starts, ends, forms } = bounds;
  Object.assign(bounds, {
    starts: new Int32Array(length),
    ends: new Int32Array(length),
    forms: new Uint8Array(length),
  });
  bounds.starts.set(starts);
  bounds.ends.set(ends);
  bounds.forms.set(forms);
}

/** The same for delimiters and terminators of several bytes; any quoted cell makes the record irregular. */
export function textBounds({ bounds, format }: Cutting, block: Buffer, at: number): number {
  const { delimiter, terminator } = format;
  const found = block.indexOf(terminator, at);
  const stop = found < 0 ? block.length : textEnd(format, block, found);
  bounds.block = block;
  bounds.count = 0;
  bounds.innerLines = 0;
  for (let start = at; ; start += delimiter.length) {
    if (start < block.length && block[start] === format.quote) return IRREGULAR;
    let end = start;
    while (end < stop && !(block[end] === delimiter[0] && isDelimiter(block, end, delimiter))) end++;
    if (bounds.count >= MAX_RECORD_CELLS) return TOO_WIDE;
    if (bounds.count >= bounds.starts.length) widen(bounds);
    bounds.starts[bounds.count] = start;
    bounds.ends[bounds.count] = end;
    bounds.forms[bounds.count++] = PLAIN;
    if (end >= stop) break;
    start = end;
  }
  return found < 0 ? block.length + 1 : found + terminator.length;
}
