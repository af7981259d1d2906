import type { SqlClient } from "../sql/client.js";
import type { KeyKind } from "../sql/keys/key-range.js";
import type { SqlTableColumn, TableIndex, TableInfo } from "../sql/table.js";
import { sqlserverKeyKind, sqlserverType } from "./column-type.js";
import { findSqlserverTable, type SqlserverFoundTable } from "./table-name.js";

/** A column as the server's catalog declares it. */
export interface SqlserverColumn extends SqlTableColumn {
  /** The server gives it a number unless it is told to take ours. */
  readonly isIdentity: boolean;
  /** Of text; null = no text. */
  readonly collation: string | null;
  /** Windows' number of the code page that a varchar's characters are kept in; 65001 = UTF-8, null = no such text. */
  readonly codePage: number | null;
  /** Why nobody writes it, such as `computed`; null = it is written. */
  readonly whyGenerated: string | null;
}

/** A table or view of SQL Server. */
export type SqlserverTable = TableInfo<SqlserverColumn>;

/**
 * Describes a table or view.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when there is none of that name, or none that the account may see
 */
export async function describeSqlserverTable(client: SqlClient, name: string): Promise<SqlserverTable> {
  const found = await findSqlserverTable(client, name);
  const columns = await client.query(columnsSql(found));
  const indexes = found.isView ? { rows: [] } : await client.query(indexesSql(found));
  const rows = await client.query(rowsSql(found));
  return {
    ...{ sqlName: found.sqlName, title: found.title, isTransactional: true },
    columns: columns.rows.map(columnOf),
    indexes: indexesOf(indexes.rows),
    rows: Number(rows.rows[0]?.[0] ?? 0),
  };
}

/** A type of one's own counts as the system's type behind it; those of the CLR have none. */
const columnsSql = ({ id, catalog }: SqlserverFoundTable) => `SELECT c.name, COALESCE(b.name, t.name) AS type,
    c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity, c.is_computed, c.generated_always_type, c.is_hidden,
    c.collation_name, COLLATIONPROPERTY(c.collation_name, 'CodePage') AS page
  FROM ${catalog}sys.columns c JOIN ${catalog}sys.types t ON t.user_type_id = c.user_type_id
    LEFT JOIN ${catalog}sys.types b ON b.user_type_id = c.system_type_id
  WHERE c.object_id = ${id} ORDER BY c.column_id`;

/** Sorted ones over whole rows, in the order of their columns; what an index only carries along (INCLUDE) is none. */
const indexesSql = ({
  id,
  catalog,
}: SqlserverFoundTable) => `SELECT i.name, i.is_primary_key, i.is_unique, c.name AS part
  FROM ${catalog}sys.indexes i JOIN ${catalog}sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
    JOIN ${catalog}sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
  WHERE i.object_id = ${id} AND i.type IN (1, 2) AND i.has_filter = 0 AND i.is_disabled = 0 AND k.key_ordinal > 0
  ORDER BY i.is_primary_key DESC, i.name, k.key_ordinal`;

/** The same count as in `sys.dm_db_partition_stats`, which only those may look at who may look at the server's state. */
const rowsSql = ({ id, catalog }: SqlserverFoundTable) =>
  `SELECT SUM(p.rows) FROM ${catalog}sys.partitions p WHERE p.object_id = ${id} AND p.index_id IN (0, 1)`;

function columnOf(row: readonly (string | null)[]): SqlserverColumn {
  const [name, type, length, precision, scale, isNullable, isIdentity, isComputed, always, isHidden, collation, page] =
    row;
  const dataType = (type ?? "").toLowerCase();
  const limits = limitsOf(dataType, { bytes: Number(length), precision: Number(precision), scale: Number(scale) });
  const declared = declaredType(dataType, limits);
  const whyGenerated = generatedBy({ dataType, isComputed, always });
  const keyKind = sqlserverKeyKind(dataType, limits.maxLength);
  return {
    ...{ name: name ?? "", type: sqlserverType(dataType), dataType, declared, keyKind, ...limits, whyGenerated },
    ...{ isNullable: isNullable === "1", isIdentity: isIdentity === "1", isInvisible: isHidden === "1" },
    ...{ isGenerated: whyGenerated !== null, isMoment: dataType === "datetimeoffset", collation: collation ?? null },
    codePage: page == null || dataType.startsWith("n") ? null : Number(page),
    ...literalType(keyKind, { dataType, declared, collation: collation ?? null }),
  };
}

