import { isName, type Table } from "./catalog.js";
import { CAPACITY_UNIT_BYTES, limits } from "./limits.js";
import type { WireKeyColumn } from "./messages.js";
import { invalid, OtsError } from "./ots-error.js";
import {
  cellOperation,
  decodePlainRow,
  PlainBufferError,
  type PlainCell,
  type PlainRow,
  type Variant,
  variantType,
} from "./plainbuffer.js";
import { keyKinds } from "./table-options.js";
import { hasContent, kindName } from "./variant.js";

/** Key values beside plain ones that a request may carry: bounds of a range, or a value left to the server. */
export type KeyExtra = "none" | "bounds" | "autoIncrement";

/**
 * Reads a row or key that a client sent.
 *
 * @throws OtsError OTSParameterInvalid
 */
export function parseRow(bytes: Buffer): PlainRow {
  try {
    return decodePlainRow(bytes);
  } catch (cause) {
    if (cause instanceof PlainBufferError) throw invalid(`The row cannot be decoded. ${cause.message}`);
    throw cause;
  }
}

/**
 * Checks a key against its table.
 *
 * @returns its values in the table's order
 * @throws OtsError OTSInvalidPK when number, names or types differ, OTSParameterInvalid when a value is too long
 */
export function checkKey(table: Table, key: readonly PlainCell[], extra: KeyExtra): Variant[] {
  if (key.length !== table.keyColumns.length) {
    throw new OtsError(
      "OTSInvalidPK",
      `Validate PK size fail. Input: ${key.length}, Meta: ${table.keyColumns.length}.`,
    );
  }
  return table.keyColumns.map((column, at) => checkKeyCell(column, key[at], extra));
}

function checkKeyCell(column: WireKeyColumn, cell: PlainCell | undefined, extra: KeyExtra): Variant {
  if (cell?.name !== column.name) {
    throw new OtsError("OTSInvalidPK", `Validate PK name fail. Input: ${cell?.name}, Meta: ${column.name}.`);
  }
  const kind = cell.value?.[0];
  const isExtra =
    (extra === "bounds" && (kind === variantType.minimum || kind === variantType.maximum)) ||
    (extra === "autoIncrement" && kind === variantType.autoIncrement && column.option !== undefined);
  if (!cell.value || (kind !== keyKinds[column.type] && !isExtra)) {
    const expected = kindName(Buffer.from([keyKinds[column.type] ?? 255]));
    throw new OtsError("OTSInvalidPK", `Validate PK type fail. Input: ${kindName(cell.value)}, Meta: ${expected}.`);
  }
  checkLength("primary key column", cell, limits.keyValueBytes);
  return cell.value;
}

function checkLength(what: string, cell: PlainCell, most: number): void {
  const length = cell.value && hasContent(cell.value) ? cell.value.length - 5 : 0;
  if (length > most) {
    throw invalid(
      `The length of ${what}: '${cell.name}' exceeded the MaxLength: ${most} with CurrentLength: ${length}.`,
    );
  }
}

/** The values of {@link checkKey} back as cells. */
export function keyCells(table: Table, values: readonly Variant[]): PlainCell[] {
  return values.map((value, at) => ({ name: table.keyColumns[at]?.name ?? "", value }));
}

/**
 * Checks number, names, values and timestamps of the cells that a write carries.
 *
 * @param bytes size of the row as sent
 * @throws OtsError OTSOutOfColumnCountLimit, OTSOutOfRowSizeLimit, OTSParameterInvalid
 */
export function checkAttributes(
  table: Table,
  row: PlainRow,
  write: { bytes: number; update: boolean; nowMs: number },
): void {
  if (row.attributes.length > limits.columnsPerWrite) {
    const counts = `${row.attributes.length}, limit: ${limits.columnsPerWrite}`;
    throw new OtsError("OTSOutOfColumnCountLimit", `The number of columns of one row exceeds the limit: ${counts}.`);
  }
  const keyNames = new Set(table.keyColumns.map((column) => column.name));
  checkCounters(row.attributes);
  for (const cell of row.attributes) {
    if (!isName(cell.name)) throw invalid(`Invalid column name: '${cell.name}'.`);
    if (keyNames.has(cell.name)) throw invalid(`Column '${cell.name}' is a primary key column.`);
    checkOperation(cell, { update: write.update });
    checkLength("attribute column", cell, limits.attributeBytes);
    checkTimestamp(table, cell, write.nowMs);
  }
  if (write.bytes > limits.rowBytes) {
    const sizes = `${write.bytes}, limit: ${limits.rowBytes}`;
    throw new OtsError(
      "OTSOutOfRowSizeLimit",
      `The total data size of columns in one row exceeds the limit: ${sizes}.`,
    );
  }
}

/** A column that is counted cannot be changed otherwise in the same update, nor counted twice. */
function checkCounters(cells: readonly PlainCell[]): void {
  const counted = cells.filter((cell) => cell.operation === cellOperation.increment).map((cell) => cell.name);
  for (const name of counted) {
    if (cells.filter((cell) => cell.name === name).length === 1) continue;
    throw invalid(`Column '${name}' is incremented and changed otherwise in one update.`);
  }
}

function checkOperation(cell: PlainCell, { update }: { update: boolean }): void {
  if (cell.operation === undefined) {
    if (!cell.value || (cell.value[0] ?? 255) > variantType.blob) throw invalid(`Column '${cell.name}' has no value.`);
    return;
  }
  if (!update) throw invalid(`Column '${cell.name}' carries an operation, which only an update may.`);
  switch (cell.operation) {
    case cellOperation.deleteAllVersions:
      if (cell.value || cell.timestamp !== undefined) throw invalid(`Deleting column '${cell.name}' takes no value.`);
      return;
    case cellOperation.deleteOneVersion:
      if (cell.value || cell.timestamp === undefined)
        throw invalid(`Deleting a version of '${cell.name}' takes a time.`);
      return;
    case cellOperation.increment:
      if (cell.value?.[0] !== variantType.integer)
        throw invalid(`Column '${cell.name}' is not incremented by an integer.`);
      return;
    default:
      throw invalid(`Unknown operation ${cell.operation} on column '${cell.name}'.`);
  }
}

function checkTimestamp(table: Table, cell: PlainCell, nowMs: number): void {
  if (cell.timestamp === undefined || cell.operation === cellOperation.deleteOneVersion) return;
  const sinceMs = Number(cell.timestamp) - nowMs;
  const expired = table.timeToLive !== -1 && -sinceMs >= table.timeToLive * 1000;
  if (Math.abs(sinceMs) >= table.deviationSec * 1000 || expired) {
    throw invalid(`Timestamp ${cell.timestamp} of column '${cell.name}' is too far from the present.`);
  }
}

/** What a call over this many bytes costs: one unit per 4 KB begun. */
export function capacityUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CAPACITY_UNIT_BYTES));
}

/** The `consumed` member of responses; both sides must be there or clients fail to decode it. */
export function consumed(read: number, write: number) {
  return { capacityUnit: { read, write } };
}
