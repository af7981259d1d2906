import { UserError } from "../../model/errors.js";
import type { SqlClient } from "../sql/client.js";
import { quotePostgresqlName, quotePostgresqlText } from "./sql-text.js";

/** A table that there is. */
export interface PostgresqlFoundTable {
  /** The server's number of it. */
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  /** Quoted, with its schema. */
  readonly sqlName: string;
  /** `r` table, `p` partitioned, `v` view, `m` materialized view, `f` foreign table. */
  readonly kind: string;
  /** Rows by the server's last count; -1 = never counted. */
  readonly rows: number;
}

/** A part of a name: in quotes it means what it says, else it may be meant in lower case. */
interface NamePart {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** The parts of `table`, `schema.table`, `"My Schema"."My.Table"`. */
export function postgresqlNameParts(name: string): NamePart[] {
  const parts = name.trim().match(/"(?:[^"]|"")+"|[^."]+/g) ?? [name];
  return parts.map((part) => {
    const isQuoted = part.startsWith('"') && part.length > 2;
    return { text: isQuoted ? part.slice(1, -1).replaceAll('""', '"') : part.trim(), isQuoted };
  });
}

/** A table's name as the statements of a job have it in place of `@table`: as it is written, each part quoted. */
export function writtenTable(name: string): string {
  return postgresqlNameParts(name)
    .map(({ text }) => quotePostgresqlName(text))
    .join(".");
}

/** A table's name as people write it and {@link postgresqlNameParts} reads it: quoted where a dot or a quote would be taken for ours. */
export function displayedTable(schema: string, table: string): string {
  const displayedPart = (part: string) => (/["\s.,[\]]/.test(part) ? quotePostgresqlName(part) : part);
  return schema === "public" ? displayedPart(table) : `${displayedPart(schema)}.${displayedPart(table)}`;
}

/**
 * Finds the table that a job means: as it is written, else in lower case as the server would take it, else the only one that differs
 * in case alone. Without a schema it is looked for where the session looks; `database.schema.table` is taken as well.
 *
 * @throws UserError SOURCE_OBJECT_MISSING
 */
export async function findTable(client: SqlClient, name: string): Promise<PostgresqlFoundTable> {
  const parts = postgresqlNameParts(name);
  const [table, schema] = [parts.at(-1), parts.at(-2)];
  const found = table && (await lookUp(client, table, schema));
  // A dot may also belong to the name.
  const whole =
    found || parts.length < 2 ? null : await lookUp(client, { text: name.trim(), isQuoted: true }, undefined);
  const row = found || whole;
  if (!row) throw new UserError("SOURCE_OBJECT_MISSING", `table ${name} does not exist`);
  const [oid = "", inSchema = "", named = "", kind = "", rows = ""] = row.map((cell) => cell ?? "");
  const sqlName = `${quotePostgresqlName(inSchema)}.${quotePostgresqlName(named)}`;
  return { oid, schema: inSchema, table: named, sqlName, kind, rows: Number(rows) };
}

async function lookUp(
  client: SqlClient,
  table: NamePart,
  schema: NamePart | undefined,
): Promise<readonly (string | null)[] | null> {
  const place = schema ? matches("n.nspname", schema) : "pg_catalog.pg_table_is_visible(c.oid)";
  const { rows } = await client.query(
    `SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples::bigint
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${matches("c.relname", table)} AND ${place}`,
  );
  const fits = (one: NamePart | undefined, cell: string | null | undefined, text: (part: string) => string) =>
    one === undefined || text(one.text) === cell;
  for (const text of [(part: string) => part, (part: string) => part.toLowerCase()]) {
    const exact = rows.find((row) => fits(table, row[2], text) && fits(schema, row[1], text));
    if (exact) return exact;
  }
  return rows.length === 1 ? (rows[0] ?? null) : null;
}

function matches(column: string, { text, isQuoted }: NamePart): string {
  return isQuoted
    ? `${column} = ${quotePostgresqlText(text)}`
    : `lower(${column}::text) = lower(${quotePostgresqlText(text)})`;
}
