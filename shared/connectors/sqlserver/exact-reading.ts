import type { Column, ColumnType } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { ExactColumn, ExactReading } from "../sql/read/exact.js";
import { bareType, isLongText, readSql } from "./column-type.js";
import { sqlserverColumnsOf } from "./describe.js";
import { asTable } from "./query-table.js";
import { quoteSqlserverName } from "./sql-text.js";
import type { SqlserverTypes } from "./types.js";

/**
 * Whatever the driver would make a number or a `Date` of is selected as the server's own text: it alters decimals of more than 15
 * digits, drops the offsets of moments and what is below a millisecond, and knows not all characters of a code page.
 */
export const exactSqlserverReading: ExactReading<SqlserverTypes> = {
  columns: async (_client, { columns }) =>
    columns.flatMap(({ name, type, declared }) => exactOf({ name, type, nativeType: declared })),
  sql: ({ name, as }) => expressionOf(name, declaredIn(as)) ?? quoteSqlserverName(name),
  column: (_found, { name, as }) => ({ name, type: typeIn(as), nativeType: declaredIn(as) }),
  async query(client, sql, columns) {
    const exact = columns.flatMap(exactOf);
    if (exact.length === 0) return { sql, warnings: [] };
    const names = new Set(columns.map(({ name }) => name.toLowerCase()));
    if (names.size < columns.length || names.has("")) throw unnamed(exact);
    const list = columns.map(({ name, nativeType = "" }) => {
      const quoted = quoteSqlserverName(name);
      const expression = expressionOf(name, nativeType);
      return expression === null ? quoted : `${expression} AS ${quoted}`;
    });
    const described = (text: string) => sqlserverColumnsOf(client, text);
    return { sql: await asTable(described, sql, list.join(", ")), exact, warnings: [] };
  },
};

function exactOf({ name, type, nativeType = "" }: Column): ExactColumn[] {
  return expressionOf(name, nativeType) === null ? [] : [{ name, as: { type, declared: nativeType } }];
}

function expressionOf(name: string, declared: string): string | null {
  return readSql(bareType(declared), quoteSqlserverName(name), { isLong: isLongText(declared) });
}

// Only `exactOf` makes these; they come back as they went.
function typeIn(as: Json): ColumnType {
  return (isJsonObject(as) ? as.type : "string") as ColumnType;
}

function declaredIn(as: Json): string {
  return isJsonObject(as) ? String(as.declared) : "";
}

function unnamed(exact: readonly ExactColumn[]): UserError {
  const [first] = exact;
  const message = `querySql delivers ${first?.name || "a column without a name"} as ${declaredIn(first?.as ?? null)}, which is read as text, and not all columns of the statement have a name of their own`;
  return new UserError("CONFIG_INVALID", message, {
    path: "querySql",
    hint: "Give each column of the statement a name of its own: a AS b.",
  });
}
