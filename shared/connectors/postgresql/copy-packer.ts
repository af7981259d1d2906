import type { PackedRows } from "../../model/batch.js";
import { toUtc, withoutOffset } from "./moment-text.js";

/** Batches are closed at about this many bytes, or cells: lengths cost memory too. */
const BATCH_BYTES = 768 * 1024;
const BATCH_CELLS = 400_000;

/** How the server's text of a column becomes the canonical one. `moment`: the offset behind it is taken off. */
export type CellText = "same" | "bool" | "bytes" | "moment";

/** A column of the key: its position in the row, and whether it holds bytes, which are told as such. */
export interface KeyCell {
  readonly at: number;
  readonly isBytes: boolean;
}

/** What the packer must know of the rows. */
export interface CopyLayout {
  /** One entry per visible column, which come first; cells behind them are for the key only. */
  readonly texts: readonly CellText[];
  /** The key columns by their positions in the row. */
  readonly key: readonly KeyCell[];
  /** Moments are shown on the clock of UTC; otherwise on the one that the server's text is on. */
  readonly momentsInUtc: boolean;
}

/** Rows that were packed since the last batch. */
export interface CopiedPart {
  readonly packed: PackedRows;
  /** Cells of the key columns in the last row: texts as the server wrote them, and bytes. */
  readonly lastKey: readonly (Buffer | null)[];
}

/** Collects rows of `COPY … TO STDOUT` in its text format; cells go from the message into the batch, and no value is made of them. */
export interface CopyPacker {
  /** Adds the row between `from` and `to`, with or without its newline. @returns true when the batch is full */
  add(buffer: Buffer, from: number, to: number): boolean;
  /** The rows so far; null when there are none. */
  take(): CopiedPart | null;
}

interface Pack {
  readonly texts: readonly CellText[];
  readonly momentsInUtc: boolean;
  data: Buffer;
  /** `data` and the last message, for copying several bytes at once. */
  target: DataView;
  sourceOf: Buffer | null;
  source: DataView;
  lengths: Int32Array;
  at: number;
  cells: number;
  last: Row | null;
}

/** Where a row stands in a message, without its newline. */
interface Row {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

const tab = 0x09;
const newline = 0x0a;
const backslash = 0x5c;

/** Makes an empty packer. */
export function copyPacker({ texts, key, momentsInUtc }: CopyLayout): CopyPacker {
  const width = texts.length;
  const emptied = (cells: number) => emptyPack({ texts, momentsInUtc }, cells);
  let pack = emptied(1 << 14);
  return {
    add(buffer, from, to) {
      const end = buffer[to - 1] === newline ? to - 1 : to;
      reserve(pack, end - from);
      const row: Row = { buffer, from, to: end };
      pack.last = row;
      unpackRow(pack, row);
      return pack.at >= BATCH_BYTES || pack.cells >= BATCH_CELLS;
    },
    take() {
      const { data, lengths, at, cells, last } = pack;
      if (!last) return null;
      pack = emptied(cells + width);
      const packed = { data: data.subarray(0, at), lengths: lengths.subarray(0, cells) };
      return { packed, lastKey: keyCells(last, key) };
    },
  };
}

function emptyPack({ texts, momentsInUtc }: Pick<Pack, "texts" | "momentsInUtc">, cells: number): Pack {
  const data = Buffer.allocUnsafeSlow(BATCH_BYTES + BATCH_BYTES / 4);
  const target = viewOf(data);
  const last: Pack["last"] = null;
  const lengths = new Int32Array(cells);
  return { texts, momentsInUtc, data, target, sourceOf: null, source: target, lengths, at: 0, cells: 0, last };
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Cells that are written anew may be longer: `t` becomes `true`, and a year may gain a digit. */
const GROWTH = 8;

function reserve(pack: Pack, bytes: number): void {
  const width = pack.texts.length;
  const needed = pack.at + bytes + width * GROWTH + 4;
  if (needed > pack.data.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(pack.data.length * 1.5)));
    pack.data.copy(larger, 0, 0, pack.at);
    pack.data = larger;
    pack.target = viewOf(larger);
  }
  if (pack.cells + width > pack.lengths.length) {
    const larger = new Int32Array(Math.max(pack.cells + width, pack.lengths.length * 2));
    larger.set(pack.lengths);
    pack.lengths = larger;
  }
}

/** The hot loop: four bytes a step, until one of them ends the cell or begins an escape. */
function unpackRow(pack: Pack, { buffer, from, to: end }: Row): void {
  const { data, lengths, target, texts } = pack;
  if (pack.sourceOf !== buffer) {
    pack.sourceOf = buffer;
    pack.source = viewOf(buffer);
  }
  const { source } = pack;
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
function unescaped(letter: number): number {
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

function keyCells(row: Row, key: readonly KeyCell[]): (Buffer | null)[] {
  if (key.length === 0) return [];
  const { buffer, from, to } = row;
  const cells: Buffer[] = [];
  for (let start = from; start <= to; ) {
    const next = buffer.indexOf(tab, start);
    const end = next < 0 || next > to ? to : next;
    cells.push(buffer.subarray(start, end));
    start = end + 1;
  }
  return key.map(({ at, isBytes }) => {
    const text = plainCell(cells[at] ?? Buffer.alloc(0));
    return text && isBytes ? Buffer.from(text.toString("latin1", 2), "hex") : text;
  });
}

function plainCell(cell: Buffer): Buffer | null {
  const plain = Buffer.alloc(cell.length);
  let write = 0;
  for (let read = 0; read < cell.length; read++) {
    const byte = cell[read] ?? 0;
    const letter = cell[read + 1] ?? 0;
    if (byte === backslash && letter === 0x4e) return null;
    plain[write++] = byte === backslash ? unescaped(letter) : byte;
    if (byte === backslash) read++;
  }
  return plain.subarray(0, write);
}
