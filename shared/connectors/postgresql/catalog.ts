import type { Catalog, CatalogColumn, CatalogPage, CatalogQuery } from "../contract.js";
import { connectPostgresql } from "./connect.js";
import type { PostgresqlConnection } from "./connection.js";
import { postgresqlFailure } from "./server-error.js";
import type { PostgresqlSource } from "./source.js";
import { quotePostgresqlText } from "./sql-text.js";
import { describePostgresqlTable } from "./table-info.js";
import { displayedTable } from "./table-name.js";

/** Looks into the database that the data source names; tables outside schema `public` are `schema.table`. */
export const postgresqlCatalog: Catalog<PostgresqlSource> = {
  tables: (source, query, signal) => withClient(source, signal, (client) => listTables(client, query)),
  columns: (source, table, signal) => withClient(source, signal, (client) => listColumns(client, table)),
};

async function withClient<T>(
  source: PostgresqlSource,
  signal: AbortSignal,
  work: (client: PostgresqlConnection) => Promise<T>,
): Promise<T> {
  const client = await connectPostgresql(source, { use: "control", signal });
  try {
    // The server notices a cut connection only when it sends the next row.
    await client.execute(`SET statement_timeout = ${STATEMENT_MS}`);
    return await work(client);
  } catch (error) {
    throw postgresqlFailure(error, `looking into database ${source.database}`);
  } finally {
    await client.close();
  }
}

/** Longest statement of a look. */
const STATEMENT_MS = 30_000;

const tableName = "CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END";

/** Pages are in the order of these names by their bytes, whatever the database's collation. */
function listSql({ search, limit, page }: CatalogQuery): string {
  const after = page === null ? "" : `name > ${quotePostgresqlText(page)} AND `;
  return `SELECT name, kind, rows, bytes, comment, schema, relation FROM (
    SELECT (${tableName})::text COLLATE "C" AS name, c.relkind AS kind, n.nspname AS schema, c.relname AS relation,
      CASE WHEN c.reltuples < 0 THEN NULL ELSE c.reltuples::bigint END AS rows,
      pg_relation_size(c.oid) AS bytes, obj_description(c.oid, 'pg_class') AS comment
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ) t WHERE ${after}strpos(lower(name), lower(${quotePostgresqlText(search)})) > 0 ORDER BY name LIMIT ${limit + 1}`;
}

async function listTables(client: PostgresqlConnection, query: CatalogQuery): Promise<CatalogPage> {
  const { rows } = await client.query(listSql(query));
  const items = rows.slice(0, query.limit).map(([, kind, count, bytes, comment, schema, relation]) => {
    const isView = kind === "v" || kind === "m";
    return {
      name: displayedTable(schema ?? "", relation ?? ""),
      kind: isView ? ("view" as const) : ("table" as const),
      rows: count == null || kind === "v" ? null : Number(count),
      bytes: bytes == null || kind === "v" ? null : Number(bytes),
      comment: comment ?? "",
    };
  });
  return { items, nextPage: rows.length > query.limit ? (rows[query.limit - 1]?.[0] ?? null) : null };
}

async function listColumns(client: PostgresqlConnection, name: string): Promise<readonly CatalogColumn[]> {
  const { columns, indexes } = await describePostgresqlTable(client, name);
  const primary = indexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
  return columns.map(({ name: column, type, declared, isNullable }) => {
    const place = primary.indexOf(column);
    return { name: column, type, declared, nullable: isNullable, key: place < 0 ? null : place + 1 };
  });
}
