import type { FieldPacket } from "mysql2";
import { type SluiceError, UserError } from "../../model/errors.js";
import type { MysqlClient } from "./client.js";
import { describeStatement } from "./describe-statement.js";
import type { ReadParams } from "./read-params.js";
import { type ReadSpec, selectSql } from "./select.js";
import { serverErrorOf, toSluiceError, withoutData } from "./server-error.js";

type TableSpec = Extract<ReadSpec, { kind: "table" }>;

/**
 * The columns of a table's split, by preparing its statement: whatever is wrong with `column` or `where` shows here.
 *
 * @throws UserError at `column[i]` or `where`, whichever the server refuses
 */
export async function describeSelect(
  client: MysqlClient,
  params: ReadParams,
  spec: TableSpec,
): Promise<readonly FieldPacket[]> {
  try {
    // A filter that closes a parenthesis of ours would let through what is none of a split's.
    if (params.where !== null) await describeStatement(client, `SELECT 1 FROM ${spec.table} WHERE ${params.where}`);
    return await describeStatement(client, selectSql(params, spec, null));
  } catch (error) {
    throw await faultOf(client, params, spec, error);
  }
}

/** Prepares parts of the statement to find the one at fault. */
async function faultOf(client: MysqlClient, params: ReadParams, spec: TableSpec, error: unknown): Promise<SluiceError> {
  const told = serverErrorOf(error);
  const plain = toSluiceError(error, `reading ${spec.table}`);
  if (plain.recovery !== "fix" || plain.code === "CANCELLED") return plain;
  const passes = async (parts: Partial<ReadParams>, from: TableSpec) =>
    describeStatement(client, selectSql({ ...params, ...parts }, from, null)).then(
      () => true,
      () => false,
    );
  const bare: TableSpec = { ...spec, key: null, range: null, nullColumn: null };
  const hint = told?.errno === 1064 ? { hint: backticks } : {};
  const fault = (path: string, entry: string) => {
    const where = `, in ${entry}, of ${spec.table}`;
    const cut = told ? withoutData(told, path) : undefined;
    const details = { path, cause: error, ...hint, withoutData: cut && `${cut}${where}` };
    return new UserError(plain.code, `${path}: ${told?.message ?? plain.message}${where}`, details);
  };
  if (params.where !== null && (await passes({ where: null }, spec))) return fault("where", params.where);
  for (const [at, entry] of params.columns.entries()) {
    const named = spec.named?.includes(at) ? [0] : [];
    if (await passes({ columns: [entry], where: null }, { ...bare, named })) continue;
    return fault(`column[${at}]`, entry);
  }
  return plain;
}

const backticks =
  "Correct the SQL there; within it, a name that is also a word of SQL is written in backticks, such as `order`.";
