import { SluiceError, TransientError, UserError } from "../../model/errors.js";
import { interruption } from "../../model/overdue.js";
import type { Catalog, CatalogColumn, CatalogPage, CatalogQuery } from "../contract.js";
import { isNetworkError } from "../network/probe.js";
import { connect, type PostgresqlClient, serverErrorOf } from "./client.js";
import type { PostgresqlSource } from "./source.js";

/** Looks into the database that the data source names; tables outside schema `public` are `schema.table`. */
export const postgresqlCatalog: Catalog<PostgresqlSource> = {
  tables: (source, query, signal) => withClient(source, signal, (client) => listTables(client, query)),
  columns: (source, table, signal) => withClient(source, signal, (client) => listColumns(client, table)),
};

async function withClient<T>(
  source: PostgresqlSource,
  signal: AbortSignal,
  work: (client: PostgresqlClient) => Promise<T>,
): Promise<T> {
  let client: PostgresqlClient | undefined;
  const abort = () => void client?.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    client = await firstThatAnswers(source);
    if (signal.aborted) throw cancelled();
    // The server notices a cut connection only when it sends the next row.
    await client.query(`SET statement_timeout = ${STATEMENT_MS}`);
    return await work(client);
  } catch (error) {
    const { host, port } = source.addresses[0] ?? { host: source.database, port: 0 };
    if (signal.aborted)
      throw interruption(signal, `${host}:${port} (looking into database ${source.database})`, cancelled);
    throw toSluiceError(error, `looking into database ${source.database}`);
  } finally {
    signal.removeEventListener("abort", abort);
    await client?.close();
  }
}

/** Longest statement of a look. */
const STATEMENT_MS = 30_000;

function cancelled(): UserError {
  return new UserError("CANCELLED", "interrupted on request");
}

async function firstThatAnswers(source: PostgresqlSource): Promise<PostgresqlClient> {
  let failure: unknown;
  for (const address of source.addresses) {
    try {
      return await connect(source, address);
    } catch (error) {
      failure ??= error;
      // Another address of the same server would refuse as well.
      if (!isNetworkError(error)) break;
    }
  }
  throw failure;
}

const tableName = "CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END";

const listSql = `SELECT name, kind, rows, bytes, comment FROM (
    SELECT (${tableName})::text COLLATE "C" AS name, c.relkind AS kind,
      CASE WHEN c.reltuples < 0 THEN NULL ELSE c.reltuples::bigint END AS rows,
      pg_relation_size(c.oid) AS bytes, obj_description(c.oid, 'pg_class') AS comment
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ) t WHERE ($1::text IS NULL OR name > $1) AND strpos(lower(name), lower($2)) > 0 ORDER BY name LIMIT $3`;

async function listTables(client: PostgresqlClient, { search, limit, page }: CatalogQuery): Promise<CatalogPage> {
  // An empty text is found at the first place of any name.
  const found = await client.query(listSql, [page, search, limit + 1]);
  const items = found.slice(0, limit).map(([name, kind, rows, bytes, comment]) => {
    const isView = kind === "v" || kind === "m";
    return {
      name: name ?? "",
      kind: isView ? ("view" as const) : ("table" as const),
      rows: rows == null || kind === "v" ? null : Number(rows),
      bytes: bytes == null || kind === "v" ? null : Number(bytes),
      comment: comment ?? "",
    };
  });
  return { items, nextPage: found.length > limit ? (items.at(-1)?.name ?? null) : null };
}

const columnsSql = `SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, array_position(i.indkey::int2[], a.attnum)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
  WHERE ${tableName} = $1 ORDER BY a.attnum`;

async function listColumns(client: PostgresqlClient, table: string): Promise<readonly CatalogColumn[]> {
  const found = await client.query(columnsSql, [table.replace(/^public\./, "")]);
  if (found.length === 0) throw new UserError("SOURCE_OBJECT_MISSING", `there is no table ${table}`);
  return found.map(([name, declared, isNotNull, place]) => ({
    name: name ?? "",
    type: columnType(declared ?? ""),
    declared: declared ?? "",
    nullable: isNotNull !== "t",
    // int2vector counts from 0.
    key: place == null ? null : Number(place) + 1,
  }));
}

const types: readonly (readonly [pattern: RegExp, type: CatalogColumn["type"]])[] = [
  [/\[\]$/, "string"],
  [/^(smallint|integer|bigint|oid)$/, "long"],
  [/^(real|double precision|numeric|money)/, "double"],
  [/^(date|time|timestamp)/, "date"],
  [/^boolean$/, "bool"],
  [/^bytea$/, "bytes"],
];

function columnType(declared: string): CatalogColumn["type"] {
  return types.find(([pattern]) => pattern.test(declared))?.[1] ?? "string";
}

function toSluiceError(cause: unknown, doing: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const { state, message } = serverErrorOf(cause);
  const told = `${doing}: ${message}${state ? ` (${state})` : ""}`;
  if (isNetworkError(cause)) return new TransientError("SOURCE_UNREACHABLE", told, { cause });
  if (/^(28|42501)/.test(state)) return new UserError("ACCESS_DENIED", told, { cause });
  if (state === "3D000") return new UserError("SOURCE_OBJECT_MISSING", told, { cause });
  return new UserError("SOURCE_REFUSED", told, { cause });
}
