import { UserError } from "../../model/errors.js";
import type { SqlClient } from "../sql/client.js";
import { quoteSqlserverName, quoteSqlserverText } from "./sql-text.js";

/** A table or view that there is. */
export interface SqlserverFoundTable {
  /** The server's number of it within its database. */
  readonly id: string;
  /** What stands in front of `sys.` to look into its database; empty = that of the connection. */
  readonly catalog: string;
  /** For people: `schema.table`. */
  readonly title: string;
  /** Quoted, with its schema. */
  readonly sqlName: string;
  readonly isView: boolean;
}

/** The parts of `table`, `schema.table`, `[My Schema].[My.Table]`, `database..table`. */
export function sqlserverNameParts(name: string): string[] {
  // A bracket or quote that nobody closes goes to the end: to look for its end again from each one after it would cost a square.
  const parts = [
    ...name.trim().matchAll(/\[((?:[^\]]|\]\])*)(?:\]|$)|"((?:[^"]|"")*)(?:"|$)|([^.["]+)|(?<=\.)(?=\.)/g),
  ];
  return parts.map(([, bracketed, quoted, bare]) => {
    return bracketed?.replaceAll("]]", "]") ?? quoted?.replaceAll('""', '"') ?? bare?.trim() ?? "";
  });
}

/** A table's name as the statements of a job have it in place of `@table`: as it is written, each part quoted. */
export function sqlserverWrittenTable(name: string): string {
  return quoted(sqlserverNameParts(name));
}

function quoted(parts: readonly string[]): string {
  return parts.map((part) => (part === "" ? "" : quoteSqlserverName(part))).join(".");
}

/** A table's name as people write it and {@link sqlserverNameParts} reads it. */
export function displayedSqlserverTable(schema: string, table: string): string {
  const displayed = (part: string) => (/["\s.,[\]]/.test(part) ? quoteSqlserverName(part) : part);
  return schema === "dbo" ? displayed(table) : `${displayed(schema)}.${displayed(table)}`;
}

/**
 * Finds the table that a job means, as the server's collation compares names; without a schema it is looked for in that of the account,
 * then in `dbo`.
 *
 * @throws UserError SOURCE_OBJECT_MISSING
 */
export async function findSqlserverTable(client: SqlClient, name: string): Promise<SqlserverFoundTable> {
  const parts = sqlserverNameParts(name);
  // A dot may also belong to the name.
  const row = (await lookUp(client, parts)) ?? (parts.length > 1 ? await lookUp(client, [name.trim()]) : null);
  if (!row)
    throw new UserError("SOURCE_OBJECT_MISSING", `table ${name} does not exist, or this account may not see it`);
  const [id = "", schema = "", table = "", kind = "", database = ""] = row.map((cell) => cell ?? "");
  const own = quoted([schema, table]);
  const catalog = database === "" ? "" : `${quoteSqlserverName(database)}.`;
  return { id, catalog, title: `${schema}.${table}`, sqlName: `${catalog}${own}`, isView: kind.trim() === "V" };
}

async function lookUp(client: SqlClient, parts: readonly string[]): Promise<readonly (string | null)[] | null> {
  const database = parts.length > 2 ? (parts.at(-3) ?? "") : "";
  const catalog = database === "" ? "" : `${quoteSqlserverName(database)}.`;
  const { rows } = await client.query(
    `SELECT o.object_id, s.name, o.name, o.type FROM ${catalog}sys.objects o
      JOIN ${catalog}sys.schemas s ON s.schema_id = o.schema_id
      WHERE o.object_id = OBJECT_ID(${quoteSqlserverText(quoted(parts))}) AND o.type IN ('U', 'V')`,
  );
  return rows[0] ? [...rows[0], database] : null;
}
