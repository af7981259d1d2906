import type { CatalogQuery } from "../contract.js";
import { sqlCatalog } from "../sql/catalog.js";
import { quotePostgresqlText } from "./sql-text.js";
import { postgresqlSystem } from "./system.js";
import { displayedTable } from "./table-name.js";

/** Looks into the database that the data source names; tables outside schema `public` are `schema.table`. */
export const postgresqlCatalog = sqlCatalog(postgresqlSystem, {
  // The server notices a cut connection only when it sends the next row.
  session: ["SET statement_timeout = 30000"],
  tables: (_source, query) => listSql(query),
  displayed: ([schema, relation]) => displayedTable(schema ?? "", relation ?? ""),
});

const tableName = "CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END";

/** Pages are in the order of these names by their bytes, whatever the database's collation. A view has neither rows nor bytes. */
function listSql({ search, limit, page }: CatalogQuery): string {
  const after = page === null ? "" : `name > ${quotePostgresqlText(page)} AND `;
  return `SELECT name, kind, rows, bytes, comment, schema, relation FROM (
    SELECT (${tableName})::text COLLATE "C" AS name, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind,
      CASE WHEN c.reltuples >= 0 AND c.relkind <> 'v' THEN c.reltuples::bigint END AS rows,
      CASE WHEN c.relkind <> 'v' THEN pg_relation_size(c.oid) END AS bytes, obj_description(c.oid, 'pg_class') AS comment,
      n.nspname AS schema, c.relname AS relation
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ) t WHERE ${after}strpos(lower(name), lower(${quotePostgresqlText(search)})) > 0 ORDER BY name LIMIT ${limit + 1}`;
}
