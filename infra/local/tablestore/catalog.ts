import { otsTableKey } from "./keys.js";
import type { StreamSpec, WireKeyColumn } from "./messages.js";
import { invalid, OtsError } from "./ots-error.js";

/** A table as it is stored. */
export interface Table {
  /** Never used again, not even when a table of this name is made anew: rows are kept under it. */
  readonly id: number;
  readonly name: string;
  readonly keyColumns: readonly WireKeyColumn[];
  readonly definedColumns: readonly { readonly name: string; readonly type: number }[];
  /** Seconds, or -1 for ever. */
  readonly timeToLive: number;
  readonly maxVersions: number;
  /** The highest maxVersions this table ever had: stored rows may hold that many until they are written again. */
  readonly mostVersions: number;
  /** How far a written timestamp may be from the clock, in seconds. */
  readonly deviationSec: number;
  readonly allowUpdate: boolean;
  readonly throughput: { readonly read: number; readonly write: number };
  /** Seconds since the epoch. */
  readonly lastIncreaseSec: number;
  readonly lastDecreaseSec?: number;
  /** Kept and described; nothing can be read from a stream here. */
  readonly stream?: StreamSpec;
}

/** Reads keys: the store itself, or a decision's view of it. */
export interface KeyReader {
  get(key: Buffer): Buffer | undefined;
}

/** Finds tables by name, parsing each description once. */
export interface TableCatalog {
  /** @throws OtsError OTSObjectNotExist when the instance has no such table, OTSParameterInvalid for a bad name */
  table(reader: KeyReader, instance: string, name: string): Table;
  /** The same without the error for absence. */
  find(reader: KeyReader, instance: string, name: string): Table | undefined;
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** True for what tables and columns may be called. */
export function isName(name: string): boolean {
  return namePattern.test(name);
}

/** The description as bytes for the store. */
export function encodeTable(table: Table): Buffer {
  return Buffer.from(JSON.stringify(table), "utf8");
}

/** Makes a catalog; the cache is checked against the stored bytes at each use, so it cannot be stale. */
export function createCatalog(): TableCatalog {
  const parsed = new Map<string, { bytes: Buffer; table: Table }>();
  function find(reader: KeyReader, instance: string, name: string): Table | undefined {
    const key = otsTableKey(instance, name);
    const cacheKey = key.toString("latin1");
    const bytes = reader.get(key);
    if (!bytes) {
      parsed.delete(cacheKey);
      return undefined;
    }
    const known = parsed.get(cacheKey);
    if (known?.bytes.equals(bytes)) return known.table;
    // Only this service writes under table keys.
    const table = JSON.parse(bytes.toString("utf8")) as Table;
    parsed.set(cacheKey, { bytes, table });
    return table;
  }
  return {
    find,
    table(reader, instance, name) {
      if (!isName(name)) throw invalid(`Invalid table name: '${name}'.`);
      const table = find(reader, instance, name);
      if (!table) throw new OtsError("OTSObjectNotExist", "Requested table does not exist.");
      return table;
    },
  };
}
