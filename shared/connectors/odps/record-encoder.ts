import type { Batch, Cell, Column, DataRecord, DirtyRecord, PackedRows } from "../../model/batch.js";
import { asNull, type CellEncoder, type CellRefusal, type EncodeSetting } from "./cells/cell-encoder.js";
import { encoderOf } from "./cells/encoder-of.js";
import { type PartitionKeyReader, partitionKeyReader } from "./cells/key-cells.js";
import type { OdpsTarget } from "./target.js";
import { beginRecord, dropRecord, endRecord, type RecordWriter } from "./wire/record-writer.js";
import { reserve } from "./wire/sink.js";

/** Adds the records of a batch to the streams of their partitions. */
export interface RecordEncoder {
  /**
   * @param writerOf  the stream of a partition, by the values of its keys in order
   * @returns records that cannot be written
   */
  add(batch: Batch, writerOf: (values: readonly string[]) => RecordWriter): DirtyRecord[];
}

/** Room for tag and value of a cell beyond its own bytes. */
const CELL_ROOM = 64;

interface Field {
  /** Place in the reader's record. */
  readonly from: number;
  readonly name: string;
  readonly refusesNull: boolean;
  readonly encode: CellEncoder;
}

interface Plan {
  /** In the order of the table: the stream wants columns ascending. */
  readonly fields: readonly Field[];
  /** Places in the reader's record of the partition's keys, in the table's order. */
  readonly keys: readonly { readonly from: number; readonly name: string; readonly read: PartitionKeyReader }[];
  readonly columns: readonly Column[];
}

/** Makes an encoder. `columns` are the reader's; those of the target beyond them stay NULL. */
export function recordEncoder(target: OdpsTarget, columns: readonly Column[], setting: EncodeSetting): RecordEncoder {
  const plan = planOf(target, columns, setting);
  return {
    add: (batch, writerOf) => addPacked(plan, batch, { packed: batch.packed ?? packOdpsRows(batch.rows), writerOf }),
  };
}

function planOf({ destinations }: OdpsTarget, columns: readonly Column[], setting: EncodeSetting): Plan {
  const fields = destinations.flatMap((one, from) => {
    const source = columns[from];
    if (one.kind !== "column" || !source) return [];
    const { column } = one;
    const encode = encoderOf(source, column, setting);
    return [{ from, name: column.name, number: column.number, refusesNull: !column.nullable, encode }];
  });
  const keys = destinations.flatMap((one, from) => {
    const source = columns[from];
    if (one.kind !== "key" || !source) return [];
    const { key, name, format } = one;
    return [{ from, key, name, read: partitionKeyReader({ name, source, format }, setting) }];
  });
  return {
    fields: fields.sort((a, b) => a.number - b.number),
    keys: keys.sort((a, b) => a.key - b.key),
    columns,
  };
}

interface Work {
  readonly packed: PackedRows;
  readonly writerOf: (values: readonly string[]) => RecordWriter;
}

const noKeys: readonly string[] = [];

function addPacked(plan: Plan, batch: Batch, { packed, writerOf }: Work): DirtyRecord[] {
  const { data, lengths } = packed;
  const width = plan.columns.length;
  const starts = new Int32Array(width);
  const dirty: DirtyRecord[] = [];
  const refuse = (row: number, why: CellRefusal, column?: string) => {
    const cells = batch.rows[row] ?? [];
    dirty.push({ side: "writer", ...why, ...(column !== undefined && { column }), cells });
  };
  const only = plan.keys.length === 0 ? writerOf(noKeys) : null;
  let at = 0;
  for (let row = 0, cell = 0; row < batch.count; row++, cell += width) {
    const from = at;
    for (let i = 0; i < width; i++) {
      starts[i] = at;
      const length = lengths[cell + i] as number; // width cells a row
      if (length > 0) at += length;
    }
    const writer = only ?? keyed(plan, { data, lengths, starts, cell }, writerOf);
    if ("reason" in writer) refuse(row, writer, writer.column);
    else {
      reserve(writer.sink, at - from + width * CELL_ROOM);
      const refused = addRecord(plan.fields, writer, { data, lengths, starts, cell });
      if (refused) refuse(row, refused, refused.column);
    }
  }
  return dirty;
}

interface Row {
  readonly data: Buffer;
  readonly lengths: Int32Array;
  readonly starts: Int32Array;
  /** Place of the row's first cell. */
  readonly cell: number;
}

type PlacedRefusal = CellRefusal & { readonly column: string };

/** The hot loop. @returns why the record is not written; nothing of it is kept then */
function addRecord(
  fields: readonly Field[],
  writer: RecordWriter,
  { data, lengths, starts, cell }: Row,
): PlacedRefusal | null {
  beginRecord(writer);
  const { sink } = writer;
  for (const field of fields) {
    const { from } = field;
    const length = lengths[cell + from] as number; // one per cell
    const start = starts[from] as number; // one per cell of the row
    const outcome = length < 0 ? asNull : field.encode(sink, data, start, start + length);
    if (outcome === undefined) continue;
    if (outcome === asNull && !field.refusesNull) continue;
    dropRecord(writer);
    if (outcome !== asNull) return { ...outcome, column: field.name };
    return { reason: "NOT_NULL", message: `column ${field.name} takes no NULL`, column: field.name };
  }
  endRecord(writer);
  return null;
}

function keyed(
  { keys }: Plan,
  { data, lengths, starts, cell }: Row,
  writerOf: Work["writerOf"],
): RecordWriter | PlacedRefusal {
  const values: string[] = [];
  for (const { from, name, read } of keys) {
    const length = lengths[cell + from] as number; // one per cell
    const start = starts[from] as number; // one per cell of the row
    if (length <= 0) {
      const message = `${name} tells the partition and is ${length < 0 ? "NULL" : "empty"}`;
      return { reason: "NOT_NULL", message, column: name };
    }
    const value = read(data.toString("utf8", start, start + length));
    if (typeof value !== "string") return { ...value, column: name };
    values.push(value);
  }
  return writerOf(values);
}

/** Rows of strings as packed cells. */
export function packOdpsRows(rows: readonly DataRecord[]): PackedRows {
  const width = rows[0]?.length ?? 0;
  const lengths = new Int32Array(rows.length * width);
  let bytes = 0;
  for (const row of rows) for (const cell of row) bytes += sizeOf(cell);
  const data = Buffer.allocUnsafe(bytes);
  let at = 0;
  let i = 0;
  for (const row of rows)
    for (const cell of row) {
      if (cell === null) lengths[i++] = -1;
      else {
        const length = typeof cell === "string" ? data.write(cell, at) : cell.copy(data, at);
        lengths[i++] = length;
        at += length;
      }
    }
  return { data, lengths };
}

function sizeOf(cell: Cell): number {
  if (cell === null) return 0;
  return typeof cell === "string" ? Buffer.byteLength(cell) : cell.length;
}
