import type { ColumnType } from "../../model/batch.js";
import { InternalError } from "../../model/errors.js";
import type { PackedPart } from "../sql/read/stream.js";
import { type FloatColumn, floatTextRoom, mysqlFloatText } from "./float-column.js";

/** Batches are closed at about this many bytes: few enough to keep memory low, enough for a statement of their own. */
const BATCH_BYTES = 768 * 1024;
/** Many tiny rows make a batch as well: lengths and escapes cost memory too. */
const BATCH_CELLS = 400_000;

/** Collects rows of the text protocol; cells are copied from the packet into the batch, and no value is made of them. */
export interface RowPacker {
  /** Adds the row between `from` and `to`. @returns true when the batch is full */
  add(buffer: Buffer, from: number, to: number): boolean;
  /** The rows so far; null when there are none. */
  take(): PackedPart | null;
}

/** What the packer must know of the result set. */
export interface ColumnLayout {
  /** Types of the visible columns, which come first; cells behind them are for the key only. */
  readonly types: readonly ColumnType[];
  /** Positions of the key columns in the result set. */
  readonly key: readonly number[];
  /** FLOAT columns among the visible ones, by position, that are selected as doubles; absent = none. */
  readonly floats?: ReadonlyMap<number, FloatColumn>;
  /** Dates whose day is `0000-00-00` are nulls (Connector/J's `zeroDateTimeBehavior=convertToNull`). */
  readonly nullsZeroDates?: boolean;
}

/** What the batch holds instead of a cell as the server sent it; null = a null. */
type Rewrite = (cell: Buffer) => Buffer | null;

/** From this length on a native copy beats the loop; its call costs as much as some hundred bytes. */
const LONG_CELL = 256;

const boolTexts = [Buffer.from("false"), Buffer.from("true")] as const;

interface Pack {
  /** Visible columns. */
  readonly width: number;
  /** One entry per visible column; null = the cell as it is. */
  readonly rewrites: readonly (Rewrite | null)[];
  /** Bytes that a row may gain by its rewritten cells. */
  readonly growth: number;
  data: Buffer;
  /** `data` for copying several bytes at once. */
  target: DataView;
  lengths: Int32Array;
  /** The buffer of the last packet, and the same for copying. */
  sourceOf: Buffer | null;
  source: DataView;
  /** Bytes and cells used so far. */
  at: number;
  cells: number;
  last: { buffer: Buffer; from: number; to: number } | null;
}

/** Makes an empty packer. */
export function rowPacker(layout: ColumnLayout): RowPacker {
  const { key } = layout;
  const width = layout.types.length;
  const rewrites = rewritesOf(layout);
  const copy = rewrites.some((rewrite) => rewrite !== null) ? copyRewritten : copyCells;
  let growth = width * 5;
  for (const column of layout.floats?.values() ?? []) growth += floatTextRoom(column);
  const emptied = (cells: number) => emptyPack({ width, rewrites, growth }, cells);
  let pack = emptied(1 << 14);
  return {
    add(buffer, from, to) {
      reserve(pack, to - from);
      pack.last = { buffer, from, to };
      pack.at = copy(pack, buffer, from);
      pack.cells += width;
      return pack.at >= BATCH_BYTES || pack.cells >= BATCH_CELLS;
    },
    take() {
      const { data, lengths, at, cells, last } = pack;
      if (!last) return null;
      pack = emptied(cells + width);
      return {
        packed: { data: data.subarray(0, at), lengths: lengths.subarray(0, cells) },
        lastKey: keyCells(last, key),
      };
    },
  };
}

/** Bits of one digit are booleans, which travel as text. */
function rewritesOf({ types, floats, nullsZeroDates }: ColumnLayout): (Rewrite | null)[] {
  return types.map((type, at) => {
    const float = floats?.get(at);
    if (float) return (cell) => Buffer.from(mysqlFloatText(cell.toString("latin1"), float), "latin1");
    if (type === "date" && nullsZeroDates) return (cell) => (isZeroDate(cell) ? null : cell);
    return type === "bool" ? (cell) => boolTexts[cell[0] === 1 || cell[0] === 0x31 ? 1 : 0] : null;
  });
}

