import type { CatalogQuery } from "../contract.js";
import { sqlCatalog } from "../sql/catalog.js";
import { quoteSqlserverText } from "./sql-text.js";
import { sqlserverSystem } from "./system.js";
import { displayedSqlserverTable } from "./table-name.js";

/** Looks into the database that the data source names; tables outside schema `dbo` are `schema.table`. */
export const sqlserverCatalog = sqlCatalog(sqlserverSystem, {
  session: ["SET LOCK_TIMEOUT 30000"],
  tables: (_source, query) => listSql(query),
  displayed: ([schema, relation]) => displayedSqlserverTable(schema ?? "", relation ?? ""),
});

/** Pages are in the order of these names by their bytes, whatever the database's collation. A view has neither rows nor bytes. */
function listSql({ search, limit, page }: CatalogQuery): string {
  const after = page === null ? "" : `name COLLATE Latin1_General_100_BIN2 > ${quoteSqlserverText(page)} AND `;
  return `SELECT TOP (${limit + 1}) name, kind, row_count, bytes, comment, schema_name, table_name FROM (
    SELECT CASE WHEN s.name = N'dbo' THEN o.name ELSE CONCAT(s.name, N'.', o.name) END AS name,
      CASE WHEN o.type = 'V' THEN 'view' ELSE 'table' END AS kind,
      (SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1) AND o.type = 'U') AS row_count,
      (SELECT SUM(a.used_pages) * 8192 FROM sys.partitions p JOIN sys.allocation_units a ON a.container_id = p.partition_id
        WHERE p.object_id = o.object_id AND o.type = 'U') AS bytes,
      (SELECT CONVERT(nvarchar(4000), e.value) FROM sys.extended_properties e
        WHERE e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = N'MS_Description') AS comment,
      s.name AS schema_name, o.name AS table_name
    FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
    WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
  ) AS t WHERE ${after}CHARINDEX(LOWER(${quoteSqlserverText(search)}), LOWER(name)) > ${search === "" ? -1 : 0}
  ORDER BY name COLLATE Latin1_General_100_BIN2`;
}
