import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { ExactColumn, ExactReading } from "../sql/read/exact.js";
import { columnOf, type OracleTyped, textSqlOf, typeFactsOf } from "./column-type.js";
import type { OracleField } from "./connection.js";
import { quoteOracleName } from "./sql-text.js";
import type { OracleTypes } from "./types.js";

/**
 * Dates, moments, intervals and what else the driver makes objects of, with the loss of all that these cannot hold, are selected as
 * text: in the list of columns itself, since a LONG beside them may stand in no subquery.
 */
export const exactOracleReading: ExactReading<OracleTypes> = {
  columns: async (_client, { columns }) =>
    columns
      .filter((column) => textSqlOf(column, "") !== null)
      .map(({ name, typeName, scale, precision, declared }) => ({
        ...{ name, as: { typeName, scale, precision, declared } },
      })),
  sql: (column) => textSqlOf(typedOf(column), quoteOracleName(column.name)) ?? quoteOracleName(column.name),
  column: (_found, column) => columnOf(column.name, typedOf(column), typedOf(column).declared),
};

function typedOf({ as }: ExactColumn): OracleTyped & { readonly declared: string } {
  // Only `columns` above makes it; it comes back as it went.
  return (isJsonObject(as as Json) ? as : {}) as unknown as OracleTyped & { readonly declared: string };
}

/**
 * A statement whose columns are all texts, numbers or bytes: those that would lose something, such as the SYSDATE of a job, are turned into
 * text around it. `key` are the positions by which it is sorted, which a query around it does not promise to keep.
 *
 * @throws UserError UNSUPPORTED for a column of a type that has no text
 */
export function withTexts(sql: string, fields: readonly OracleField[], key: readonly number[]): string {
  for (const field of fields) if (typeFactsOf(field) === null) throw noText(field);
  if (fields.every((field) => textSqlOf(field, "") === null)) return sql;
  const isWith = /^\W*with\b/i.test(sql);
  // Names of expressions may be anything, and the same twice; within WITH they can be given others, but no WITH stands in another.
  const names = fields.map(({ name }, at) => (isWith ? quoteOracleName(name) : `C${at + 1}`));
  if (isWith && new Set(names).size < names.length)
    throw new UserError("CONFIG_INVALID", "two columns of the statement have one name", {
      path: "querySql",
      hint: "Give each column of the statement a name of its own (a AS b).",
    });
  const list = fields.map((field, at) => textSqlOf(field, names[at] ?? "") ?? names[at]).join(", ");
  const order = key.length > 0 ? ` ORDER BY ${key.map((at) => names[at]).join(", ")}` : "";
  if (isWith) return `SELECT ${list} FROM (${sql}\n)${order}`;
  return `WITH ROWS_OF_SLUICE (${names.join(", ")}) AS (${sql}\n) SELECT ${list} FROM ROWS_OF_SLUICE${order}`;
}

function noText({ name, typeName }: OracleField): UserError {
  return new UserError("UNSUPPORTED", `column "${name}" is of type ${typeName}, which has no text`, {
    path: "column",
    hint: "Name the other columns, or select what is wanted of it by an expression.",
  });
}
