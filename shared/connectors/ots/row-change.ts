import type { Cell, Column, ColumnType, DataRecord, DirtyReason, DirtyRecord } from "../../model/batch.js";
import { clockShift } from "../../model/clock.js";
import { type ConvertOptions, convertCell } from "../../model/convert.js";
import { internalType, type OtsTargetColumn } from "./write-columns.js";

/** One record on its way. The SDK's objects are made of it late, since batches of them are costly to keep. */
export interface RowChange {
  readonly record: DataRecord;
  /** Converted to the target's types, keys first. */
  readonly cells: readonly Cell[];
  /** Equal for two records of the same key, and only for these. */
  readonly identity: string;
  /** Upper bound of the row's size on the wire. */
  readonly bytes: number;
}

/** Limits of the service (Tablestore documentation, "Limits"), in bytes. */
const MAX_KEY_VALUE = 1024;
const MAX_VALUE = 2 * 1024 * 1024;
const MAX_ROW = 4 * 1024 * 1024;
/** Tags, lengths and checksums around a name and a value, and around a row. */
const CELL_OVERHEAD = 24;
const ROW_OVERHEAD = 64;

/** Makes row changes of records, or dirty records of those that cannot be written. */
export type ChangeMaker = (record: DataRecord) => RowChange | DirtyRecord;

/**
 * Makes the maker; `source` are the reader's columns, which feed keys and columns by position.
 *
 * @param clock  zone of the clock that dates show, unless their column names another; null = the conversions' default
 */
export function changeMaker(
  target: { readonly keys: readonly OtsTargetColumn[]; readonly columns: readonly OtsTargetColumn[] },
  source: readonly Column[],
  clock: string | null,
): ChangeMaker {
  const { keys } = target;
  const plan = [...keys, ...target.columns].map((column, place) => ({
    column,
    from: source[place]?.type ?? "string",
    conversion: { to: internalType(column), options: optionsFor(source[place], clock) },
    displayed: displayedBy(source[place], internalType(column), clock),
    isKey: place < keys.length,
  }));
  return (record) => {
    const cells: Cell[] = [];
    let bytes = ROW_OVERHEAD;
    for (const { column, from, conversion, displayed: show, isKey } of plan) {
      const converted = convertCell(show(record[cells.length] ?? null), from, conversion);
      if (!converted.ok) return dirty(record, keys, { ...converted, column: column.name });
      const size = sizeOf(converted.cell, column, { isKey });
      if (typeof size !== "number") return dirty(record, keys, { ...size, column: column.name });
      cells.push(converted.cell);
      bytes += CELL_OVERHEAD + column.name.length + size;
    }
    if (bytes <= MAX_ROW) return { record, cells, bytes, identity: identityOf(cells, keys) };
    const message = `the row has ${bytes} bytes, 4 MB are the limit`;
    return dirty(record, keys, { reason: "TOO_LARGE", message });
  };
}

function optionsFor(from: Column | undefined, clock: string | null): ConvertOptions {
  const timeZone = from?.clock ?? clock;
  return timeZone === null ? {} : { timeZone };
}

/** Text shows the clock of the reader's zone; a moment is counted by the clock that its column has. */
function displayedBy(from: Column | undefined, to: ColumnType, clock: string | null): (cell: Cell) => Cell {
  if (from?.clock === undefined || to === "long" || clock === null) return (cell) => cell;
  const shift = clockShift(from.clock, clock);
  return (cell) => (typeof cell === "string" ? (shift(cell) ?? cell) : cell);
}

/** True for the dirty half of what a {@link ChangeMaker} answers. */
export function isDirty(made: RowChange | DirtyRecord): made is DirtyRecord {
  return "side" in made;
}

/** A dirty record of this writer. */
export function dirty(
  record: DataRecord,
  keys: readonly OtsTargetColumn[],
  why: { reason: DirtyReason; message: string; column?: string },
): DirtyRecord {
  const { reason, message, column } = why;
  const key = keys.map(({ name }, place) => `${name}=${displayText(record[place] ?? null)}`).join(", ");
  return { side: "writer", reason, message, ...(column === undefined ? {} : { column }), key, cells: record };
}

type Problem = { reason: DirtyReason; message: string };

/** Bytes of a value, or why the service would not take it. */
function sizeOf(cell: Cell, { type }: OtsTargetColumn, { isKey }: { isKey: boolean }): number | Problem {
  if (cell === null) return isKey ? { reason: "NOT_NULL", message: "a key column cannot be null" } : 0;
  if (typeof cell !== "string") return within(cell.length, { isKey });
  switch (type) {
    case "INT":
      return 8;
    case "DOUBLE":
      return sizeOfDouble(cell);
    case "BOOL":
      return cell === "true" || cell === "false" ? 1 : unfit(cell, "true or false");
    default:
      return within(Buffer.byteLength(cell), { isKey });
  }
}

function within(bytes: number, { isKey }: { isKey: boolean }): number | Problem {
  const limit = isKey ? MAX_KEY_VALUE : MAX_VALUE;
  if (bytes <= limit) return bytes;
  return { reason: "TOO_LARGE", message: `the value has ${bytes} bytes, ${limit} are the limit` };
}

function sizeOfDouble(text: string): number | Problem {
  const value = Number(text);
  if (Number.isFinite(value)) return 8;
  if (Number.isNaN(value)) return text === "NaN" ? 8 : unfit(text, "a number");
  if (!/\d/.test(text)) return 8;
  return { reason: "OVERFLOW", message: `"${text}" is out of the range of DOUBLE` };
}

function unfit(text: string, expected: string): Problem {
  return { reason: "CONVERSION", message: `"${text}" is not ${expected}` };
}

function identityOf(cells: readonly Cell[], keys: readonly OtsTargetColumn[]): string {
  const texts = keys.map((key, place) => keyText(cells[place] ?? null, key));
  return texts.length === 1 ? (texts[0] ?? "") : JSON.stringify(texts);
}

/** Equal integers may be written with zeros in front. */
function keyText(cell: Cell, { type }: OtsTargetColumn): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return cell.toString("latin1");
  return type === "INT" && !/^-?[1-9]\d*$/.test(cell) ? String(BigInt(cell)) : cell;
}

function displayText(cell: Cell): string {
  return typeof cell === "string" ? cell : (cell?.toString("base64") ?? "null");
}
