import type { Table } from "./catalog.js";
import { cellOperation, decodeStoredRow, type PlainCell, type PlainRow } from "./plainbuffer.js";
import { encodeStoredRow } from "./plainbuffer-encode.js";
import { integer, integerOf } from "./variant.js";

const TIME_BYTES = 8;

/** A row at rest. Attributes are sorted by name, versions of a column newest first; each has value and timestamp. */
export interface StoredRow {
  /** When it was last written, epoch ms: keeps a row without columns alive, and lets it expire. */
  readonly writtenMs: number;
  readonly key: readonly PlainCell[];
  readonly attributes: readonly PlainCell[];
}

/** Bytes for the store: the time of the last write, then the row in PlainBuffer form without header. */
export function encodeStored(row: StoredRow): Buffer {
  const time = Buffer.allocUnsafe(TIME_BYTES);
  time.writeDoubleLE(row.writtenMs);
  return Buffer.concat([time, encodeStoredRow({ key: row.key, attributes: row.attributes, deleted: false })]);
}

/** The row part of stored bytes, fit for a response as it is. */
export function plainPart(bytes: Buffer): Buffer {
  return bytes.subarray(TIME_BYTES);
}

/**
 * Reads stored bytes, leaving out what has outlived the table's time to live.
 *
 * @returns undefined when nothing of the row is left
 */
export function decodeLive(bytes: Buffer, table: Table, nowMs: number): StoredRow | undefined {
  const writtenMs = bytes.readDoubleLE(0);
  const { key, attributes } = decodeStoredRow(plainPart(bytes));
  if (table.timeToLive === -1) return { writtenMs, key, attributes };
  const oldestMs = nowMs - table.timeToLive * 1000;
  const live = attributes.filter((cell) => Number(cell.timestamp) > oldestMs);
  if (live.length === 0 && writtenMs <= oldestMs) return undefined;
  return { writtenMs, key, attributes: live };
}

/** The row that a PutRow makes; what was there before plays no part. */
export function putRow(change: PlainRow, table: Table, nowMs: number): StoredRow {
  const columns = new Map<string, PlainCell[]>();
  for (const cell of change.attributes) addVersion(columns, stamped(cell, nowMs));
  return { writtenMs: nowMs, key: change.key, attributes: flatten(columns, table) };
}

/**
 * The row after an UpdateRow.
 *
 * @param before undefined when there is none
 * @returns undefined when there was no row and the change only deletes: such a change makes none
 * @throws BadIncrement when a column to increment holds something else, or its sum is no 64-bit integer
 */
export function updateRow(
  before: StoredRow | undefined,
  change: PlainRow,
  { table, nowMs }: { table: Table; nowMs: number },
): StoredRow | undefined {
  if (!before && change.attributes.every(isDeletion)) return undefined;
  const columns = new Map<string, PlainCell[]>();
  for (const cell of before?.attributes ?? []) addVersion(columns, cell);
  for (const cell of change.attributes) applyCell(columns, cell, nowMs);
  return { writtenMs: nowMs, key: change.key, attributes: flatten(columns, table) };
}

/** An increment met a column that is not an integer, or went beyond what an integer holds. */
export class BadIncrement extends Error {}

function isDeletion(cell: PlainCell): boolean {
  return cell.operation === cellOperation.deleteAllVersions || cell.operation === cellOperation.deleteOneVersion;
}

function applyCell(columns: Map<string, PlainCell[]>, cell: PlainCell, nowMs: number): void {
  const versions = columns.get(cell.name) ?? [];
  switch (cell.operation) {
    case cellOperation.deleteAllVersions:
      columns.delete(cell.name);
      return;
    case cellOperation.deleteOneVersion:
      columns.set(
        cell.name,
        versions.filter((version) => version.timestamp !== cell.timestamp),
      );
      return;
    case cellOperation.increment:
      addVersion(columns, stamped({ ...cell, value: incremented(versions[0], cell) }, nowMs));
      return;
    default:
      addVersion(columns, stamped(cell, nowMs));
  }
}

function incremented(newest: PlainCell | undefined, by: PlainCell) {
  if (newest?.value && newest.value[0] !== 0) throw new BadIncrement(`Column '${by.name}' is not an integer.`);
  const start = newest?.value ? integerOf(newest.value) : 0n;
  const sum = start + (by.value ? integerOf(by.value) : 0n);
  if (BigInt.asIntN(64, sum) !== sum) throw new BadIncrement(`Column '${by.name}' overflows: ${sum}.`);
  return integer(sum);
}

function stamped(cell: PlainCell, nowMs: number): PlainCell {
  return {
    name: cell.name,
    ...(cell.value ? { value: cell.value } : {}),
    timestamp: cell.timestamp ?? BigInt(Math.floor(nowMs)),
  };
}

/** Keeps versions newest first; the same timestamp overwrites. */
function addVersion(columns: Map<string, PlainCell[]>, cell: PlainCell): void {
  const versions = columns.get(cell.name);
  if (!versions) {
    columns.set(cell.name, [cell]);
    return;
  }
  const time = cell.timestamp ?? 0n;
  const at = versions.findIndex((version) => (version.timestamp ?? 0n) <= time);
  if (at === -1) versions.push(cell);
  else versions.splice(at, versions[at]?.timestamp === time ? 1 : 0, cell);
}

function flatten(columns: Map<string, PlainCell[]>, table: Table): PlainCell[] {
  // Names are ASCII, so text order is the order of their bytes.
  const names = [...columns.keys()].sort();
  return names.flatMap((name) => (columns.get(name) ?? []).slice(0, table.maxVersions));
}
