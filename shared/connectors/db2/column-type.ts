import type { Cell, Column, ColumnType } from "../../model/batch.js";
import { shortestFloat } from "../../model/float-text.js";
import { own } from "../../model/own.js";
import type { KeyKind } from "../sql/keys/key-range.js";

/** What is known of a type by its name. */
interface TypeFacts {
  readonly type: ColumnType;
  readonly key?: KeyKind;
  /** The text of a value in SQL, where the driver would lose something of it, or has none. */
  readonly text?: (sql: string, scale: number) => string;
}

const varchar = (sql: string) => `VARCHAR(${sql})`;
const whole: TypeFacts = { type: "long", key: "integer", text: varchar };
const decimal: TypeFacts = { type: "double", key: "decimal", text: varchar };
const text: TypeFacts = { type: "string" };
const keyText: TypeFacts = { type: "string", key: "text" };
const bytes: TypeFacts = { type: "bytes", text: (sql) => `HEX(${sql})` };

const facts: Readonly<Record<string, TypeFacts>> = {
  ...{ SMALLINT: whole, INTEGER: whole, BIGINT: whole, DECIMAL: decimal, NUMERIC: decimal },
  ...{ DECFLOAT: { type: "double", text: varchar }, REAL: { type: "double" }, DOUBLE: { type: "double" } },
  ...{ CHARACTER: keyText, CHAR: keyText, VARCHAR: keyText, "LONG VARCHAR": text, CLOB: text },
  ...{ GRAPHIC: text, VARGRAPHIC: text, "LONG VARGRAPHIC": text, DBCLOB: text },
  ...{
    BINARY: bytes,
    VARBINARY: bytes,
    "CHAR () FOR BIT DATA": bytes,
    "VARCHAR () FOR BIT DATA": bytes,
    BLOB: { type: "bytes" },
  },
  DATE: { type: "date", key: "datetime", text: (sql) => `CHAR(${sql}, ISO)` },
  TIME: { type: "date", text: (sql) => `CHAR(${sql}, JIS)` },
  TIMESTAMP: {
    ...{ type: "date", key: "datetime" },
    text: (sql, scale) => `VARCHAR_FORMAT(${sql}, 'YYYY-MM-DD HH24:MI:SS${scale > 0 ? `.FF${scale}` : ""}')`,
  },
  XML: { type: "string", text: (sql) => `XMLSERIALIZE(${sql} AS CLOB)` },
  BOOLEAN: { type: "bool", text: (sql) => `CASE WHEN ${sql} THEN 'true' WHEN NOT ${sql} THEN 'false' END` },
};

/** A type as a column or a result has it. */
export interface Db2Typed {
  /** Upper-case, such as `VARCHAR`. */
  readonly typeName: string;
  readonly scale: number | null;
}

/** What is known of a type; null = it has no text that could be read. */
export function db2TypeFacts({ typeName }: Db2Typed): TypeFacts | null {
  return own(facts, typeName) ?? null;
}

/** The expression that a column's value is selected by; null = its name alone. */
export function db2TextSql(typed: Db2Typed, sql: string): string | null {
  return db2TypeFacts(typed)?.text?.(sql, typed.scale ?? 6) ?? null;
}

/** A column of records by its type in the database. */
export function db2Column(name: string, typed: Db2Typed, declared = typed.typeName.toLowerCase()): Column {
  return { name, type: db2TypeFacts(typed)?.type ?? "string", nativeType: declared };
}

/** A value of the driver as a cell: digits of bytes as bytes, numbers with the zero in front of the point. */
export function db2Cell(value: unknown, { type, nativeType }: Pick<Column, "type" | "nativeType">): Cell {
  if (value === null || value === undefined) return null;
  if (type === "bytes") return Buffer.isBuffer(value) ? value : Buffer.from(String(value), "hex");
  if (typeof value === "number") return shortestFloat(value, { isSingle: nativeType === "real" });
  const text = String(value);
  if (type !== "double" && type !== "long") return text;
  return text
    .trim()
    .replace(/^(-?)\./, "$10.")
    .replace("E", "e");
}
