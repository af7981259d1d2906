import type { Column } from "../../../model/batch.js";
import { type SluiceError, UserError } from "../../../model/errors.js";
import type { SqlSystem } from "../system.js";
import type { SqlTypes } from "../types.js";
import type { SqlReadParams } from "./read-params.js";
import { selectSql, type TableSpec } from "./select.js";

/** A table's split on an open connection. */
export interface OpenTable<X extends SqlTypes> {
  readonly system: SqlSystem<X>;
  readonly client: X["client"];
  readonly spec: TableSpec;
}

/**
 * The columns of a table's split, by describing its statement: whatever is wrong with `column` or `where` shows here.
 *
 * @throws UserError at `column[i]` or `where`, whichever the server refuses
 */
export async function describeSelect<X extends SqlTypes>(
  table: OpenTable<X>,
  params: SqlReadParams,
): Promise<readonly Column[]> {
  const { system, client, spec } = table;
  try {
    // A filter that closes a parenthesis of ours would let through what is none of a split's.
    if (params.where !== null) await system.describe(client, `SELECT 1 FROM ${spec.table} WHERE ${params.where}`);
    return await system.describe(client, selectSql(system, { params, spec }, null));
  } catch (error) {
    throw await faultOf(table, params, error);
  }
}

/** Describes parts of the statement to find the one at fault. */
async function faultOf<X extends SqlTypes>(
  { system, client, spec }: OpenTable<X>,
  params: SqlReadParams,
  error: unknown,
): Promise<SluiceError> {
  const said = system.errors.said(error);
  const plain = system.errors.toSluiceError(error, `reading ${spec.table}`);
  if (plain.recovery !== "fix" || plain.code === "CANCELLED") return plain;
  const passes = (parts: Partial<SqlReadParams>, from: TableSpec) =>
    system.describe(client, selectSql(system, { params: { ...params, ...parts }, spec: from }, null)).then(
      () => true,
      () => false,
    );
  const bare: TableSpec = { ...spec, key: null, range: null, nullColumn: null };
  const fault = (path: string, entry: string) => {
    const where = `, in ${entry}, of ${spec.table}`;
    const cut = said?.withoutData(path);
    const hint = said?.isSyntax ? { hint: quotes(system.text.quoteName("order")) } : {};
    const details = { path, cause: error, ...hint, withoutData: cut && `${cut}${where}` };
    return new UserError(plain.code, `${path}: ${said?.message ?? plain.message}${where}`, details);
  };
  if (params.where !== null && (await passes({ where: null }, spec))) return fault("where", params.where);
  for (const [at, entry] of params.columns.entries()) {
    const named = (spec.named ?? []).flatMap(([own, name]) => (own === at ? [[0, name] as const] : []));
    if (await passes({ columns: [entry], where: null }, { ...bare, named })) continue;
    return fault(`column[${at}]`, entry);
  }
  return plain;
}

function quotes(example: string): string {
  return `Correct the SQL there; within it, a name that is also a word of SQL is quoted, such as ${example}.`;
}
