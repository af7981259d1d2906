import { randomBytes } from "node:crypto";
import type { Transaction } from "../../store/store.js";
import { OdpsError, SqlFailure } from "../errors.js";
import { odpsRowKey } from "../keys.js";
import { canonicalSpec, leafValues, type ServedSpecPart } from "../partition-spec.js";
import {
  type ColumnRow,
  encodeOdpsRow,
  type LeafRow,
  leafKey,
  type OdpsSegment,
  odpsTableKey,
  rowAt,
  type TableName,
  type TableRow,
} from "../rows.js";
import { emptyLeaf } from "../upload.js";
import type { ChangingStatement } from "./statement.js";

const MAX_COLUMNS = 1_200;
const MAX_KEYS = 6;
const keyTypes = /^(?:string|varchar\(\d+\)|char\(\d+\)|tinyint|smallint|int|bigint)$/;

/** A statement that changes something, and where. */
export interface Change {
  readonly tx: Transaction;
  readonly name: TableName;
  readonly now: number;
  /** Partitions of the table, in canonical form, as of the statement's begin. */
  readonly specs: readonly string[];
}

/** What a statement leaves that nobody refers to any more. */
type Dropped = readonly OdpsSegment[];

type Of<K extends ChangingStatement["kind"]> = Extract<ChangingStatement, { readonly kind: K }>;

/** @throws SqlFailure */
export function requireForSql(tx: Pick<Transaction, "get">, name: TableName): TableRow {
  const row = rowAt<TableRow>(tx, odpsTableKey(name));
  if (row) return row;
  throw new SqlFailure("0130131", `[1,1] Table not found - table ${name.project}.${name.table} cannot be resolved`);
}

/** `CREATE TABLE`. */
export function runCreateTable({ tx, name, now }: Change, statement: Of<"createTable">): Dropped {
  if (tx.get(odpsTableKey(name))) {
    if (statement.isLenient) return [];
    throw new SqlFailure("0130211", `Table already exists - ${name.project}.${name.table}`);
  }
  const { columns, keys, comment, lifecycle } = statement;
  checkColumns(columns, keys);
  const id = randomBytes(12).toString("hex");
  const [created, modified, ddl] = [now, now, now];
  const row: TableRow = {
    ...{ id, project: name.project, schema: name.schema, name: name.table },
    ...{ columns, keys, comment, lifecycle, created, modified, ddl },
  };
  tx.put(odpsTableKey(name), encodeOdpsRow(row));
  if (keys.length === 0) tx.put(leafKey(id, ""), encodeOdpsRow(emptyLeaf("", now)));
  return [];
}

function checkColumns(columns: readonly ColumnRow[], keys: readonly ColumnRow[]): void {
  const refuse = (message: string) => {
    throw new SqlFailure("0130071", `Semantic analysis exception - ${message}`);
  };
  const names = [...columns, ...keys].map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) refuse(`column ${twice} is named twice`);
  if (columns.length > MAX_COLUMNS) refuse(`${columns.length} columns, ${MAX_COLUMNS} are possible`);
  if (keys.length > MAX_KEYS) refuse(`${keys.length} levels of partitions, ${MAX_KEYS} are possible`);
  const odd = keys.find(({ type }) => !keyTypes.test(type));
  if (odd) refuse(`partition key ${odd.name} cannot be ${odd.type}`);
}

/** `DROP TABLE`. */
export function dropTable({ tx, name, specs }: Change, { isLenient }: Of<"dropTable">): Dropped {
  if (isLenient && !tx.get(odpsTableKey(name))) return [];
  const { id } = requireForSql(tx, name);
  tx.del(odpsTableKey(name));
  return specs.flatMap((spec) => dropLeaf(tx, id, spec));
}

function dropLeaf(tx: Transaction, id: string, spec: string): Dropped {
  const leaf = rowAt<LeafRow>(tx, leafKey(id, spec));
  tx.del(leafKey(id, spec));
  return leaf?.segments ?? [];
}

/** `ALTER TABLE … ADD PARTITION`. */
export function addPartitions({ tx, name, now }: Change, statement: Of<"addPartitions">): Dropped {
  const table = requireForSql(tx, name);
  for (const parts of statement.specs) {
    const spec = specOf(table, parts);
    const isThere = tx.get(leafKey(table.id, spec)) !== undefined;
    if (isThere && !statement.isLenient)
      throw new SqlFailure("0110061", `Failed to run ddltask - Partition already exists: ${spec}`);
    if (!isThere) tx.put(leafKey(table.id, spec), encodeOdpsRow(emptyLeaf(spec, now)));
  }
  return [];
}

