import TableStore, { type BatchWriteRowParams, type CellValue } from "tablestore";
import type { Cell, Column, DataRecord, DirtyReason, DirtyRecord } from "../../model/batch.js";
import { type ConvertOptions, convertCell } from "../../model/convert.js";
import { internalType, type TargetColumn } from "./write-columns.js";

/** What happens to a row that is there already: replaced, or changed where the record has columns. */
export type WriteMode = "PutRow" | "UpdateRow";

/** A row of BatchWriteRow. */
export type SdkRow = BatchWriteRowParams["tables"][number]["rows"][number];

/** One record on its way. */
export interface RowChange {
  readonly record: DataRecord;
  readonly row: SdkRow;
  /** Equal for two records of the same key, and only for these. */
  readonly identity: string;
  /** The key for people. */
  readonly shownKey: string;
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

const anyRow = new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null);

/** Makes row changes of records, or dirty records of those that cannot be written. */
export type ChangeMaker = (record: DataRecord) => RowChange | DirtyRecord;

/** Makes the maker; `source` are the reader's columns, which feed keys and columns by position. */
export function changeMaker(
  target: { keys: readonly TargetColumn[]; columns: readonly TargetColumn[]; mode: WriteMode },
  source: readonly Column[],
  options: ConvertOptions,
): ChangeMaker {
  const plan = [...target.keys, ...target.columns].map((column, place) => ({
    column,
    from: source[place]?.type ?? "string",
    to: internalType(column),
    isKey: place < target.keys.length,
  }));
  return (record) => {
    const values: (CellValue | null)[] = [];
    const keyCells: Cell[] = [];
    let bytes = ROW_OVERHEAD;
    for (const [place, { column, from, to, isKey }] of plan.entries()) {
      const converted = convertCell(record[place] ?? null, from, to, options);
      const found = converted.ok ? sdkValue(converted.cell, { column, isKey }) : converted;
      if ("reason" in found) return dirty(record, target.keys, { ...found, column: column.name });
      values.push(found.value);
      if (isKey && converted.ok) keyCells.push(converted.cell);
      bytes += CELL_OVERHEAD + column.name.length + found.bytes;
    }
    if (bytes > MAX_ROW) {
      return dirty(record, target.keys, {
        reason: "TOO_LARGE",
        message: `the row has ${bytes} bytes, 4 MB are the limit`,
      });
    }
    const row = sdkRow(target, values);
    return { record, row, bytes, identity: identityOf(keyCells, target.keys), shownKey: shownKey(record, target.keys) };
  };
}

/** True for the dirty half of what a {@link ChangeMaker} answers. */
export function isDirty(made: RowChange | DirtyRecord): made is DirtyRecord {
  return "side" in made;
}

/** A dirty record of this writer. */
export function dirty(
  record: DataRecord,
  keys: readonly TargetColumn[],
  why: { reason: DirtyReason; message: string; column?: string },
): DirtyRecord {
  const { reason, message, column } = why;
  const key = shownKey(record, keys);
  return { side: "writer", reason, message, ...(column === undefined ? {} : { column }), key, cells: record };
}

type Found = { value: CellValue | null; bytes: number } | { reason: DirtyReason; message: string };

function sdkValue(cell: Cell, { column, isKey }: { column: TargetColumn; isKey: boolean }): Found {
  if (cell === null) {
    if (isKey) return { reason: "NOT_NULL", message: "a key column cannot be null" };
    return { value: null, bytes: 0 };
  }
  if (typeof cell !== "string") return sized(cell, cell.length, isKey);
  switch (column.type) {
    case "INT":
      return { value: TableStore.Long.fromString(cell), bytes: 8 };
    case "DOUBLE":
      return double(cell);
    case "BOOL":
      return bool(cell);
    default:
      return sized(cell, Buffer.byteLength(cell), isKey);
  }
}

function sized(value: string | Buffer, bytes: number, isKey: boolean): Found {
  const limit = isKey ? MAX_KEY_VALUE : MAX_VALUE;
  if (bytes > limit) return { reason: "TOO_LARGE", message: `the value has ${bytes} bytes, ${limit} are the limit` };
  return { value, bytes };
}

function double(text: string): Found {
  const value = Number(text);
  if (Number.isNaN(value) && text !== "NaN") return { reason: "CONVERSION", message: `"${text}" is not a number` };
  if (!Number.isFinite(value) && /\d/.test(text)) {
    return { reason: "OVERFLOW", message: `"${text}" is out of the range of DOUBLE` };
  }
  return { value, bytes: 8 };
}

function bool(text: string): Found {
  if (text !== "true" && text !== "false") return { reason: "CONVERSION", message: `"${text}" is not true or false` };
  return { value: text === "true", bytes: 1 };
}

function sdkRow(
  { keys, columns, mode }: { keys: readonly TargetColumn[]; columns: readonly TargetColumn[]; mode: WriteMode },
  values: readonly (CellValue | null)[],
): SdkRow {
  const primaryKey = keys.map(({ name }, place) => ({ [name]: values[place] ?? null }));
  const put: { [name: string]: CellValue }[] = [];
  const gone: string[] = [];
  for (const [index, { name }] of columns.entries()) {
    const value = values[keys.length + index] ?? null;
    if (value === null) gone.push(name);
    else put.push(name === "timestamp" ? timestampColumn(value, mode) : { [name]: value });
  }
  // The types reserve the name `timestamp` for the cell's version, see timestampColumn.
  if (mode === "PutRow") return { type: "PUT", condition: anyRow, primaryKey, attributeColumns: put } as SdkRow;
  const attributeColumns = [
    ...(put.length > 0 ? [{ PUT: put }] : []),
    ...(gone.length > 0 ? [{ DELETE_ALL: gone }] : []),
  ];
  return { type: "UPDATE", condition: anyRow, primaryKey, attributeColumns } as SdkRow;
}

/** In which of its looks at a column the encoder of tablestore 5.6.5 wants the value; in the others, the cell's version. */
const looks = { PutRow: [false, true, true, false], UpdateRow: [true, false, true] } as const;

/**
 * A column named `timestamp`. The SDK takes a member of this name for the version of the cell, so it is shown
 * only when the encoder asks for the value.
 */
function timestampColumn(value: CellValue, mode: WriteMode): { [name: string]: CellValue } {
  let look = 0;
  return {
    get timestamp() {
      const isValue = looks[mode][look++ % looks[mode].length];
      return (isValue ? value : undefined) as CellValue; // undefined is how the SDK sees that there is no version
    },
  };
}

function identityOf(cells: readonly Cell[], keys: readonly TargetColumn[]): string {
  const texts = cells.map((cell, place) => keyText(cell, keys[place]));
  return texts.length === 1 ? (texts[0] ?? "") : JSON.stringify(texts);
}

/** Equal integers may be written with zeros in front. */
function keyText(cell: Cell, key: TargetColumn | undefined): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return cell.toString("latin1");
  return key?.type === "INT" && !/^-?[1-9]\d*$/.test(cell) ? String(BigInt(cell)) : cell;
}

function shownKey(record: DataRecord, keys: readonly TargetColumn[]): string {
  return keys.map(({ name }, place) => `${name}=${shown(record[place] ?? null)}`).join(", ");
}

function shown(cell: Cell): string {
  return typeof cell === "string" ? cell : (cell?.toString("base64") ?? "null");
}
