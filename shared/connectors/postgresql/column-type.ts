import type { Column, ColumnType } from "../../model/batch.js";
import { own } from "../../model/own.js";
import type { KeyKind } from "../sql/keys/key-range.js";
import type { CellText } from "./copy-lines.js";

interface KnownType {
  readonly type: ColumnType;
  readonly key?: KeyKind;
  /** How its text is made canonical; absent = it is so. */
  readonly text?: CellText;
}

const long: KnownType = { type: "long", key: "integer" };
const double: KnownType = { type: "double" };
const text: KnownType = { type: "string", key: "text" };

/**
 * Types by the name they have in `pg_type`; all others are text. A `timetz` is text, since its offset is part of it, and so is an
 * interval, which is no time of a day.
 */
const types: Readonly<Record<string, KnownType>> = {
  ...{ int2: long, int4: long, int8: long, oid: long },
  ...{ numeric: { type: "double", key: "decimal" }, float4: double, float8: double, money: double },
  ...{ bool: { type: "bool", text: "bool" }, bytea: { type: "bytes", key: "bytes", text: "bytes" } },
  ...{ date: { type: "date", key: "datetime" }, time: { type: "date", key: "time" } },
  ...{ timestamp: { type: "date", key: "datetime" }, timestamptz: { type: "date", key: "datetime", text: "moment" } },
  ...{ text, varchar: text, bpchar: text, name: text, uuid: text },
};

/** Numbers of types that never change (PostgreSQL source, `pg_type.dat`); a statement's result tells its types by them. */
const names: Readonly<Record<number, string>> = {
  ...{ 16: "bool", 17: "bytea", 19: "name", 20: "int8", 21: "int2", 23: "int4", 25: "text", 26: "oid" },
  ...{ 700: "float4", 701: "float8", 790: "money", 1042: "bpchar", 1043: "varchar", 1082: "date", 1083: "time" },
  ...{ 1114: "timestamp", 1184: "timestamptz", 1700: "numeric", 2950: "uuid" },
};

const other: KnownType = { type: "string" };

/** Our type for one of the server's, by its name in `pg_type`. */
export function typeOf(name: string): ColumnType {
  return (own(types, name) ?? other).type;
}

/** How values are compared as keys; null = not by any text of SQL. */
export function keyKindOf(name: string): KeyKind | null {
  return (own(types, name) ?? other).key ?? null;
}

/** The name in `pg_type` of a type by its number; empty for those that are text in any case. */
export function postgresqlTypeName(oid: number): string {
  return names[oid] ?? "";
}

/** A column of a result whose type the server calls `declared`, such as `numeric(10,2)`. */
export function resultColumn(name: string, oid: number, declared: string): Column {
  const known = postgresqlTypeName(oid);
  const column: Column = { name, type: typeOf(known), nativeType: declared };
  return known === "timestamptz" ? { ...column, isMoment: true } : column;
}

/** How the text of a column's cells is made canonical. */
export function cellTextOf({ type, isMoment }: Column): CellText {
  if (isMoment) return "moment";
  return type === "bool" || type === "bytes" ? type : "same";
}
