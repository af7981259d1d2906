import type { Database } from "node-sqlite3-wasm";
import { typeParts } from "./tsql-convert.js";

/** The views of the catalog that the connector looks into, as tables of the engine. */
export const catalogSql = `
  CREATE TABLE sys_schemas (schema_id int, name nvarchar);
  INSERT INTO sys_schemas VALUES (1, 'dbo');
  CREATE TABLE sys_objects (object_id INTEGER PRIMARY KEY, schema_id int, name nvarchar, type nvarchar, is_ms_shipped bit);
  CREATE TABLE sys_columns (object_id int, column_id int, name nvarchar, user_type_id int, system_type_id int, max_length int,
    precision int, scale int, is_nullable bit, is_identity bit, is_computed bit, generated_always_type int, is_hidden bit,
    collation_name nvarchar, has_default bit);
  CREATE VIEW sys_tables AS SELECT * FROM sys_objects WHERE type = 'U';
  CREATE TABLE sys_types (user_type_id int, system_type_id int, name nvarchar);
  CREATE TABLE sys_indexes (object_id int, index_id int, name nvarchar, type int, is_primary_key bit, is_unique bit,
    has_filter bit, is_disabled bit);
  CREATE TABLE sys_index_columns (object_id int, index_id int, column_id int, key_ordinal int);
  CREATE TABLE sys_partitions (partition_id int, object_id int, index_id int, rows bigint);
  CREATE TABLE sys_allocation_units (container_id int, used_pages bigint);
  CREATE TABLE sys_extended_properties (class int, major_id int, minor_id int, name nvarchar, value nvarchar);
  CREATE TABLE sys_databases (database_id int, snapshot_isolation_state int);
  INSERT INTO sys_databases VALUES (1, 0);
`;

const typeNames = [
  ...[
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "bit",
    "decimal",
    "numeric",
    "money",
    "smallmoney",
    "float",
    "real",
    "date",
  ],
  ...[
    "datetime",
    "smalldatetime",
    "datetime2",
    "datetimeoffset",
    "time",
    "char",
    "varchar",
    "nchar",
    "nvarchar",
    "text",
  ],
  ...["ntext", "binary", "varbinary", "image", "uniqueidentifier", "xml", "timestamp", "sql_variant", "hierarchyid"],
];

/** A column of a new table. */
export interface NewColumn {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
  readonly isIdentity: boolean;
  readonly isComputed: boolean;
  readonly hasDefault: boolean;
  readonly collation: string | null;
}

/** A key or an index. */
export interface NewIndex {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly isUnique: boolean;
  readonly columns: readonly string[];
}

/** Fills the types. */
export function fillTypes(db: Database): void {
  for (const [at, name] of typeNames.entries())
    db.run("INSERT INTO sys_types VALUES (?, ?, ?)", [at + 1, at + 1, name]);
}

/** The collation of text that says none: bytes of UTF-8, which is how the engine sorts. */
export const usualCollation = "Latin1_General_100_BIN2_UTF8";

/** Notes a table in the catalog. @returns its number */
export function noteTable(
  db: Database,
  place: { readonly schema: string; readonly table: string },
  columns: readonly NewColumn[],
): number {
  const schema = db.get("SELECT schema_id FROM sys_schemas WHERE name = ?", [place.schema]) as {
    schema_id: number;
  } | null;
  if (!schema) throw new Error(`there is no schema ${place.schema}`);
  const { lastInsertRowid: id } = db.run(
    "INSERT INTO sys_objects (schema_id, name, type, is_ms_shipped) VALUES (?, ?, 'U', 0)",
    [schema.schema_id, place.table],
  );
  for (const [at, column] of columns.entries()) {
    const [name, first, second] = typeParts(column.type);
    const number = typeNames.indexOf(name === "rowversion" ? "timestamp" : name) + 1;
    if (number === 0) throw new Error(`the stand-in has no type ${name}`);
    const [bytes, precision, scale] = sizesOf(name, first, second);
    const isText = /char$|text$/.test(name);
    const flags = [column.isNullable, column.isIdentity, column.isComputed].map(Number);
    db.run("INSERT INTO sys_columns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?)", [
      ...[Number(id), at + 1, column.name, number, number, bytes, precision, scale, ...flags],
      ...[isText ? (column.collation ?? usualCollation) : null, Number(column.hasDefault)],
    ]);
  }
  db.run("INSERT INTO sys_partitions VALUES (?, ?, 1, 0)", [Number(id), Number(id)]);
  db.run("INSERT INTO sys_allocation_units VALUES (?, 1)", [Number(id)]);
  return Number(id);
}

function sizesOf(name: string, first: string, second: string): [bytes: number, precision: number, scale: number] {
  if (/char$|binary$/.test(name))
    return [first === "max" ? -1 : Number(first || 1) * (name.startsWith("n") ? 2 : 1), 0, 0];
  if (name === "decimal" || name === "numeric") return [17, Number(first || 18), Number(second || 0)];
  if (/^(?:datetime2|datetimeoffset|time)$/.test(name)) return [8, 0, first === "" ? 7 : Number(first)];
  return [8, 0, 0];
}

/** Notes a key or an index in the catalog. */
export function noteIndex(db: Database, id: number, { name, isPrimary, isUnique, columns }: NewIndex): void {
  const { n } = db.get("SELECT COUNT(*) + 1 AS n FROM sys_indexes WHERE object_id = ?", [id]) as { n: number };
  db.run("INSERT INTO sys_indexes VALUES (?, ?, ?, ?, ?, ?, 0, 0)", [
    id,
    n,
    name,
    isPrimary ? 1 : 2,
    Number(isPrimary),
    Number(isUnique),
  ]);
  for (const [at, column] of columns.entries())
    db.run(
      "INSERT INTO sys_index_columns SELECT ?, ?, column_id, ? FROM sys_columns WHERE object_id = ? AND lower(name) = lower(?)",
      [id, n, at + 1, id, column],
    );
}

/** Forgets a table. */
export function forgetTable(db: Database, id: number): void {
  for (const table of ["sys_objects", "sys_columns", "sys_indexes", "sys_index_columns", "sys_partitions"])
    db.run(`DELETE FROM ${table} WHERE object_id = ?`, [id]);
}

/** The engine's name of a table. */
export function engineName(schema: string, table: string): string {
  return schema === "dbo" || schema === "" ? table : `${schema}.${table}`;
}

/** Counts the rows of all tables, which the server keeps count of. */
export function countRows(db: Database): void {
  const tables = db.all(
    "SELECT o.object_id, s.name AS schema, o.name FROM sys_objects o JOIN sys_schemas s ON s.schema_id = o.schema_id",
  );
  for (const { object_id: id, schema, name } of tables as { object_id: number; schema: string; name: string }[]) {
    const quoted = `"${engineName(schema, name).replaceAll('"', '""')}"`;
    db.run(`UPDATE sys_partitions SET rows = (SELECT COUNT(*) FROM ${quoted}) WHERE object_id = ?`, [id]);
  }
}
