import type { NativeRows } from "../../model/batch.js";
import type { NativePart } from "../sql/read/stream.js";
import { type CopiedLines, type CopyTexts, joinLines, unescaped, unpackLines } from "./copy-lines.js";

/** Batches are closed at about this many bytes, or cells: their lengths will cost memory too. */
const BATCH_BYTES = 768 * 1024;
const BATCH_CELLS = 400_000;

/** The form in which rows of COPY go from one server to another: its text format, in the session's settings of this connector. */
export const copyForm = "postgresql copy";

/** A column of the key: its position in the row, and whether it holds bytes, which are told as such. */
export interface KeyCell {
  readonly at: number;
  readonly isBytes: boolean;
}

/** What the packer must know of the rows. */
export interface CopyLayout extends CopyTexts {
  /** The key columns by their positions in the row. */
  readonly key: readonly KeyCell[];
  /** The rows have no cells behind the visible ones, and all are what the table's columns hold: others may take them as they are. */
  readonly isPlain: boolean;
}

/** Collects rows of `COPY … TO STDOUT` in its text format, as they came; they are taken apart only when somebody wants their cells. */
export interface CopyPacker {
  /** Adds the row between `from` and `to`, with its newline. @returns true when the batch is full */
  add(buffer: Buffer, from: number, to: number): boolean;
  /** The rows so far, with the cells of the key columns in the last one: texts as the server wrote them, and bytes; null = no rows. */
  take(): NativePart | null;
}

interface Pack {
  readonly pieces: { readonly buffer: Buffer; readonly firstRow: number }[];
  places: Int32Array;
  bytes: number;
  rows: number;
}

const tab = 0x09;
const backslash = 0x5c;

/** Makes an empty packer. */
export function copyPacker(layout: CopyLayout): CopyPacker {
  const mostRows = Math.max(1, Math.floor(BATCH_CELLS / Math.max(1, layout.texts.length)));
  let pack = emptyPack(1 << 12);
  return {
    add(buffer, from, to) {
      append(pack, buffer, { from, to });
      return pack.bytes >= BATCH_BYTES || pack.rows >= mostRows;
    },
    take() {
      const { pieces, places, bytes, rows } = pack;
      if (rows === 0) return null;
      pack = emptyPack(rows + 1);
      const lines: CopiedLines = { pieces, places: places.subarray(0, rows * 2), bytes };
      const native: NativeRows = {
        ...{ form: layout.isPlain ? copyForm : null, count: rows, bytes },
        copyInto: (target, at) => joinLines(lines, target, at),
        unpack: () => unpackLines(lines, layout),
      };
      const last = pieces.at(-1)?.buffer.subarray(places[rows * 2 - 2], (places[rows * 2 - 1] ?? 1) - 1);
      return { native, lastKey: keyCells(last ?? Buffer.alloc(0), layout.key) };
    },
  };
}

function emptyPack(rows: number): Pack {
  return { pieces: [], places: new Int32Array(rows * 2), bytes: 0, rows: 0 };
}

/** Nothing is copied: what the server sent stays where it is until the rows go on. */
function append(pack: Pack, buffer: Buffer, { from, to }: { readonly from: number; readonly to: number }): void {
  if (pack.rows * 2 === pack.places.length) {
    const larger = new Int32Array(pack.places.length * 2);
    larger.set(pack.places);
    pack.places = larger;
  }
  if (pack.pieces.at(-1)?.buffer !== buffer) pack.pieces.push({ buffer, firstRow: pack.rows });
  pack.places[pack.rows * 2] = from;
  pack.places[pack.rows * 2 + 1] = to;
  pack.bytes += to - from;
  pack.rows++;
}

/** Of a row without its newline. */
function keyCells(row: Buffer, key: readonly KeyCell[]): (Buffer | null)[] {
  if (key.length === 0) return [];
  const cells: Buffer[] = [];
  for (let start = 0; start <= row.length; ) {
    const next = row.indexOf(tab, start);
    const end = next < 0 ? row.length : next;
    cells.push(row.subarray(start, end));
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