interface ColumnFlags {
  readonly dataType: string;
  readonly isComputed: string | null | undefined;
  readonly always: string | null | undefined;
}

function generatedBy({ dataType, isComputed, always }: ColumnFlags): string | null {
  if (isComputed === "1") return "computed";
  if (dataType === "timestamp" || dataType === "rowversion") return "a rowversion";
  return Number(always ?? 0) > 0 ? "a period of the system" : null;
}

type Limits = Pick<SqlTableColumn, "maxLength" | "precision" | "scale">;

/** Texts of Unicode count units of two bytes, all others bytes; -1 = of any length. */
function limitsOf(
  type: string,
  { bytes, precision, scale }: { readonly bytes: number; readonly precision: number; readonly scale: number },
): Limits {
  const none: Limits = { maxLength: null, precision: null, scale: null };
  if (/^n(?:var)?char$/.test(type)) return { ...none, maxLength: bytes < 0 ? null : bytes / 2 };
  if (/^(?:var)?(?:char|binary)$/.test(type)) return { ...none, maxLength: bytes < 0 ? null : bytes };
  if (type === "sql_variant") return { ...none, maxLength: 4000 };
  if (type === "timestamp") return { ...none, maxLength: 8 };
  if (type === "decimal" || type === "numeric") return { ...none, precision, scale };
  if (/money$/.test(type)) return { ...none, scale: 4 };
  if (/^(?:datetime2|datetimeoffset|time)$/.test(type)) return { ...none, scale };
  if (type === "datetime") return { ...none, scale: 3 };
  return /^(?:date|smalldatetime)$/.test(type) ? { ...none, scale: 0 } : none;
}

function declaredType(type: string, { maxLength, precision, scale }: Limits): string {
  if (/^(?:n?(?:var)?char|(?:var)?binary)$/.test(type)) return `${type}(${maxLength ?? "max"})`;
  if (precision !== null) return `${type}(${precision},${scale})`;
  return /^(?:datetime2|datetimeoffset|time)$/.test(type) ? `${type}(${scale})` : type;
}

/** Numbers and texts of Unicode need none; see `SqlText.keyLiteral`. */
function literalType(
  kind: KeyKind | null,
  {
    dataType,
    declared,
    collation,
  }: { readonly dataType: string; readonly declared: string; readonly collation: string | null },
): Pick<SqlTableColumn, "literalType"> {
  if (kind === null || kind === "integer" || kind === "bytes" || dataType.startsWith("n")) return {};
  if (kind === "decimal") return /money/.test(dataType) ? { literalType: dataType } : {};
  if (!/^(?:var)?char$/.test(dataType)) return { literalType: declared };
  const length = /\d+/.exec(declared)?.[0] ?? "8000";
  return { literalType: `varchar(${length})${collation === null ? "" : ` COLLATE ${collation}`}` };
}

function indexesOf(rows: readonly (readonly (string | null)[])[]): TableIndex[] {
  const found = new Map<string, TableIndex & { readonly columns: string[] }>();
  for (const [name, isPrimary, isUnique, column] of rows) {
    const flags = { isPrimary: isPrimary === "1", isUnique: isUnique === "1", isSorted: true };
    const index = found.get(name ?? "") ?? { name: name ?? "", ...flags, columns: [] };
    index.columns.push(column ?? "");
    found.set(index.name, index);
  }
  return [...found.values()];
}
