import type { Column } from "../../../model/batch.js";
import { UserError } from "../../../model/errors.js";
import { isJsonObject, type Json } from "../../../model/json.js";
import { compareKey, keyOrder, rangeConditions } from "../keys/key-conditions.js";
import type { KeyColumn, KeyRange, KeyValue } from "../keys/key-range.js";
import { inParentheses, type SqlText } from "../sql-text.js";
import { columnNamed } from "../table.js";
import type { ExactColumn, ExactReading } from "./exact.js";
import type { NamedColumn } from "./named-columns.js";
import type { ReadKey } from "./read-key.js";
import type { SqlReadParams } from "./read-params.js";
import type { ReadLayout } from "./stream.js";

/** A statement of the job as a split. */
export interface QuerySpec {
  readonly kind: "query";
  readonly datasource: string | null;
  readonly sql: string;
  /** Columns of its result that it selects by an expression. */
  readonly exact?: readonly ExactColumn[];
}

/** A range of a table as a split. */
export interface TableSpec {
  readonly kind: "table";
  readonly datasource: string | null;
  /** Quoted, with its schema. */
  readonly table: string;
  readonly key: ReadKey | null;
  /** Null = all rows. */
  readonly range: KeyRange | null;
  /** Set for the split of the rows whose split column is null. */
  readonly nullColumn: string | null;
  /** What its rows meet besides. */
  readonly condition?: string;
  /** Entries of `column` that are names of the table's columns. */
  readonly named?: readonly NamedColumn[];
  /** Set for a table with columns that are selected by an expression. */
  readonly exact?: ExactTable;
}

/** The columns of a table that are selected by an expression. */
export interface ExactTable {
  readonly columns: readonly ExactColumn[];
  /** What `*` stands for: the names of the table's visible columns. */
  readonly star: readonly string[];
}

/** A split as it travels: plain JSON. */
export type SqlReadSpec = QuerySpec | TableSpec;

/** How a system writes the SELECT of a split. */
export interface SelectWriter {
  readonly text: SqlText;
  readonly reading: { readonly exact?: Pick<ExactReading<never>, "sql" | "column"> };
}

/** A split that became JSON and came back. */
export function parseReadSpec(spec: Json): SqlReadSpec {
  if (!isJsonObject(spec) || (spec.kind !== "query" && spec.kind !== "table")) {
    throw new UserError("CONFIG_INVALID", "the split is none of this reader");
  }
  // Only `split` of this reader makes these; they come back as they went.
  return spec as unknown as SqlReadSpec;
}

/** True when the job reads the columns as the table has them. */
export function isStar({ columns }: Pick<SqlReadParams, "columns">): boolean {
  return columns.length === 1 && columns[0] === "*";
}

/** Key columns that the statement must select behind the visible ones, because the job does not select them. */
function hiddenKey(params: SqlReadParams, spec: TableSpec): ReadKey["columns"] {
  const { key, named = [] } = spec;
  if (!key?.isUnique) return [];
  if (isStar(params)) return key.columns.filter((column) => column.isInvisible);
  const visible = new Set(named.map(([, name]) => name));
  return key.columns.filter((column) => !visible.has(column.name));
}

/** What the statement selects for the job's columns. */
function visibleEntries(
  { text, reading }: SelectWriter,
  params: SqlReadParams,
  { exact, named = [], key }: TableSpec,
): { sql: string; exact: ExactColumn | null }[] {
  const whole = exact && isStar(params) ? exact.star : null;
  const names = new Map<number, string>(whole?.entries() ?? named);
  return (whole ?? params.columns).map((entry, at) => {
    const name = names.get(at);
    if (name === undefined) return { sql: entry, exact: null };
    const found = exact?.columns.find((column) => column.name === name) ?? null;
    const plain = text.quoteName(name);
    // ORDER BY would take the text of that name for the key's column.
    const alias = key?.columns.some((column) => column.name === name) ? "" : ` AS ${plain}`;
    return { sql: found && reading.exact ? `${reading.exact.sql(found)}${alias}` : plain, exact: found };
  });
}

