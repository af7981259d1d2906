import type { Json } from "./json.js";

/**
 * One field in canonical text, lossless: bigints, decimals and microseconds never pass through a JS number or Date.
 * Bytes stay bytes. Dates are `yyyy-MM-dd HH:mm:ss[.fraction]`, `yyyy-MM-dd` or `HH:mm:ss[.fraction]`;
 * booleans `true` and `false`; numbers as the source printed them.
 */
export type Cell = string | Buffer | null;

/** The field's six internal types (script-mode reference, type system). */
export type ColumnType = "long" | "double" | "string" | "date" | "bool" | "bytes";

/** A typed field of a record; `nativeType` is the system's own name for the type, for people to read. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nativeType?: string;
  /** Zone of the clock that dates of this column show, where it is not the side's own: moments of an hour that comes twice there. */
  readonly clock?: string;
  /** Values are moments, whatever clock shows them: a TIMESTAMP, milliseconds since 1970. */
  readonly isMoment?: true;
}

/** One record: cells in column order. */
export type DataRecord = readonly Cell[];

/** Why a record is dirty. A closed list, so that reports can be grouped. */
export type DirtyReason =
  | "CONVERSION"
  | "OVERFLOW"
  | "MISSING_COLUMN"
  | "MALFORMED_LINE"
  | "DUPLICATE_KEY"
  | "NOT_NULL"
  | "TOO_LONG"
  | "OUT_OF_RANGE"
  | "CONSTRAINT"
  | "TOO_LARGE"
  | "REFUSED";

/** A record that could not be converted or written: counted and kept, never thrown. */
export interface DirtyRecord {
  readonly side: "reader" | "writer";
  readonly reason: DirtyReason;
  readonly message: string;
  /** Name of the column at fault, where one is known. */
  readonly column?: string;
  /** Where the record stands in the source: key value, or `object:line`. */
  readonly key?: string;
  readonly cells: DataRecord;
}

/**
 * Cells of one batch end to end in one buffer, as a database sent them: the copy path that never makes a string.
 * `lengths` has one entry per cell, row by row: its bytes, or -1 for null.
 */
export interface PackedRows {
  readonly data: Buffer;
  readonly lengths: Int32Array;
}

/**
 * Rows as their system sent them, which another of its kind may take as they are. `form` names how; null = nobody should. Whoever
 * does not know the form wants the cells.
 */
export interface NativeRows {
  readonly form: string | null;
  readonly count: number;
  /** Of all rows together. */
  readonly bytes: number;
  /** Writes the rows one behind the other into a buffer that has room for them and {@link NATIVE_SLACK} bytes more. */
  copyInto(target: Buffer, at: number): void;
  unpack(): PackedRows;
}

/** Bytes behind its own that a copy of native rows may write as well. */
export const NATIVE_SLACK = 4;

/** Records that travel together. */
export interface Batch {
  /** One array per split, shared by its batches. */
  readonly columns: readonly Column[];
  /** Number of good records in this batch. */
  readonly count: number;
  /** The records. For a packed batch they are decoded at the first access, so a writer that can use `packed` should. */
  readonly rows: readonly DataRecord[];
  /** The same records undecoded, when the reader has them so. Text is UTF-8. Of native ones made at the first access. */
  readonly packed?: PackedRows;
  /** The same records as they came, until somebody has asked for their cells. */
  readonly native?: NativeRows | undefined;
  /** Payload size as throttling counts it: the cells' bytes, of native records their text without what separates cells. */
  readonly bytes: number;
  /** Safe to resume from once this batch is written; null = not resumable here. */
  readonly checkpoint: Json;
  /** Records that the reader could not convert; they are not in `rows`. */
  readonly dirty: readonly DirtyRecord[];
}

/** What a reader has at hand when it closes a batch; see {@link Batch}. */
export type BatchOrigin = Pick<Batch, "columns" | "checkpoint" | "dirty">;

/** Makes a batch of decoded records. `bytes` is measured here unless the reader already counted it. */
export function batchOf(rows: readonly DataRecord[], origin: BatchOrigin, bytes = payloadBytes(rows)): Batch {
  return { ...originOf(origin), rows, count: rows.length, bytes };
}

/** Whole batches are origins too, whose records are none of the new one's. */
function originOf({ columns, checkpoint, dirty }: BatchOrigin): BatchOrigin {
  return { columns, checkpoint, dirty };
}

/** Makes a batch that decodes its records only when somebody asks for `rows`. */
export function packedBatch(packed: PackedRows, origin: BatchOrigin): Batch {
  const width = origin.columns.length;
  let rows: readonly DataRecord[] | undefined;
  return {
    ...originOf(origin),
    packed,
    count: width === 0 ? 0 : packed.lengths.length / width,
    bytes: packed.data.length,
    get rows() {
      rows ??= unpack(packed, origin.columns);
      return rows;
    },
  };
}

/** Makes a batch of rows as they came, which are taken apart only when somebody asks for their cells; then they are of no use any more. */
export function nativeBatch(native: NativeRows, origin: BatchOrigin): Batch {
  const { count, bytes } = native;
  let state: { readonly native: NativeRows } | { readonly packed: PackedRows; readonly batch: Batch } = { native };
  const cells = () => {
    if ("packed" in state) return state;
    const packed = state.native.unpack();
    const found = { packed, batch: packedBatch(packed, origin) };
    state = found;
    return found;
  };
  return {
    ...originOf(origin),
    count,
    bytes: bytes - count * origin.columns.length,
    get native() {
      return "native" in state ? state.native : undefined;
    },
    get packed() {
      return cells().packed;
    },
    get rows() {
      return cells().batch.rows;
    },
  };
}

function unpack({ data, lengths }: PackedRows, columns: readonly Column[]): DataRecord[] {
  const rows: DataRecord[] = [];
  let at = 0;
  for (let i = 0; i < lengths.length; ) {
    const row: Cell[] = [];
    for (const column of columns) {
      const length = lengths[i++] ?? -1;
      if (length < 0) row.push(null);
      else row.push(column.type === "bytes" ? data.subarray(at, at + length) : data.toString("utf8", at, at + length));
      if (length > 0) at += length;
    }
    rows.push(row);
  }
  return rows;
}

/** What an object, an array or a short string takes beyond the bytes that it holds. */
const OVERHEAD_BYTES = 32;

/**
 * About the memory that a batch takes: more than its payload where cells are small, and dirty records are no payload at
 * all. Limits on what is held go by this.
 */
export function heldBytes(batch: Batch): number {
  const { bytes, count, columns, dirty } = batch;
  const held = batch.native
    ? batch.native.bytes + count * OVERHEAD_BYTES
    : bytes + (batch.packed ? batch.packed.lengths.byteLength : count * (columns.length + 1) * OVERHEAD_BYTES);
  return dirty.reduce((sum, record) => sum + dirtyBytes(record), held);
}

function dirtyBytes({ cells, message, key = "" }: DirtyRecord): number {
  return payloadBytes([cells]) + message.length + key.length + (cells.length + 6) * OVERHEAD_BYTES;
}

/** Bytes of the cells as throttling and reports count them: UTF-16 length for text (close enough, and free), bytes for bytes. */
export function payloadBytes(rows: readonly DataRecord[]): number {
  let bytes = 0;
  for (const row of rows) for (const cell of row) bytes += cell === null ? 0 : cell.length;
  return bytes;
}
