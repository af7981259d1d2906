import type { PackedRows } from "../../model/batch.js";
import { toUtc, withoutOffset } from "./moment-text.js";

/** How the server's text of a column becomes the canonical one. `moment`: the offset behind it is taken off. */
export type CellText = "same" | "bool" | "bytes" | "moment";

/** Rows of `COPY … TO STDOUT` in its text format, where they stand in what the server sent. */
export interface CopiedLines {
  /** Pieces that came from the server, and the first row in each. */
  readonly pieces: readonly { readonly buffer: Buffer; readonly firstRow: number }[];
  /** Where each row begins and ends in its piece, its newline included. */
  readonly places: Int32Array;
  /** Bytes of all rows. */
  readonly bytes: number;
}

/** How rows are taken apart. */
export interface CopyTexts {
  /** One entry per visible column, which come first; cells behind them are left out. */
  readonly texts: readonly CellText[];
  /** Moments are shown on the clock of UTC; otherwise on the one that the server's text is on. */
  readonly momentsInUtc: boolean;
}

interface Pack extends CopyTexts {
  readonly data: Buffer;
  /** `data` and the rows, for copying several bytes at once. */
  readonly target: DataView;
  source: DataView;
  readonly lengths: Int32Array;
  at: number;
  cells: number;
}

const tab = 0x09;
const newline = 0x0a;
const backslash = 0x5c;

/** What cells that are written anew may gain: `t` becomes `true`, and a year may gain a digit. */
const growth: Readonly<Record<CellText, number>> = { same: 0, bool: 3, bytes: 0, moment: 4 };

/** Takes rows apart into their cells; no value is made of them. */
export function unpackLines(lines: CopiedLines, { texts, momentsInUtc }: CopyTexts): PackedRows {
  const width = texts.length;
  const rows = lines.places.length / 2;
  const room = texts.reduce((sum, text) => sum + growth[text], 0) * rows + 4;
  const cells = Buffer.allocUnsafeSlow(lines.bytes + room);
  const target = viewOf(cells);
  const lengths = new Int32Array(rows * width);
  // Written out: on an object made by a spread the hot loop took 1.4 times as long.
  const pack: Pack = { texts, momentsInUtc, data: cells, target, source: target, lengths, at: 0, cells: 0 };
  eachLine(lines, (buffer, places, { first, last }) => {
    pack.source = viewOf(buffer);
    for (let row = first; row < last; row++) {
      unpackRow(pack, buffer, { from: places[row * 2] ?? 0, to: (places[row * 2 + 1] ?? 1) - 1 });
    }
  });
  return { data: cells.subarray(0, pack.at), lengths };
}

/** Writes rows one behind the other; up to three bytes more may be written. */
export function joinLines(lines: CopiedLines, target: Buffer, start: number): void {
  const to = viewOf(target);
  let at = start;
  eachLine(lines, (buffer, places, { first, last }) => {
    const from = viewOf(buffer);
    for (let row = first; row < last; row++) {
      const begin = places[row * 2] ?? 0;
      const end = places[row * 2 + 1] ?? 0;
      if (end - begin > LONG_ROW || end > buffer.length - 4) target.set(buffer.subarray(begin, end), at);
      // Four bytes a step: it may write up to three too many, which the next row overwrites.
      else
        for (let read = begin, write = at; read < end; read += 4, write += 4) to.setInt32(write, from.getInt32(read));
      at += end - begin;
    }
  });
}

/** From this length on a native copy beats the loop. */
const LONG_ROW = 512;

type PieceOfLines = (
  buffer: Buffer,
  places: Int32Array,
  rows: { readonly first: number; readonly last: number },
) => void;

function eachLine({ pieces, places }: CopiedLines, take: PieceOfLines): void {
  for (const [at, { buffer, firstRow }] of pieces.entries()) {
    take(buffer, places, { first: firstRow, last: pieces[at + 1]?.firstRow ?? places.length / 2 });
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** The hot loop: four bytes a step, until one of them ends the cell or begins an escape. */
function unpackRow(
  pack: Pack,
  buffer: Buffer,
  { from, to: end }: { readonly from: number; readonly to: number },
): void {
  const { data, lengths, target, source, texts } = pack;
  const width = texts.length;
  let read = from;
  let write = pack.at;
  for (let c = 0, i = pack.cells; c < width; c++, i++) {
    const start = write;
    let isNull = false;
    for (;;) {
      while (read + 4 <= end) {
        const word = source.getInt32(read);
        const tabs = word ^ 0x09090909;
        const slashes = word ^ 0x5c5c5c5c;
        // A byte of zeros lends from the bit above: the bytes without one are four plain ones.
        if ((((tabs - 0x01010101) & ~tabs) | ((slashes - 0x01010101) & ~slashes)) & 0x80808080) break;
        target.setInt32(write, word);
        read += 4;
        write += 4;
      }
      let byte = tab;
      while (read < end) {
        byte = buffer[read++] ?? tab;
        if (byte === tab || byte === backslash) break;
        data[write++] = byte;
      }
      if (byte === backslash) {
        const letter = buffer[read++] ?? 0;
        if (letter === 0x4e) isNull = true;
        else data[write++] = unescaped(letter);
      } else if (byte === tab || read >= end) break;
    }
    if (isNull) {
      lengths[i] = -1;
      write = start;
    } else {
      const text = texts[c] ?? "same";
      if (text !== "same") write = rewritten(pack, text, [start, write]);
      lengths[i] = write - start;
    }
  }
  pack.at = write;
  pack.cells += width;
}

/** What stands behind a backslash (PostgreSQL manual, "COPY", Text Format); of the other letters the server writes none. */
export function unescaped(letter: number): number {
  if (letter === 0x6e) return newline;
  if (letter === 0x74) return tab;
  if (letter === 0x72) return 0x0d;
  if (letter === 0x62) return 0x08;
  if (letter === 0x66) return 0x0c;
  if (letter === 0x76) return 0x0b;
  return letter;
}

/** Up to this length a loop beats the call into native code. */
const SHORT = 64;

/** Makes the canonical text of the cell `[from, to]`, in its place. @returns where it ends now */
function rewritten(
  { data, momentsInUtc }: Pack,
  text: Exclude<CellText, "same">,
  [from, to]: readonly [number, number],
): number {
  if (text === "bool") return from + data.write(data[from] === 0x74 ? "true" : "false", from, "latin1");
  if (text === "bytes") return fromHex(data, from, to);
  return momentsInUtc ? toUtc(data, from, to) : withoutOffset(data, from, to);
}

/** `\x00ff`; bytes take half the room of their digits. */
function fromHex(data: Buffer, from: number, to: number): number {
  if (to - from > SHORT) return from + data.write(data.toString("latin1", from + 2, to), from, "hex");
  let write = from;
  for (let read = from + 2; read < to; read += 2) {
    data[write++] = (digit(data[read] ?? 0) << 4) | digit(data[read + 1] ?? 0);
  }
  return write;
}

function digit(byte: number): number {
  return byte < 0x3a ? byte - 0x30 : (byte | 0x20) - 0x57;
}
