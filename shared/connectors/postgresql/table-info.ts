import type { SqlClient } from "../sql/client.js";
import type { SqlTableColumn, TableIndex, TableInfo } from "../sql/table.js";
import { keyKindOf, typeOf } from "./column-type.js";
import { findTable } from "./table-name.js";

/** A column as the server's catalog declares it. */
export interface PostgresqlColumn extends SqlTableColumn {
  /** The server gives it a number: `always` takes none from INSERT, `default` where there is none. */
  readonly identity: "always" | "default" | null;
  /** The sequence behind it, quoted, with its schema; null = none. */
  readonly sequence: string | null;
  /** Has a default of its own. */
  readonly hasDefault: boolean;
}

/** A table or view of PostgreSQL. */
export interface PostgresqlTable extends TableInfo<PostgresqlColumn> {
  readonly oid: string;
  /** `r` table, `p` partitioned, `v` view, `m` materialized view, `f` foreign table. */
  readonly kind: string;
}

/**
 * Describes a table or view.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when there is none of that name, or none that the account may see
 */
export async function describePostgresqlTable(client: SqlClient, name: string): Promise<PostgresqlTable> {
  const found = await findTable(client, name);
  const { oid, schema, table, sqlName, kind } = found;
  const columns = await client.query(columnsSql(oid));
  const indexes = await client.query(indexesSql(oid));
  return {
    ...{ oid, kind, sqlName, title: `${schema}.${table}`, isTransactional: true, rows: Math.max(0, found.rows) },
    columns: columns.rows.map(columnOf),
    indexes: indexesOf(indexes.rows),
  };
}

/** As JSON, what a version does not know is null: identities came with 10, generated columns with 12. Of a domain the base type counts. */
const columnsSql = (oid: string) => `SELECT a.attname, coalesce(b.typname, t.typname),
    format_type(a.atttypid, a.atttypmod), a.attnotnull OR t.typnotnull, row_to_json(a)->>'attidentity',
    row_to_json(a)->>'attgenerated', a.atthasdef, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END,
    CASE WHEN a.atthasdef OR row_to_json(a)->>'attidentity' <> '' THEN (SELECT s.oid::regclass::text
      FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      WHERE d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i') LIMIT 1) END
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
  WHERE a.attrelid = ${oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

/** Those over whole rows and plain columns, in the order of their columns; what an index only carries along (INCLUDE) is none. */
const indexesSql = (oid: string) => `SELECT c.relname, i.indisprimary, i.indisunique AND i.indimmediate,
    m.amname = 'btree', a.attname
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am m ON m.oid = c.relam
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  WHERE i.indrelid = ${oid} AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND k.place <= coalesce((row_to_json(i)->>'indnkeyatts')::int, i.indnatts)
  ORDER BY i.indisprimary DESC, c.relname, k.place`;

function columnOf(row: readonly (string | null)[]): PostgresqlColumn {
  const [name, dataType, declared, isNotNull, identity, generated, hasDefault, modifier, sequence] = row;
  const type = dataType ?? "";
  const isGenerated = (generated ?? "") !== "";
  return {
    ...{
      name: name ?? "",
      type: typeOf(type),
      dataType: type,
      declared: declared ?? "",
      isNullable: isNotNull !== "t",
    },
    ...{
      isGenerated,
      isInvisible: false,
      keyKind: keyKindOf(type),
      maxCodePoint: 0x10ffff,
      isMoment: type === "timestamptz",
    },
    identity: identity === "a" ? "always" : identity === "d" ? "default" : null,
    ...{ sequence: sequence ?? null, hasDefault: hasDefault === "t" && !isGenerated },
    ...limitsOf(type, Number(modifier ?? -1)),
  };
}

/** What a type's modifier says (PostgreSQL source, `format_type` of each type); -1 = nothing. */
function limitsOf(type: string, modifier: number): Pick<SqlTableColumn, "maxLength" | "precision" | "scale"> {
  const none = { maxLength: null, precision: null, scale: null };
  if (type === "timestamp" || type === "timestamptz" || type === "time")
    return { ...none, scale: modifier < 0 ? 6 : modifier };
  if (type === "date") return { ...none, scale: 0 };
  // Nearly everywhere; what more digits there are would be rounded off.
  if (type === "money") return { ...none, scale: 2 };
  if (modifier < 0) return none;
  if (type === "varchar" || type === "bpchar") return { ...none, maxLength: modifier - 4 };
  if (type === "bit" || type === "varbit") return { ...none, maxLength: modifier };
  if (type !== "numeric") return none;
  const bits = modifier - 4;
  // From 15 on a scale may be negative: eleven bits with a sign.
  return { ...none, precision: (bits >> 16) & 0xffff, scale: ((bits & 0x7ff) ^ 1024) - 1024 };
}

function indexesOf(rows: readonly (readonly (string | null)[])[]): TableIndex[] {
  const found = new Map<string, TableIndex & { readonly columns: string[] }>();
  for (const [name, isPrimary, isUnique, isSorted, column] of rows) {
    const flags = { isPrimary: isPrimary === "t", isUnique: isUnique === "t", isSorted: isSorted === "t" };
    const index = found.get(name ?? "") ?? { name: name ?? "", ...flags, columns: [] };
    index.columns.push(column ?? "");
    found.set(index.name, index);
  }
  return [...found.values()];
}
