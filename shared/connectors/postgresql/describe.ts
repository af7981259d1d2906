import type { Column } from "../../model/batch.js";
import { withoutSemicolons } from "../../model/cut-end.js";
import { UserError } from "../../model/errors.js";
import { resultColumn } from "./column-type.js";
import type { PostgresqlConnection } from "./connection.js";
import { postgresqlNamedZone } from "./zones.js";

/** The clock of moments in a session whose own shows two moments by one text. */
const UTC = "+00:00";

/**
 * The columns of a statement's result, without running it; none for a statement without a result, and for one whose result is no
 * table that can be copied out: SHOW, EXPLAIN, INSERT … RETURNING.
 *
 * @throws what the driver throws when the server refuses the statement; UserError CONFIG_INVALID for `$1`, which nobody has a value for
 */
export async function postgresqlColumnsOf(client: PostgresqlConnection, sql: string): Promise<readonly Column[]> {
  const text = withoutSemicolons(sql);
  const { fields, parameters } = await client.describe(text);
  if (parameters > 0) throw new UserError("CONFIG_INVALID", "there is a $1 outside of quotes, where a value should be");
  if (fields.length === 0 || !isQuery(text)) return [];
  // What changes data at the start of a query is refused inside of another.
  if (/^\W*with\b/i.test(text)) await client.describe(`SELECT * FROM (${text}\n) AS sluice_query`);
  const types = fields.map(({ type, modifier }) => `(${Number(type)}::oid, ${Number(modifier)})`);
  const { rows } = await client.query(
    `SELECT format_type(type, modifier) FROM (VALUES ${types.join(", ")}) AS fields (type, modifier)`,
  );
  const columns = fields.map(({ name, type }, at) => resultColumn(name, type, rows[at]?.[0] ?? ""));
  const zone = columns.some(({ isMoment }) => isMoment) ? await postgresqlNamedZone(client) : null;
  return zone === null ? columns : columns.map((column) => (column.isMoment ? { ...column, clock: UTC } : column));
}

/** Behind comments and parentheses. */
function isQuery(sql: string): boolean {
  return /^(?:\s|\(|--[^\n]*\n|\/\*.*?\*\/)*(?:select|with|values|table)\b/is.test(sql);
}
