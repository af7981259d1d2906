import type { ColumnType } from "../../model/batch.js";
import { own } from "../../model/own.js";
import type { KeyKind } from "../sql/keys/key-range.js";
import { dateSql } from "./sql-text.js";

interface KnownType {
  readonly type: ColumnType;
  readonly key?: KeyKind;
  /** The expression by which a value is selected as its canonical text; absent = the driver delivers it whole. */
  readonly read?: (quoted: string) => string;
}

const long: KnownType = { type: "long", key: "integer" };
const bytes: KnownType = { type: "bytes", key: "bytes" };
const date = (name: string): KnownType => ({ type: "date", key: "datetime", read: (quoted) => dateSql(quoted, name) });
/** Decoded by the server: the driver's tables of code pages lack characters that Windows has. */
const coded: KnownType = { type: "string", key: "text", read: (quoted) => `CONVERT(nvarchar(4000), ${quoted})` };
const wide: KnownType = { type: "string", read: (quoted) => `CONVERT(nvarchar(max), ${quoted})` };
const money: KnownType = { type: "double", key: "decimal", read: (quoted) => `CONVERT(varchar(30), ${quoted}, 2)` };
const decimal: KnownType = { type: "double", key: "decimal", read: (quoted) => `CONVERT(varchar(41), ${quoted})` };
/** With its reference system and all its coordinates. */
const spatial: KnownType = {
  type: "string",
  read: (quoted) => `N'SRID=' + CONVERT(nvarchar(11), ${quoted}.STSrid) + N';' + ${quoted}.AsTextZM()`,
};

/**
 * Types by the name of the system's own type behind them; all others are text. Floats come as the bits they are, integers of four bytes
 * as numbers that JavaScript has, longer ones as text. A datetimeoffset is text, since its offset is part of it.
 */
const types: Readonly<Record<string, KnownType>> = {
  ...{ tinyint: long, smallint: long, int: long, bigint: long, bit: { type: "bool" } },
  ...{ decimal, numeric: decimal, money, smallmoney: money, float: { type: "double" }, real: { type: "double" } },
  ...{
    date: date("date"),
    datetime: date("datetime"),
    smalldatetime: date("smalldatetime"),
    datetime2: date("datetime2"),
  },
  time: { type: "date", key: "time", read: (quoted) => dateSql(quoted, "time") },
  datetimeoffset: { type: "string", key: "datetime", read: (quoted) => dateSql(quoted, "datetimeoffset") },
  ...{ char: coded, varchar: coded, nchar: { type: "string", key: "text" }, nvarchar: { type: "string", key: "text" } },
  ...{ text: wide, ntext: wide, xml: wide, uniqueidentifier: { type: "string", key: "text" } },
  ...{ binary: bytes, varbinary: bytes, timestamp: bytes, rowversion: bytes },
  image: { type: "bytes", read: (quoted) => `CONVERT(varbinary(max), ${quoted})` },
  sql_variant: { type: "string", read: variantSql },
  hierarchyid: { type: "string", read: (quoted) => `${quoted}.ToString()` },
  ...{ geometry: spatial, geography: spatial },
};

/** A value of any type: by the style of its own, lest a float or a date lose digits. */
function variantSql(quoted: string): string {
  const as = (type: string, style: number) => `CONVERT(nvarchar(4000), CONVERT(${type}, ${quoted}), ${style})`;
  return `CASE CONVERT(varchar(20), SQL_VARIANT_PROPERTY(${quoted}, 'BaseType'))
    WHEN 'float' THEN ${as("float", 3)} WHEN 'real' THEN ${as("real", 3)}
    WHEN 'money' THEN ${as("money", 2)} WHEN 'smallmoney' THEN ${as("smallmoney", 2)}
    WHEN 'date' THEN ${as("date", 23)} WHEN 'datetime' THEN ${as("datetime", 121)}
    WHEN 'smalldatetime' THEN ${as("smalldatetime", 120)} WHEN 'datetime2' THEN ${as("datetime2(7)", 121)}
    WHEN 'datetimeoffset' THEN ${as("datetimeoffset(7)", 121)}
    WHEN 'binary' THEN ${as("varbinary(8000)", 1)} WHEN 'varbinary' THEN ${as("varbinary(8000)", 1)}
    ELSE CONVERT(nvarchar(4000), ${quoted}) END`;
}

/** What a type is that nobody has heard of: text, by the server's own conversion. */
const other: KnownType = wide;

function knownType(name: string): KnownType {
  return own(types, name) ?? other;
}

/** Our type for one of the server's. */
export function sqlserverType(name: string): ColumnType {
  return knownType(name).type;
}

/** How values are compared as keys; null = not by any text of SQL. `maxLength` null = of any length, which no index takes. */
export function sqlserverKeyKind(name: string, maxLength: number | null): KeyKind | null {
  const { key = null, type } = knownType(name);
  const isUnbounded = maxLength === null && (type === "bytes" || /char$/.test(name));
  return isUnbounded ? null : key;
}

/** The expression by which a column's values are selected; null = its name will do. */
export function readSql(name: string, quoted: string, { isLong }: { readonly isLong: boolean }): string | null {
  const known = knownType(name);
  return (known === coded && isLong ? wide : known).read?.(quoted) ?? null;
}

/** The name of the type alone, in `nvarchar(20)`, `decimal(10,2)`, `int`. */
export function bareType(declared: string): string {
  return /^\w+/.exec(declared.toLowerCase())?.[0] ?? "";
}

/** True for a text whose length, as declared, is beyond what fits into an nvarchar of a fixed length. */
export function isLongText(declared: string): boolean {
  const length = /\((\w+)\)/.exec(declared)?.[1] ?? "";
  return length === "max" || Number(length) > 4000;
}