const zeroDay = Buffer.from("0000-00-00");

function isZeroDate(cell: Buffer): boolean {
  return cell.length >= zeroDay.length && cell.compare(zeroDay, 0, zeroDay.length, 0, zeroDay.length) === 0;
}

function emptyPack({ width, rewrites, growth }: Pick<Pack, "width" | "rewrites" | "growth">, cells: number): Pack {
  const data = Buffer.allocUnsafeSlow(BATCH_BYTES + BATCH_BYTES / 4);
  const target = viewOf(data);
  const lengths = new Int32Array(cells);
  // Written out: on an object made by a spread the hot loop took 1.4 times as long.
  const last: Pack["last"] = null;
  return { width, rewrites, growth, data, target, lengths, sourceOf: null, source: target, at: 0, cells: 0, last };
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** The hot loop: about 140 bytes in ten cells, two million times a second. */
function copyCells(pack: Pack, buffer: Buffer, from: number): number {
  const { data, lengths, target } = pack;
  if (pack.sourceOf !== buffer) {
    pack.sourceOf = buffer;
    pack.source = viewOf(buffer);
  }
  const { source } = pack;
  const safeEnd = buffer.length - 3;
  let read = from;
  let write = pack.at;
  for (let i = pack.cells, end = i + pack.width; i < end; i++) {
    let length = buffer[read++] ?? 0;
    if (length > 250) {
      const long = lengthAt(buffer, read - 1);
      length = long.length;
      read = long.next;
    }
    lengths[i] = length;
    const stop = read + length;
    if (length > LONG_CELL || stop > safeEnd) {
      if (length > 0) data.set(buffer.subarray(read, stop), write);
    } else {
      // Four bytes a step: it may write up to three too many, which the next cell overwrites.
      for (let at = read, to = write; at < stop; at += 4, to += 4) target.setInt32(to, source.getInt32(at));
    }
    if (length > 0) {
      write += length;
      read = stop;
    }
  }
  return write;
}

/** The same with cells that are written anew. */
function copyRewritten(pack: Pack, buffer: Buffer, from: number): number {
  let read = from;
  let write = pack.at;
  for (const [i, rewrite] of pack.rewrites.entries()) {
    const { length, next } = lengthAt(buffer, read);
    const cell = length < 0 ? null : buffer.subarray(next, next + length);
    const bytes = cell && rewrite ? rewrite(cell) : cell;
    pack.lengths[pack.cells + i] = bytes ? bytes.length : -1;
    if (bytes) pack.data.set(bytes, write);
    write += bytes?.length ?? 0;
    read = next + Math.max(length, 0);
  }
  return write;
}

function reserve(pack: Pack, bytes: number): void {
  const { width } = pack;
  const needed = pack.at + bytes + pack.growth + 4;
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

function keyCells(row: { buffer: Buffer; from: number; to: number }, key: readonly number[]): (Buffer | null)[] {
  const found: (Buffer | null)[] = [];
  let read = row.from;
  for (let i = 0; read < row.to && i <= Math.max(...key); i++) {
    const { length, next } = lengthAt(row.buffer, read);
    found.push(length < 0 ? null : Buffer.from(row.buffer.subarray(next, next + length)));
    read = next + Math.max(length, 0);
  }
  return key.map((position) => found[position] ?? null);
}

/** A length-encoded integer of the protocol; -1 for NULL. */
function lengthAt(buffer: Buffer, at: number): { length: number; next: number } {
  const first = buffer[at] ?? 0;
  if (first < 251) return { length: first, next: at + 1 };
  switch (first) {
    case 251:
      return { length: -1, next: at + 1 };
    case 252:
      return { length: buffer.readUInt16LE(at + 1), next: at + 3 };
    case 253:
      return { length: buffer.readUIntLE(at + 1, 3), next: at + 4 };
    case 254:
      return { length: Number(buffer.readBigUInt64LE(at + 1)), next: at + 9 };
    default:
      throw new InternalError("INTERNAL", `a row packet holds a cell length that starts with ${first}`);
  }
}
