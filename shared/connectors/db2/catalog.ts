import type { Catalog, CatalogColumn, CatalogPage, CatalogQuery } from "../contract.js";
import { type Db2Connection, openDb2 } from "./client.js";
import { db2Failure } from "./server-error.js";
import type { Db2Source } from "./source.js";
import { quoteDb2Text } from "./sql-text.js";
import { describeDb2Table } from "./table-info.js";

/** Looks into what the account may see; tables of other schemas than the session's are `SCHEMA.TABLE`. */
export const db2Catalog: Catalog<Db2Source> = {
  tables: (source, query, signal) => withClient(source, signal, (client) => listTables(client, query)),
  columns: (source, table, signal) => withClient(source, signal, (client) => listColumns(client, table)),
};

async function withClient<T>(
  source: Db2Source,
  signal: AbortSignal,
  work: (client: Db2Connection) => Promise<T>,
): Promise<T> {
  const client = await openDb2(source, { use: "control", signal });
  try {
    return await work(client);
  } catch (error) {
    throw db2Failure(error, `looking into database ${source.database}`);
  } finally {
    await client.close();
  }
}

function listSql({ search, limit, page }: CatalogQuery): string {
  const wanted = [
    ...(page === null ? [] : [`NAME > ${quoteDb2Text(page)}`]),
    ...(search === "" ? [] : [`LOCATE(LOWER(${quoteDb2Text(search)}), LOWER(NAME)) > 0`]),
  ];
  const filter = wanted.length > 0 ? ` WHERE ${wanted.join(" AND ")}` : "";
  return `SELECT NAME, TYPE, CARD, REMARKS FROM (
    SELECT CASE WHEN TABSCHEMA = CURRENT SCHEMA THEN TABNAME ELSE RTRIM(TABSCHEMA) || '.' || TABNAME END AS NAME, TYPE, CARD, REMARKS
    FROM SYSCAT.TABLES WHERE TYPE IN ('T', 'V') AND TABSCHEMA NOT LIKE 'SYS%') LISTED${filter}
    ORDER BY NAME FETCH FIRST ${limit + 1} ROWS ONLY`;
}

async function listTables(client: Db2Connection, query: CatalogQuery): Promise<CatalogPage> {
  const { rows } = await client.query(listSql(query));
  const items = rows.slice(0, query.limit).map(([name, kind, card, remarks]) => ({
    name: name ?? "",
    kind: kind === "V" ? ("view" as const) : ("table" as const),
    rows: card == null || Number(card) < 0 ? null : Number(card),
    ...{ bytes: null, comment: remarks ?? "" },
  }));
  return { items, nextPage: rows.length > query.limit ? (rows[query.limit - 1]?.[0] ?? null) : null };
}

async function listColumns(client: Db2Connection, name: string): Promise<readonly CatalogColumn[]> {
  const { columns, indexes } = await describeDb2Table(client, name);
  const primary = indexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
  return columns.map(({ name: column, type, declared, isNullable }) => {
    const place = primary.indexOf(column);
    return { name: column, type, declared, nullable: isNullable, key: place < 0 ? null : place + 1 };
  });
}
