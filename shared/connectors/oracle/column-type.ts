import type { Column, ColumnType } from "../../model/batch.js";
import { own } from "../../model/own.js";
import type { KeyKind } from "../sql/keys/key-range.js";
import type { OracleField } from "./connection.js";
import { dateTextSql } from "./sql-text.js";

/** What is known of a type by its name. */
interface TypeFacts {
  readonly type: ColumnType;
  readonly key?: KeyKind;
  /** Values are moments, whatever zone they were written with. */
  readonly isMoment?: true;
  /** The text of a value in SQL, where the driver would lose something of it, or has none. */
  readonly text?: (sql: string, scale: number) => string;
}

const text: TypeFacts = { type: "string" };
const bytes: TypeFacts = { type: "bytes" };
const moment: TypeFacts = {
  ...{ type: "date", isMoment: true },
  // In UTC, since an hour that comes twice on the session's clock would be two moments of one text.
  text: (sql, scale) => dateTextSql(`SYS_EXTRACT_UTC(${sql})`, scale),
};
const interval: TypeFacts = { type: "string", text: (sql) => `TO_CHAR(${sql})` };

const facts: Readonly<Record<string, TypeFacts>> = {
  ...{ VARCHAR2: { ...text, key: "text" }, CHAR: { ...text, key: "text" }, NVARCHAR2: text, NCHAR: text },
  ...{ CLOB: text, NCLOB: text, LONG: text, ROWID: text, UROWID: text },
  ...{ RAW: { ...bytes, key: "bytes" }, BLOB: bytes, "LONG RAW": bytes },
  ...{ BINARY_FLOAT: { type: "double" }, BINARY_DOUBLE: { type: "double" }, FLOAT: { type: "double" } },
  ...{ BOOLEAN: { type: "bool" } },
  DATE: { type: "date", key: "datetime", text: (sql) => dateTextSql(sql, 0) },
  TIMESTAMP: { type: "date", key: "datetime", text: dateTextSql },
  ...{ "TIMESTAMP WITH TIME ZONE": moment, "TIMESTAMP WITH LOCAL TIME ZONE": moment },
  ...{ "INTERVAL YEAR TO MONTH": interval, "INTERVAL DAY TO SECOND": interval },
  XMLTYPE: { type: "string", text: (sql) => `XMLSERIALIZE(CONTENT ${sql} AS CLOB)` },
  JSON: { type: "string", text: (sql) => `JSON_SERIALIZE(${sql} RETURNING CLOB)` },
  VECTOR: { type: "string", text: (sql) => `FROM_VECTOR(${sql} RETURNING CLOB)` },
};

/** A type as a column or a result has it. */
export type OracleTyped = Pick<OracleField, "typeName" | "scale" | "precision">;

/** What is known of a type; null = it has no text that could be read: BFILE, objects, collections, references. */
export function typeFactsOf({ typeName, scale }: Pick<OracleTyped, "typeName" | "scale">): TypeFacts | null {
  if (typeName !== "NUMBER") return own(facts, typeName) ?? null;
  return scale === 0 ? { type: "long", key: "integer" } : { type: "double", key: "decimal" };
}

/** The name of a type alone: without what stands in parentheses, such as the digits of `TIMESTAMP(6) WITH TIME ZONE`. */
export function bareTypeName(declared: string): string {
  return declared.replace(/\(\d+\)/g, "");
}

/** The expression that a column's value is selected by; null = its name alone. */
export function textSqlOf(typed: OracleTyped, sql: string): string | null {
  const found = typeFactsOf(typed);
  return found?.text?.(sql, typed.scale ?? 9) ?? null;
}

/** The clock that texts of moments show. */
const UTC = "+00:00";

/** A column of records by its type in the database. */
export function columnOf(name: string, typed: OracleTyped, declared = declaredOf(typed)): Column {
  const found = typeFactsOf(typed);
  const column: Column = { name, type: found?.type ?? "string", nativeType: declared };
  return found?.isMoment ? { ...column, isMoment: true, clock: UTC } : column;
}

/** Such as `number(10,2)`, lower-case as all native types are shown. */
function declaredOf({ typeName, precision, scale }: OracleTyped): string {
  const name = typeName.toLowerCase();
  if (typeName !== "NUMBER" || !precision) return name;
  return scale === null || scale === -127 ? `float(${precision})` : `number(${precision},${scale})`;
}
