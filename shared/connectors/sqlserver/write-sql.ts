import { isJsonObject, type Json } from "../../model/json.js";
import type { InsertParts } from "../sql/write/system.js";
import { quoteSqlserverName as quote, quoteSqlserverText, sqlserverBytes } from "./sql-text.js";
import type { SqlserverTarget, SqlserverWrittenTable } from "./target-column.js";

/** What else is known of a target table. */
export interface SqlserverOwn {
  /** Columns of the unique key by which rows are taken for the same; null = the first key whose columns are all written. */
  readonly key: readonly string[] | null;
  /** Columns that are not written, and that `replace` puts back to their defaults. */
  readonly others: readonly string[];
}

/** As `own` of the plan has it. */
function ownOf(own: Json | undefined): SqlserverOwn {
  // Only our own `prepare` makes it; it comes back as it went.
  return isJsonObject(own ?? null) ? (own as unknown as SqlserverOwn) : { key: null, others: [] };
}

/** Types whose text is read by style 121: `2024-02-29 12:34:56.1234567`, whatever the session's language. */
const dated: readonly string[] = ["date", "datetime", "smalldatetime", "datetime2", "time"];
/** Types that text becomes by itself, and as which it is refused when it is too long: a conversion that is asked for would cut it. */
const assigned = /^(?:n?(?:var)?char|n?text|(?:var)?binary|image)$/;

/** The offset of dates without one, declared in front of statements that may need it. */
export const zoneVariable = "@sluice_zone";

/** What text or bytes become on their way into a column; `by` TRY_CONVERT = null where they cannot be one. */
export function convertedSql(
  { dataType, declared, scale }: SqlserverTarget,
  from: string,
  by: "CONVERT" | "TRY_CONVERT" = "CONVERT",
): string {
  if (assigned.test(dataType)) return from;
  if (dated.includes(dataType)) return `${by}(${declared}, ${from}, 121)`;
  if (dataType === "datetimeoffset") {
    const plain = `TODATETIMEOFFSET(${by}(datetime2(${scale ?? 7}), ${from}, 121), ${zoneVariable})`;
    return `CASE WHEN ${from} LIKE N'%[+-][0-9][0-9]:[0-9][0-9]' THEN ${by}(${declared}, ${from}, 121) ELSE ${plain} END`;
  }
  if (dataType === "sql_variant") return `${by}(nvarchar(4000), ${from})`;
  return dataType === "hierarchyid"
    ? `${by}(hierarchyid, ${by}(nvarchar(4000), ${from}))`
    : `${by}(${declared}, ${from})`;
}

/** A cell as a literal for its column. */
export function sqlserverCellLiteral(column: SqlserverTarget, cell: string | Buffer): string {
  if (column.takesBytes) return sqlserverBytes(Buffer.from(cell).toString("hex"));
  return convertedSql(column, quoteSqlserverText(cell.toString()));
}

/** Start and end of statements with literals, in the plan's mode. */
export function sqlserverInsertParts(table: SqlserverWrittenTable): InsertParts {
  if (table.mode === "insert") return { head: `${identitySql(table)}${insertHead(table)} VALUES `, tail: "" };
  const list = table.columns.map((column, at) => `c${at} ${stagedType(column)}`).join(", ");
  const names = table.columns.map((_, at) => `c${at}`).join(", ");
  const head = `DECLARE @sluice_rows TABLE (sluice_row int IDENTITY, ${list}); INSERT INTO @sluice_rows (${names}) VALUES `;
  const asTheyAre = table.columns.map((_, at) => `c${at}`);
  return { head, tail: `; ${mergeSql(table, { from: "@sluice_rows", values: asTheyAre })}` };
}

/** A column of rows that wait, of the target's own type and collation. */
function stagedType({ declared, collation }: SqlserverTarget): string {
  return collation === null ? declared : `${declared} COLLATE ${collation}`;
}

function insertHead({ sqlName, columns }: Pick<SqlserverWrittenTable, "sqlName" | "columns">): string {
  return `INSERT INTO ${sqlName} (${columns.map(({ name }) => quote(name)).join(", ")})`;
}

