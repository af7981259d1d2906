import type { Catalog, CatalogColumn, CatalogPage, CatalogQuery } from "../contract.js";
import { openOracle } from "./connect.js";
import type { OracleConnection } from "./connection.js";
import { oracleFailure } from "./server-error.js";
import type { OracleSource } from "./source.js";
import { quoteOracleText } from "./sql-text.js";
import { describeOracleTable } from "./table-info.js";
import { displayedOracleTable } from "./table-name.js";

/** Looks into what the account may see; tables of other schemas than its own are `SCHEMA.TABLE`. */
export const oracleCatalog: Catalog<OracleSource> = {
  tables: (source, query, signal) => withClient(source, signal, (client) => listTables(client, query)),
  columns: (source, table, signal) => withClient(source, signal, (client) => listColumns(client, table)),
};

async function withClient<T>(
  source: OracleSource,
  signal: AbortSignal,
  work: (client: OracleConnection) => Promise<T>,
): Promise<T> {
  const client = await openOracle(source, { use: "read", signal });
  try {
    return await work(client);
  } catch (error) {
    throw oracleFailure(error, `looking into ${source.database}`);
  } finally {
    await client.close();
  }
}

const own = "SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')";

/** Schemas that come with the server have no tables that people move; before 12c the dictionary does not know which these are. */
function listSql({ search, limit, page }: CatalogQuery): string {
  const wanted = [
    ...(page === null ? [] : [`NAME > ${quoteOracleText(page)}`]),
    ...(search === "" ? [] : [`INSTR(LOWER(NAME), LOWER(${quoteOracleText(search)})) > 0`]),
  ];
  const filter = wanted.length > 0 ? ` WHERE ${wanted.join(" AND ")}` : "";
  return `SELECT NAME, KIND, NUM_ROWS, BYTES, COMMENTS, OWNER, OBJECT FROM (
    SELECT CASE WHEN o.OWNER = ${own} THEN o.OBJECT_NAME ELSE o.OWNER || '.' || o.OBJECT_NAME END AS NAME,
      o.OBJECT_TYPE AS KIND, t.NUM_ROWS, t.BLOCKS * 8192 AS BYTES, c.COMMENTS,
      CASE WHEN o.OWNER = ${own} THEN NULL ELSE o.OWNER END AS OWNER, o.OBJECT_NAME AS OBJECT
    FROM ALL_OBJECTS o LEFT JOIN ALL_TABLES t ON t.OWNER = o.OWNER AND t.TABLE_NAME = o.OBJECT_NAME
      LEFT JOIN ALL_TAB_COMMENTS c ON c.OWNER = o.OWNER AND c.TABLE_NAME = o.OBJECT_NAME
    WHERE o.OBJECT_TYPE IN ('TABLE', 'VIEW') AND o.ORACLE_MAINTAINED = 'N'
  ) LISTED${filter}
    ORDER BY NAME FETCH FIRST ${limit + 1} ROWS ONLY`;
}

async function listTables(client: OracleConnection, query: CatalogQuery): Promise<CatalogPage> {
  const { rows } = await client.query(listSql(query));
  const items = rows.slice(0, query.limit).map(([, kind, count, bytes, comment, owner, object]) => ({
    name: displayedOracleTable(owner ?? null, object ?? ""),
    kind: kind === "VIEW" ? ("view" as const) : ("table" as const),
    rows: count == null ? null : Number(count),
    bytes: bytes == null ? null : Number(bytes),
    comment: comment ?? "",
  }));
  return { items, nextPage: rows.length > query.limit ? (rows[query.limit - 1]?.[0] ?? null) : null };
}

async function listColumns(client: OracleConnection, name: string): Promise<readonly CatalogColumn[]> {
  const { columns, indexes } = await describeOracleTable(client, name);
  const primary = indexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
  return columns.map(({ name: column, type, declared, isNullable }) => {
    const place = primary.indexOf(column);
    return { name: column, type, declared, nullable: isNullable, key: place < 0 ? null : place + 1 };
  });
}
