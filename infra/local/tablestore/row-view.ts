import { isName, type Table } from "./catalog.js";
import { type Filter, parseFilter } from "./filter.js";
import { limits } from "./limits.js";
import type { ReadOptions, TimeRange } from "./messages.js";
import { invalid } from "./ots-error.js";
import type { PlainCell } from "./plainbuffer.js";
import { encodeStoredRow } from "./plainbuffer-encode.js";
import { decodeLive, plainPart, type StoredRow } from "./stored-row.js";

/** How a read shows rows: made once per request, used for each row. */
export interface StoredRowView {
  /**
   * @param bytes a row as stored
   * @returns the row as it goes into the response, without header; null when it is not to be returned
   */
  show(bytes: Buffer, nowMs: number): Buffer | null;
}

interface Window {
  /** Inclusive. */
  readonly from: bigint;
  /** Exclusive; null = no end. */
  readonly to: bigint | null;
}

/**
 * Checks what a read asks for and prepares it.
 *
 * @throws OtsError OTSParameterInvalid
 */
export function createView(options: ReadOptions, table: Table): StoredRowView {
  const { columnsToGet, maxVersions } = options;
  if (columnsToGet.length > limits.columnsToGet) {
    throw invalid(`The number of columns to get exceeds the limit: ${limits.columnsToGet}.`);
  }
  for (const name of columnsToGet) if (!isName(name)) throw invalid(`Invalid column name: '${name}'.`);
  if (maxVersions === undefined && !options.timeRange)
    throw invalid("No version condition is specified while querying row.");
  if (maxVersions !== undefined && maxVersions < 1) throw invalid(`Max versions must be at least 1: ${maxVersions}.`);
  const window = options.timeRange ? windowOf(options.timeRange) : null;
  const filter = options.filter?.length ? parseFilter(options.filter) : null;
  if (isWhole(options, table)) return { show: plainPart };
  const wanted = columnsToGet.length > 0 ? new Set(columnsToGet) : null;
  const keyWanted = wanted === null || table.keyColumns.some((column) => wanted.has(column.name));
  const pick = picker(options, wanted, window);
  const versions = Math.min(maxVersions ?? table.maxVersions, table.maxVersions);
  return {
    show(bytes, nowMs) {
      const row = decodeLive(bytes, table, nowMs);
      if (!row) return null;
      const seen = { key: row.key.filter((cell) => !wanted || wanted.has(cell.name)), attributes: pick(row) };
      if (filter && !filter.matches(seen)) return null;
      if (seen.attributes.length === 0 && !keyWanted) return null;
      const attributes = pageOf(newest(seen.attributes, versions), filter);
      return encodeStoredRow({ key: row.key, attributes, deleted: false });
    },
  };
}

/** True when stored bytes can be handed out as they are. */
function isWhole(options: ReadOptions, table: Table): boolean {
  return (
    table.timeToLive === -1 &&
    table.mostVersions === table.maxVersions &&
    (options.maxVersions ?? 0) >= table.maxVersions &&
    options.columnsToGet.length === 0 &&
    !options.timeRange &&
    !options.filter?.length &&
    options.startColumn === undefined &&
    options.endColumn === undefined
  );
}

function windowOf(range: TimeRange): Window {
  const at = timeOf(range.specificTime);
  if (at !== null) return { from: at, to: at + 1n };
  const from = timeOf(range.startTime) ?? 0n;
  const to = timeOf(range.endTime);
  if (from < 0n || (to !== null && to <= from)) throw invalid("The time range is empty or negative.");
  return { from, to };
}

function timeOf(time: TimeRange["startTime"]): bigint | null {
  return time === undefined ? null : BigInt(time.toString());
}

function picker(options: ReadOptions, wanted: ReadonlySet<string> | null, window: Window | null) {
  const { startColumn, endColumn } = options;
  return (row: StoredRow): PlainCell[] =>
    row.attributes.filter(
      ({ name, timestamp = 0n }) =>
        (!wanted || wanted.has(name)) &&
        (startColumn === undefined || name >= startColumn) &&
        (endColumn === undefined || name < endColumn) &&
        (!window || (timestamp >= window.from && (window.to === null || timestamp < window.to))),
    );
}

/** Cells of one column stand together, newest first. */
function newest(cells: readonly PlainCell[], versions: number): PlainCell[] {
  let name: string | undefined;
  let seen = 0;
  return cells.filter((cell) => {
    seen = cell.name === name ? seen + 1 : 1;
    name = cell.name;
    return seen <= versions;
  });
}

function pageOf(cells: readonly PlainCell[], filter: Filter | null): readonly PlainCell[] {
  if (!filter?.paging) return cells;
  const { offset, limit } = filter.paging;
  const names = [...new Set(cells.map((cell) => cell.name))].slice(offset, offset + limit);
  const page = new Set(names);
  return cells.filter((cell) => page.has(cell.name));
}