/** `ALTER TABLE … DROP PARTITION`. */
export function dropPartitions({ tx, name, specs }: Change, statement: Of<"dropPartitions">): Dropped {
  const table = requireForSql(tx, name);
  const dropped: OdpsSegment[] = [];
  for (const parts of statement.specs) {
    const matching = specs.filter((spec) => isWithin(spec, parts) && tx.get(leafKey(table.id, spec)));
    if (matching.length === 0 && !statement.isLenient)
      throw new SqlFailure("0110061", `Failed to run ddltask - Partition not found: ${displayText(parts)}`);
    for (const spec of matching) dropped.push(...dropLeaf(tx, table.id, spec));
  }
  return dropped;
}

/** Some of a partition's keys stand for all that have them. */
function isWithin(spec: string, parts: readonly ServedSpecPart[]): boolean {
  const written = spec.split("/");
  return parts.every(([key, value]) => written.includes(`${key}=${value}`));
}

function displayText(parts: readonly ServedSpecPart[]): string {
  return parts.map(([key, value]) => `${key}=${value}`).join("/");
}

function specOf(table: TableRow, parts: readonly ServedSpecPart[]): string {
  try {
    return canonicalSpec(table.keys, leafValues(table, parts));
  } catch (error) {
    if (!(error instanceof OdpsError)) throw error;
    throw new SqlFailure("0130071", `Semantic analysis exception - ${error.message}`);
  }
}

/** `TRUNCATE TABLE`. */
export function truncate({ tx, name, now, specs }: Change, statement: Of<"truncate">): Dropped {
  const table = requireForSql(tx, name);
  const wanted = statement.specs.length === 0 ? specs : statement.specs.map((parts) => specOf(table, parts));
  return wanted.flatMap((spec) => {
    const leaf = rowAt<LeafRow>(tx, leafKey(table.id, spec));
    if (!leaf) throw new SqlFailure("0110061", `Failed to run ddltask - Partition not found: ${spec}`);
    tx.put(leafKey(table.id, spec), encodeOdpsRow({ ...leaf, segments: [], modified: now } satisfies LeafRow));
    return leaf.segments;
  });
}

/** `ALTER TABLE … ADD COLUMNS`. */
export function addColumns({ tx, name, now }: Change, { columns }: Of<"addColumns">): Dropped {
  const table = requireForSql(tx, name);
  const all = [...table.columns, ...columns];
  checkColumns(all, table.keys);
  return put(tx, name, { ...table, columns: all, ddl: now });
}

/** `ALTER TABLE … SET LIFECYCLE` and `SET COMMENT`. */
export function setProperty({ tx, name, now }: Change, statement: Of<"setLifecycle" | "setComment">): Dropped {
  const table = requireForSql(tx, name);
  const change = statement.kind === "setLifecycle" ? { lifecycle: statement.days } : { comment: statement.comment };
  return put(tx, name, { ...table, ...change, ddl: now });
}

/** `ALTER TABLE … RENAME TO`. */
export function renameTable({ tx, name, now }: Change, { to }: Of<"renameTable">): Dropped {
  const table = requireForSql(tx, name);
  const renamed = { ...name, table: to };
  if (tx.get(odpsTableKey(renamed))) throw new SqlFailure("0130211", `Table already exists - ${name.project}.${to}`);
  tx.del(odpsTableKey(name));
  return put(tx, renamed, { ...table, name: to, ddl: now });
}

function put(tx: Transaction, name: TableName, table: TableRow): Dropped {
  tx.put(odpsTableKey(name), encodeOdpsRow(table));
  return [];
}

/** `CREATE SCHEMA` and `DROP SCHEMA`; `name.table` is the schema's. */
export function changeSchema({ tx, name }: Change, { kind, isLenient }: Of<"createSchema" | "dropSchema">): Dropped {
  const key = odpsRowKey("schema", name.project, name.table);
  const isThere = tx.get(key) !== undefined;
  const isAsWanted = isThere === (kind === "createSchema");
  if (isAsWanted && !isLenient)
    throw new SqlFailure(
      "0110061",
      `Failed to run ddltask - Schema ${name.table} ${isThere ? "already exists" : "not found"}`,
    );
  if (kind === "createSchema") tx.put(key, Buffer.from("{}"));
  else tx.del(key);
  return [];
}
