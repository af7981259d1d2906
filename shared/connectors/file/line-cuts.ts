import type { Cut } from "./csv-cuts.js";

/** How much is read at once in search of a line end. */
const WINDOW_BYTES = 64 * 1024;

/**
 * True when every occurrence of the terminator ends a line, wherever reading begins: no proper prefix of it is also its
 * suffix. In `xaaay` with the terminator `aa` the answer would depend on where one starts to look.
 */
export function cutsAnywhere(terminator: Buffer): boolean {
  for (let i = 1; i < terminator.length; i++) {
    if (terminator.subarray(0, i).equals(terminator.subarray(terminator.length - i))) return false;
  }
  return true;
}

/**
 * Finds line starts near every multiple of `pieceBytes`, for formats in which a line end always ends a record.
 *
 * @param read bytes `[start, end)` of the object
 */
export async function lineCuts(
  read: (start: number, end: number) => Promise<Buffer>,
  { size, terminator, pieceBytes }: { size: number; terminator: Buffer; pieceBytes: number },
): Promise<Cut[]> {
  const cuts: Cut[] = [];
  for (let wanted = pieceBytes; wanted < size; ) {
    const offset = await nextLine(read, { from: wanted - terminator.length, size, terminator });
    if (offset >= size) break;
    cuts.push({ offset, line: null });
    wanted = (Math.floor(offset / pieceBytes) + 1) * pieceBytes;
  }
  return cuts;
}

interface Search {
  readonly from: number;
  readonly size: number;
  readonly terminator: Buffer;
}

async function nextLine(
  read: (start: number, end: number) => Promise<Buffer>,
  { from, size, terminator }: Search,
): Promise<number> {
  let window: Buffer = Buffer.alloc(0);
  for (let start = from; start < size; ) {
    const end = Math.min(size, start + WINDOW_BYTES);
    const overlap = window.subarray(Math.max(0, window.length - terminator.length + 1));
    window = Buffer.concat([overlap, await read(start, end)]);
    const found = window.indexOf(terminator);
    if (found >= 0) return start - overlap.length + found + terminator.length;
    start = end;
  }
  return size;
}
