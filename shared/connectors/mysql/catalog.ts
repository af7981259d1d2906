import { UserError } from "../../model/errors.js";
import type { CatalogQuery } from "../contract.js";
import { sqlCatalog } from "../sql/catalog.js";
import { quoteMysqlText } from "./sql-text.js";
import { mysqlSystem } from "./system.js";

/** Looks into the database that the data source names. */
export const mysqlCatalog = sqlCatalog(mysqlSystem, {
  require({ database }) {
    if (database === "")
      throw new UserError("CONFIG_INVALID", "the data source names no database to look into", { path: "database" });
  },
  tables: ({ database }, query) => listSql(database, query),
});

/** The comment of a view is the word VIEW. Names are compared in bytes, so that the order of pages does not depend on the server's collation. */
function listSql(database: string, { search, limit, page }: CatalogQuery): string {
  const after = page === null ? "" : ` AND CAST(table_name AS BINARY) > CAST(${quoteMysqlText(page)} AS BINARY)`;
  const matching = search === "" ? "" : ` AND LOCATE(LOWER(${quoteMysqlText(search)}), LOWER(table_name)) > 0`;
  const isView = "table_type LIKE '%VIEW%'";
  return `SELECT table_name, CASE WHEN ${isView} THEN 'view' ELSE 'table' END, table_rows, data_length,
      CASE WHEN ${isView} THEN '' ELSE table_comment END FROM information_schema.tables
    WHERE table_schema = ${quoteMysqlText(database)}${after}${matching}
    ORDER BY CAST(table_name AS BINARY) LIMIT ${limit + 1}`;
}
