import type { NativeRows } from "../../model/batch.js";
import { InternalError } from "../../model/errors.js";
import type { NativePart } from "../sql/read/stream.js";
import { type CopiedLines, type CopyTexts, unescaped, unpackLines } from "./copy-lines.js";

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
  data: Buffer;
  /** `data` and the last message, for copying several bytes at once. */
  target: DataView;
  sourceOf: Buffer | null;
  source: DataView;
  ends: Int32Array;
  at: number;
  rows: number;
}

const tab = 0x09;
const newline = 0x0a;
const backslash = 0x5c;
/** From this length on a native copy beats the loop. */
const LONG_ROW = 512;

/** Makes an empty packer. */
export function copyPacker(layout: CopyLayout): CopyPacker {
  const mostRows = Math.max(1, Math.floor(BATCH_CELLS / Math.max(1, layout.texts.length)));
  let pack = emptyPack(1 << 12);
  return {
    add(buffer, from, to) {
      append(pack, buffer, { from, to });
      return pack.at >= BATCH_BYTES || pack.rows >= mostRows;
    },
    take() {
      const { data, ends, at, rows } = pack;
      if (rows === 0) return null;
      pack = emptyPack(rows + 1);
      const lines = { data: data.subarray(0, at), ends: ends.subarray(0, rows) };
      const last = data.subarray(rows > 1 ? ends[rows - 2] : 0, at - 1);
      return { native: nativeRows(lines, layout, data), lastKey: keyCells(last, layout.key) };
    },
  };
}

function nativeRows(lines: CopiedLines, layout: CopyLayout, memory: Buffer): NativeRows {
  let isReleased = false;
  return {
    ...{ form: layout.isPlain ? copyForm : null, data: lines.data, count: lines.ends.length },
    unpack() {
      if (isReleased) throw new InternalError("INTERNAL", "rows were asked for after their memory had been given back");
      return unpackLines(lines, layout);
    },
    release() {
      if (!isReleased) giveBack(memory);
      isReleased = true;
    },
  };
}

const DATA_BYTES = BATCH_BYTES + BATCH_BYTES / 8;
/** As many as a pipe and two chunks hold. */
const MOST_KEPT = 20;

/** Memory of rows that have been written; memory made anew for each batch makes the garbage collector look through the heap each 64 MiB. */
const kept: Buffer[] = [];

function giveBack(data: Buffer): void {
  if (data.length === DATA_BYTES && kept.length < MOST_KEPT) kept.push(data);
}

function emptyPack(rows: number): Pack {
  const data = kept.pop() ?? Buffer.allocUnsafeSlow(DATA_BYTES);
  const target = viewOf(data);
  return { data, target, sourceOf: null, source: target, ends: new Int32Array(rows), at: 0, rows: 0 };
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** The hot loop, a row at a time. */
function append(pack: Pack, buffer: Buffer, { from, to }: { readonly from: number; readonly to: number }): void {
  reserve(pack, to - from + 1);
  if (pack.sourceOf !== buffer) {
    pack.sourceOf = buffer;
    pack.source = viewOf(buffer);
  }
  const { source, target } = pack;
  const length = to - from;
  if (length > LONG_ROW || from + length > buffer.length - 4) pack.data.set(buffer.subarray(from, to), pack.at);
  // Four bytes a step: it may write up to three too many, which the next row overwrites.
  else
    for (let read = from, write = pack.at; read < to; read += 4, write += 4)
      target.setInt32(write, source.getInt32(read));
  pack.at += length;
  if (buffer[to - 1] !== newline) pack.data[pack.at++] = newline;
  pack.ends[pack.rows++] = pack.at;
}

function reserve(pack: Pack, bytes: number): void {
  const needed = pack.at + bytes + 4;
  if (needed > pack.data.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(pack.data.length * 1.5)));
    pack.data.copy(larger, 0, 0, pack.at);
    pack.data = larger;
    pack.target = viewOf(larger);
  }
  if (pack.rows === pack.ends.length) {
    const larger = new Int32Array(pack.ends.length * 2);
    larger.set(pack.ends);
    pack.ends = larger;
  }
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
