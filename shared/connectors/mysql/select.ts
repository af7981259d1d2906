import type { FieldPacket } from "mysql2";
import type { Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { compareKey, type KeyRange, type KeyValue, keyList, rangeConditions } from "../sql/key-range.js";
import { plainColumn } from "../sql/step-fields.js";
import { columnOfField } from "./column-type.js";
import type { FloatColumn } from "./float-column.js";
import { momentColumn, momentSql } from "./moments.js";
import type { ReadKey } from "./read-key.js";
import type { ReadParams } from "./read-params.js";
import type { RowLayout } from "./row-packer.js";
import { inParentheses, keyDialect, quoteName } from "./sql-text.js";

/** A split as it travels: plain JSON. */
export type ReadSpec =
  | {
      readonly kind: "query";
      readonly datasource: string | null;
      readonly sql: string;
      /** Names of the result's columns that it selects as moments. */
      readonly moments?: readonly string[];
    }
  | {
      readonly kind: "table";
      readonly datasource: string | null;
      readonly table: string;
      readonly key: ReadKey | null;
      /** Null = all rows. */
      readonly range: KeyRange | null;
      /** Set for the split of the rows whose split column is null. */
      readonly nullColumn: string | null;
      /** Numbers of the entries of `column` that are names of the table's columns. */
      readonly named?: readonly number[];
      /** Set for a table with FLOAT columns. */
      readonly floats?: ReadFloats;
      /** TIMESTAMP columns, where the session's zone shows two moments by one text; `floats` is set then as well. */
      readonly moments?: readonly string[];
    };

type TableSpec = Extract<ReadSpec, { kind: "table" }>;

/** The FLOAT columns of a table. The text protocol prints six digits of them, so they are selected as doubles, which come whole. */
export interface ReadFloats {
  readonly columns: readonly FloatColumn[];
  /** What `*` stands for: the names of the table's visible columns. */
  readonly star: readonly string[];
}

/** The result set of a split. */
export interface ReadLayout extends RowLayout {
  /** The visible columns. */
  readonly columns: readonly Column[];
}

/** A split that became JSON and came back. */
export function parseSpec(spec: Json): ReadSpec {
  if (!isJsonObject(spec) || (spec.kind !== "query" && spec.kind !== "table")) {
    throw new UserError("CONFIG_INVALID", "the split is not one of the MySQL reader");
  }
  // Only `split` of this reader makes these; they come back as they went.
  return spec as unknown as ReadSpec;
}

/** Key columns that the statement must select behind the visible ones, because the job does not select them. */
function hiddenKey(params: ReadParams, spec: ReadSpec): ReadKey["columns"] {
  const key = spec.kind === "table" ? spec.key : null;
  if (!key?.isUnique) return [];
  if (isStar(params)) return key.columns.filter((column) => column.isInvisible);
  const visible = new Set(namesOf(params, spec).map((name) => name?.toLowerCase()));
  return key.columns.filter((column) => !visible.has(column.name.toLowerCase()));
}

/** True when the job reads the columns as the table has them. */
export function isStar(params: ReadParams): boolean {
  return params.columns.length === 1 && params.columns[0] === "*";
}

/** The columns that entries are, null for expressions. In double quotes stands a text in most SQL modes. */
function namesOf(params: ReadParams, spec: ReadSpec): (string | null)[] {
  const named = new Set(spec.kind === "table" ? spec.named : []);
  return params.columns.map((entry, at) => {
    if (named.has(at)) return entry.trim();
    return entry.trim().startsWith('"') ? null : plainColumn(entry);
  });
}

/** What the statement selects for the job's columns. */
function visibleEntries(
  params: ReadParams,
  spec: TableSpec,
): { sql: string; float: FloatColumn | null; isMoment?: true }[] {
  const { floats, moments = [] } = spec;
  const whole = floats && isStar(params) ? floats.star : null;
  const names = whole ?? namesOf(params, spec);
  const named = new Set(spec.named);
  return (whole ?? params.columns).map((entry, at) => {
    const name = names[at]?.toLowerCase();
    const float = floats?.columns.find((column) => column.name.toLowerCase() === name) ?? null;
    // Times one rather than plus nought: that would take the sign from a negative zero.
    if (float) return { sql: `${quoteName(float.name)} * 1e0 AS ${quoteName(float.name)}`, float };
    const moment = moments.find((column) => column.toLowerCase() === name);
    if (moment) return { sql: `${momentSql(moment)} AS ${quoteName(moment)}`, float, isMoment: true };
    return { sql: whole || named.has(at) ? quoteName(entry.trim()) : entry, float };
  });
}

/**
 * The statement that reads a split, from a checkpoint on. Rows come in the order of a unique key, so that reading can go on
 * behind any of them; without one, in the server's own order.
 */
export function selectSql(params: ReadParams, spec: ReadSpec, from: KeyValue | null): string {
  if (spec.kind === "query") return spec.sql;
  const { key, range, nullColumn } = spec;
  const visible = visibleEntries(params, spec).map(({ sql }) => sql);
  const columns = [...visible, ...hiddenKey(params, spec).map(({ name }) => quoteName(name))];
  const resumed = range && from ? { ...range, after: null } : range;
  const conditions = [
    ...(nullColumn === null ? [] : [`${quoteName(nullColumn)} IS NULL`]),
    ...(key && from ? [compareKey(keyDialect, key.columns, ">", from)] : []),
    ...(key && resumed ? rangeConditions(keyDialect, key.columns, resumed) : []),
    ...(params.where ? [inParentheses(params.where)] : []),
  ];
  const filter = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  const order = key?.isUnique && key.columns.length > 0 ? ` ORDER BY ${keyList(keyDialect, key.columns)}` : "";
  return `SELECT ${columns.join(", ")} FROM ${spec.table}${filter}${order}`;
}

/** Where the visible columns and the key stand in the result set of {@link selectSql}. */
export function layoutOf(params: ReadParams, spec: ReadSpec, fields: readonly FieldPacket[]): ReadLayout {
  const key = spec.kind === "table" && spec.key?.isUnique ? spec.key : null;
  const hidden = hiddenKey(params, spec);
  const width = fields.length - hidden.length;
  const visible = fields.slice(0, width);
  const names = isStar(params) ? visible.map((field) => field.name) : namesOf(params, spec);
  const positions = (key?.columns ?? []).map((column) => {
    const behind = hidden.indexOf(column);
    if (behind >= 0) return width + behind;
    return names.findIndex((name) => name?.toLowerCase() === column.name.toLowerCase());
  });
  const entries = spec.kind === "table" && spec.floats ? visibleEntries(params, spec) : [];
  const floats = new Map(entries.flatMap(({ float }, at) => (float ? [[at, float] as const] : [])));
  const inQuery = spec.kind === "query" ? (spec.moments ?? []) : [];
  const columns = visible.map((field, at) => {
    if (entries[at]?.isMoment || inQuery.includes(field.name)) return momentColumn(field.name);
    return { ...columnOfField(field), ...(floats.has(at) ? { nativeType: "float" } : {}) };
  });
  return { columns, types: columns.map(({ type }) => type), key: positions, floats };
}

/** The checkpoint behind a row: its key as text; null when reading cannot go on there. */
export function checkpointOf(spec: ReadSpec, lastKey: readonly (Buffer | null)[]): KeyValue | null {
  if (spec.kind !== "table" || !spec.key?.isUnique || spec.key.columns.length === 0) return null;
  return spec.key.columns.map(({ kind }, at) => lastKey[at]?.toString(kind === "bytes" ? "hex" : "utf8") ?? "");
}