/** The server gives numbers itself unless it is told that these come with the rows; it counts for the session. */
function identitySql({ sqlName, columns }: Pick<SqlserverWrittenTable, "sqlName" | "columns">): string {
  return columns.some(({ isIdentity }) => isIdentity) ? `SET IDENTITY_INSERT ${sqlName} ON; ` : "";
}

/** Rows that wait in a table: their number `sluice_row`, and `c0`, `c1` and so on. */
interface WaitingRows {
  readonly from: string;
  /** The value of each column, made of the waiting one. */
  readonly values: readonly string[];
}

/** Moves the staged rows on, in the plan's mode. */
export function moveSql(table: SqlserverWrittenTable, from: string): string {
  const values = table.columns.map((column, at) => convertedSql(column, `c${at}`));
  if (table.mode !== "insert") return mergeSql(table, { from, values });
  return `${identitySql(table)}${insertHead(table)} SELECT ${values.join(", ")} FROM ${from} ORDER BY sluice_row`;
}

/** Of several rows with one key the last one counts, as it would row by row; two keys that are null are the same to a unique index. */
function mergeSql(table: SqlserverWrittenTable, { from, values }: WaitingRows): string {
  const { sqlName, mode, columns } = table;
  const key = keyPositions(table);
  const named = values.map((value, at) => (value === `c${at}` ? value : `${value} AS c${at}`)).join(", ");
  const same = key.map((at) => comparedSql(columns[at], `c${at}`)).join(", ");
  const source = `SELECT *, ROW_NUMBER() OVER (PARTITION BY ${same} ORDER BY sluice_row DESC) AS sluice_place
    FROM (SELECT sluice_row, ${named} FROM ${from}) AS waiting`;
  const on = key.map((at) => {
    const [theirs, ours] = [`t.${quote(columns[at]?.name ?? "")}`, comparedSql(columns[at], `s.c${at}`)];
    return columns[at]?.isNullable
      ? `(${theirs} = ${ours} OR (${theirs} IS NULL AND s.c${at} IS NULL))`
      : `${theirs} = ${ours}`;
  });
  const changes = mode === "ignore" ? [] : changesOf(table, key);
  const update = changes.length > 0 ? ` WHEN MATCHED THEN UPDATE SET ${changes.join(", ")}` : "";
  const names = columns.map(({ name }) => quote(name)).join(", ");
  return `${identitySql(table)}MERGE INTO ${sqlName} WITH (HOLDLOCK, UPDLOCK) AS t
    USING (SELECT * FROM (${source}) AS numbered WHERE sluice_place = 1) AS s ON ${on.join(" AND ")}${update}
    WHEN NOT MATCHED THEN INSERT (${names}) VALUES (${columns.map((_, at) => `s.c${at}`).join(", ")});`;
}

/** A value as the target's key compares it: a text by its collation, in its code page, and no longer than it, so that an index serves. */
export function comparedSql(column: SqlserverTarget | undefined, value: string): string {
  if (!column || column.collation === null) return value;
  return `CONVERT(${column.declared}, ${value} COLLATE ${column.collation})`;
}

function changesOf(table: SqlserverWrittenTable, key: readonly number[]): string[] {
  const { mode, columns, updateColumns, own } = table;
  const changed = mode === "replace" ? columns.map(({ name }) => name) : updateColumns;
  const set = columns.flatMap(({ name, isIdentity }, at) =>
    isIdentity || key.includes(at) || !changed.includes(name) ? [] : [`t.${quote(name)} = s.c${at}`],
  );
  const reset = mode === "replace" ? ownOf(own).others.map((name) => `t.${quote(name)} = DEFAULT`) : [];
  return [...set, ...reset];
}

/** Positions of the columns by which rows are taken for the same; `prepare` has made sure that there are some. */
export function keyPositions({ own, keys, columns }: SqlserverWrittenTable): readonly number[] {
  const { key } = ownOf(own);
  if (key === null) return keys[0]?.positions ?? [];
  return key.map((name) => columns.findIndex((column) => column.name === name));
}
