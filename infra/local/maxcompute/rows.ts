import type { Store, Transaction } from "../store/store.js";
import { OdpsError } from "./errors.js";
import { odpsRowKey } from "./keys.js";

/** Records that were stored together: pages of whole records, each with its checksum. */
export interface OdpsSegment {
  /** Id of the content. */
  readonly content: string;
  readonly records: number;
  readonly bytes: number;
  /** Records of each page. */
  readonly pages: readonly number[];
}

/** A project. Times are epoch ms throughout. */
export interface ProjectRow {
  readonly created: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** A column, or a key of partitions. */
export interface ColumnRow {
  readonly name: string;
  /** As MaxCompute prints it. */
  readonly type: string;
  readonly comment: string;
  readonly nullable: boolean;
}

/** A table without its records. */
export interface TableRow {
  /** Never used again, so that what belongs to a dropped table is nobody's. */
  readonly id: string;
  readonly project: string;
  readonly schema: string;
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly ColumnRow[];
  readonly keys: readonly ColumnRow[];
  readonly lifecycle: number;
  readonly created: number;
  readonly modified: number;
  readonly ddl: number;
}

/** Where records lie: a partition down to the last key, or the whole of a table that has none. */
export interface LeafRow {
  /** One value per key. */
  readonly values: readonly string[];
  readonly segments: readonly OdpsSegment[];
  readonly created: number;
  readonly modified: number;
}

/** What sessions and instances belong to. */
interface Owned {
  readonly id: string;
  readonly project: string;
  readonly created: number;
}

/** A session of one table or partition. */
interface SessionRow extends Owned {
  readonly schema: string;
  readonly table: string;
  readonly tableId: string;
  /** Partition in canonical form; empty for a table without. */
  readonly spec: string;
  readonly columns: readonly ColumnRow[];
}

/** An upload. */
export interface OdpsUploadRow extends SessionRow {
  readonly overwrite: boolean;
  readonly status: "normal" | "closed";
  /** Grows with every block, so that a commit sees whether it counted all. */
  readonly version: number;
}

/** A block of an upload. */
export interface BlockRow {
  readonly block: number;
  readonly segment: OdpsSegment;
  readonly created: number;
}

/** A download, of a table or of an instance's result. */
export interface DownloadRow extends SessionRow {
  readonly keys: readonly ColumnRow[];
  readonly segments: readonly OdpsSegment[];
  readonly records: number;
}

/** An SQL instance: over as soon as it is there. */
export interface InstanceRow extends Owned {
  readonly task: string;
  readonly source: string;
  readonly ended: number;
  readonly failure: string | null;
  /** Text of a statement that selects nothing. */
  readonly text: string;
  /** Result of a select; null = none. */
  readonly result: { readonly columns: readonly ColumnRow[]; readonly segment: OdpsSegment } | null;
}

/** Where rows are read: the store, or a transaction of it. */
export type Readable = Pick<Store | Transaction, "get">;

/** Bytes of a row. */
export function encodeOdpsRow(row: object): Buffer {
  return Buffer.from(JSON.stringify(row));
}

/** Reads a row; only {@link encodeOdpsRow} writes them, so the type follows from the key. */
export function rowAt<T>(from: Readable, key: Buffer): T | undefined {
  const bytes = from.get(key);
  return bytes && (JSON.parse(bytes.toString()) as T);
}

/** Where a table is. Names are in lower case. */
export interface TableName {
  readonly project: string;
  readonly schema: string;
  readonly table: string;
}

/** The schema of a project that has none. */
export const DEFAULT_SCHEMA = "default";

/** Key of a table's row. */
export function odpsTableKey({ project, schema, table }: TableName): Buffer {
  return odpsRowKey("table", project, schema, table);
}

/** The table. @throws OdpsError NoSuchTable from the tunnel's point of view, NoSuchObject from the other's */
export function requireTable(from: Readable, name: TableName, code: "NoSuchTable" | "NoSuchObject"): TableRow {
  const row = rowAt<TableRow>(from, odpsTableKey(name));
  if (row) return row;
  const message = `ODPS-0130131:Table not found - table ${name.project}.${name.table} cannot be resolved`;
  throw new OdpsError(code, message);
}

/** Key of a leaf's row. */
export function leafKey(tableId: string, spec: string): Buffer {
  return odpsRowKey("leaf", tableId, spec);
}

/** The partition. @throws OdpsError NoSuchPartition */
export function requireLeaf(from: Readable, table: TableRow, spec: string): LeafRow {
  const row = rowAt<LeafRow>(from, leafKey(table.id, spec));
  if (row) return row;
  throw new OdpsError("NoSuchPartition", `The specified partition does not exist: ${spec} of ${table.name}`);
}

/** Records of a leaf. */
export function recordsOf({ segments }: Pick<LeafRow, "segments">): number {
  return segments.reduce((sum, { records }) => sum + records, 0);
}

/** Bytes of a leaf. */
export function bytesOf({ segments }: Pick<LeafRow, "segments">): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}
