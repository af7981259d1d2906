import type { Column } from "../../model/batch.js";
import { withoutSemicolons } from "../../model/cut-end.js";
import { UserError } from "../../model/errors.js";
import { columnOf } from "./column-type.js";
import type { OracleConnection, OracleField } from "./connection.js";

/** Names of values in our own statements. */
const ours = /^SLUICE_\d+$/i;

/**
 * The columns of a statement's result, without running it; none for a statement without a result. What is neither a query nor changes rows is
 * not asked about at all: servers run DDL as soon as they parse it.
 *
 * @throws what the driver throws when the server refuses the statement; UserError CONFIG_INVALID for `:x`, which nobody has a value for
 */
export async function oracleColumnsOf(client: OracleConnection, sql: string): Promise<readonly Column[]> {
  return (await oracleFieldsOf(client, sql)).map((field) => columnOf(field.name, field));
}

/** The same as the driver describes them. */
export async function oracleFieldsOf(client: OracleConnection, sql: string): Promise<readonly OracleField[]> {
  const text = withoutSemicolons(sql);
  if (!isDescribed(text)) return [];
  const { fields, binds } = await client.describe(text);
  const foreign = binds.find((name) => !ours.test(name));
  if (foreign !== undefined)
    throw new UserError("CONFIG_INVALID", `there is a :${foreign} outside of quotes, where a value should be`);
  return fields;
}

/** Behind comments and parentheses. */
function isDescribed(sql: string): boolean {
  return /^(?:\s|\(|--[^\n]*\n|\/\*.*?\*\/)*(?:select|with|insert|update|delete|merge)\b/is.test(sql);
}
