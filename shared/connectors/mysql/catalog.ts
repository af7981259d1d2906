import { UserError } from "../../model/errors.js";
import type { Catalog, CatalogColumn, CatalogPage, CatalogQuery } from "../contract.js";
import { connectMysql, type MysqlClient } from "./client.js";
import { mysqlFailure } from "./server-error.js";
import type { MysqlSource } from "./source.js";
import { quoteMysqlText } from "./sql-text.js";
import { describeMysqlTable } from "./table-info.js";

/** Looks into the database that the data source names. */
export const mysqlCatalog: Catalog<MysqlSource> = {
  tables: (source, query, signal) => withClient(source, signal, (client) => listTables(client, source, query)),
  columns: (source, table, signal) => withClient(source, signal, (client) => listColumns(client, source, table)),
};

async function withClient<T>(
  source: MysqlSource,
  signal: AbortSignal,
  work: (client: MysqlClient) => Promise<T>,
): Promise<T> {
  if (source.database === "")
    throw new UserError("CONFIG_INVALID", "the data source names no database to look into", { path: "database" });
  const client = await connectMysql(source, { use: "control", signal });
  try {
    return await work(client);
  } catch (error) {
    throw mysqlFailure(error, `looking into database ${source.database}`);
  } finally {
    await client.close();
  }
}

async function listTables(
  client: MysqlClient,
  { database }: MysqlSource,
  { search, limit, page }: CatalogQuery,
): Promise<CatalogPage> {
  // Compared in bytes, so that the order of pages does not depend on the server's collation.
  const after = page === null ? "" : ` AND CAST(table_name AS BINARY) > CAST(${quoteMysqlText(page)} AS BINARY)`;
  const matching = search === "" ? "" : ` AND LOCATE(LOWER(${quoteMysqlText(search)}), LOWER(table_name)) > 0`;
  const { rows } = await client.query(
    `SELECT table_name, table_type, table_rows, data_length, table_comment FROM information_schema.tables
       WHERE table_schema = ${quoteMysqlText(database)}${after}${matching}
       ORDER BY CAST(table_name AS BINARY) LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit).map(([name, type, count, bytes, comment]) => {
    const isView = /view/i.test(type ?? "");
    return {
      name: name ?? "",
      kind: isView ? ("view" as const) : ("table" as const),
      rows: count == null ? null : Number(count),
      bytes: bytes == null ? null : Number(bytes),
      // The comment of a view is the word VIEW.
      comment: isView ? "" : (comment ?? ""),
    };
  });
  return { items, nextPage: rows.length > limit ? (items.at(-1)?.name ?? null) : null };
}

async function listColumns(
  client: MysqlClient,
  { database }: MysqlSource,
  table: string,
): Promise<readonly CatalogColumn[]> {
  const { columns, indexes } = await describeMysqlTable(client, database, table);
  const primary = indexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
  return columns.map(({ name, type, declared, isNullable }) => {
    const place = primary.indexOf(name);
    return { name, type, declared, nullable: isNullable, key: place < 0 ? null : place + 1 };
  });
}
