import { isName, type Table } from "./catalog.js";
import { limits } from "./limits.js";
import type { CapacityUnit, TableMeta, TableOptions, WireKeyColumn } from "./messages.js";
import { invalid } from "./ots-error.js";
import { variantType } from "./plainbuffer.js";

/** Key column types on the wire, and the kind of value each takes. */
export const keyKinds: Readonly<Record<number, number>> = {
  1: variantType.integer,
  2: variantType.string,
  3: variantType.blob,
};

const INTEGER_KEY = 1;
const definedTypes = new Set([1, 2, 3, 4, 7]);

type Options = Pick<Table, "timeToLive" | "maxVersions" | "deviationSec" | "allowUpdate">;

/** What a table has when its creator names nothing else. */
export const defaultOptions: Options = { timeToLive: -1, maxVersions: 1, deviationSec: 86_400, allowUpdate: true };

/**
 * The options after a request changed some of them.
 *
 * @throws OtsError OTSParameterInvalid when a value is out of range
 */
export function mergeOptions(current: Options, wanted: TableOptions | undefined): Options {
  const merged = {
    timeToLive: wanted?.timeToLive ?? current.timeToLive,
    maxVersions: wanted?.maxVersions ?? current.maxVersions,
    deviationSec: Number(wanted?.deviationCellVersionInSec ?? current.deviationSec),
    allowUpdate: wanted?.allowUpdate ?? current.allowUpdate,
  };
  if (merged.timeToLive !== -1 && merged.timeToLive < limits.minTimeToLiveSec) {
    throw invalid(`Time to live must be -1 or at least ${limits.minTimeToLiveSec} seconds: ${merged.timeToLive}.`);
  }
  if (merged.maxVersions < 1) throw invalid(`Max versions must be at least 1: ${merged.maxVersions}.`);
  if (merged.deviationSec < 1) throw invalid(`Max time deviation must be at least 1 second: ${merged.deviationSec}.`);
  return merged;
}

/** Reserved capacity as stored; absent sides count as 0. */
export function throughputOf(unit: CapacityUnit): Table["throughput"] {
  const throughput = { read: unit.read ?? 0, write: unit.write ?? 0 };
  if (throughput.read < 0 || throughput.write < 0) throw invalid("Capacity units must not be negative.");
  return throughput;
}

/**
 * Checks names, key columns and predefined columns of a new table.
 *
 * @throws OtsError OTSParameterInvalid
 */
export function checkTableMeta(meta: TableMeta): void {
  if (!isName(meta.tableName)) throw invalid(`Invalid table name: '${meta.tableName}'.`);
  const { primaryKey, definedColumn } = meta;
  if (primaryKey.length < 1 || primaryKey.length > limits.keyColumns) {
    throw invalid(`The number of primary key columns must be in range: [1, ${limits.keyColumns}].`);
  }
  if (definedColumn.length > limits.definedColumns) {
    throw invalid(`A table has at most ${limits.definedColumns} defined columns.`);
  }
  for (const [at, column] of primaryKey.entries()) checkKeyColumn(column, at);
  if (primaryKey.filter((column) => column.option !== undefined).length > 1) {
    throw invalid("A table has at most one auto-increment column.");
  }
  checkColumnNames([...primaryKey, ...definedColumn].map((column) => column.name));
  for (const column of definedColumn) {
    if (!definedTypes.has(column.type)) throw invalid(`Unknown type of defined column '${column.name}'.`);
  }
}

function checkKeyColumn(column: WireKeyColumn, at: number): void {
  if (keyKinds[column.type] === undefined) throw invalid(`Unknown type of primary key column '${column.name}'.`);
  if (column.option === undefined) return;
  if (at === 0) throw invalid("The partition key cannot be an auto-increment column.");
  if (column.type !== INTEGER_KEY) throw invalid(`Auto-increment column '${column.name}' must be an integer.`);
}

function checkColumnNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (!isName(name)) throw invalid(`Invalid column name: '${name}'.`);
    if (seen.has(name)) throw invalid(`Duplicated column name: '${name}'.`);
    seen.add(name);
  }
}