/**
 * The statement that reads a split, from a checkpoint on. Rows come in the order of a unique key, so that reading can go on
 * behind any of them; without one, in the server's own order.
 */
export function selectSql(
  system: SelectWriter,
  { params, spec }: { readonly params: SqlReadParams; readonly spec: SqlReadSpec },
  from: KeyValue | null,
): string {
  if (spec.kind === "query") return spec.sql;
  const { text } = system;
  const { key, range, nullColumn } = spec;
  const visible = visibleEntries(system, params, spec).map(({ sql }) => sql);
  const columns = [...visible, ...hiddenKey(params, spec).map((column) => hiddenSql(text, column))];
  const resumed = range && from ? { ...range, after: null } : range;
  const conditions = [
    ...(spec.condition === undefined ? [] : [spec.condition]),
    ...(nullColumn === null ? [] : [`${text.quoteName(nullColumn)} IS NULL`]),
    ...(key && from ? [compareKey(text, key.columns, { sign: ">", value: from })] : []),
    ...(key && resumed ? rangeConditions(text, key.columns, resumed) : []),
    ...(params.where ? [inParentheses(params.where)] : []),
  ];
  const filter = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  const order =
    key?.isUnique && key.columns.length > 0 ? ` ORDER BY ${keyOrder(sorting(text, spec), key.columns)}` : "";
  return `SELECT ${columns.join(", ")} FROM ${spec.table}${filter}${order}`;
}

function sorting(text: SqlText, { table }: TableSpec): SqlText {
  const { sortedColumn } = text;
  return sortedColumn ? { ...text, quoteName: (name) => sortedColumn(table, name) } : text;
}

/** Bytes come as they are in a stream; digits are made of them here. */
function hiddenSql(text: SqlText, { name, kind, literalType }: KeyColumn): string {
  return kind === "bytes" ? text.quoteName(name) : (text.keySql?.(name, kind, literalType) ?? text.quoteName(name));
}

/** Where the visible columns and the key stand in the result set of {@link selectSql}. */
export function layoutOf(
  system: SelectWriter,
  { params, spec }: { readonly params: SqlReadParams; readonly spec: SqlReadSpec },
  found: readonly Column[],
): ReadLayout {
  if (spec.kind === "query") return queryLayout(system, spec, found);
  const key = spec.key?.isUnique ? spec.key.columns : [];
  const hidden = hiddenKey(params, spec);
  const width = found.length - hidden.length;
  const visible = found.slice(0, width);
  const named = isStar(params) ? visible.map(({ name }, at) => [at, name] as const) : (spec.named ?? []);
  const positions = key.map((column) => {
    const behind = hidden.indexOf(column);
    if (behind >= 0) return width + behind;
    return named.find(([, name]) => name === column.name)?.[0] ?? -1;
  });
  const entries = spec.exact ? visibleEntries(system, params, spec) : [];
  const exact = new Map(entries.flatMap((entry, at) => (entry.exact ? [[at, entry.exact] as const] : [])));
  return { columns: exactColumns(system, visible, exact), key: positions, exact };
}

function queryLayout(system: SelectWriter, spec: QuerySpec, found: readonly Column[]): ReadLayout {
  const exact = new Map(
    found.flatMap(({ name }, at) => {
      const one = columnNamed(spec.exact ?? [], name);
      return one ? [[at, one] as const] : [];
    }),
  );
  return { columns: exactColumns(system, found, exact), key: [], exact };
}

function exactColumns(
  { reading }: SelectWriter,
  found: readonly Column[],
  exact: ReadLayout["exact"],
): readonly Column[] {
  return found.map((column, at) => {
    const one = exact.get(at);
    return one && reading.exact ? reading.exact.column(column, one) : column;
  });
}

/** The checkpoint behind a row: its key as text; null when reading cannot go on there. */
export function checkpointOf(spec: SqlReadSpec, lastKey: readonly (Buffer | null)[]): KeyValue | null {
  if (spec.kind !== "table" || !spec.key?.isUnique || spec.key.columns.length === 0) return null;
  return spec.key.columns.map(({ kind }, at) => lastKey[at]?.toString(kind === "bytes" ? "hex" : "utf8") ?? "");
}
