import type { DirtyReason } from "../../model/batch.js";
import { TransientError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import type { SqlClient } from "../sql/client.js";
import type { RowRefusal } from "../sql/write/refusal.js";
import type { SqlserverConnection } from "./connection.js";
import { sqlserverSaidIn } from "./server-error.js";
import { zoneSql } from "./stage.js";
import { zoneVariable } from "./write-sql.js";

/** By number: errors that are about a row rather than the statement (SQL Server documentation, "Database Engine events and errors"). */
const reasons: Readonly<Record<number, DirtyReason>> = {
  ...{ 2601: "DUPLICATE_KEY", 2627: "DUPLICATE_KEY", 3604: "DUPLICATE_KEY", 515: "NOT_NULL", 547: "CONSTRAINT" },
  ...{ 550: "CONSTRAINT", 8152: "TOO_LONG", 2628: "TOO_LONG", 511: "TOO_LARGE", 1946: "TOO_LARGE" },
  ...{ 220: "OUT_OF_RANGE", 232: "OUT_OF_RANGE", 242: "OUT_OF_RANGE", 248: "OUT_OF_RANGE", 8115: "OUT_OF_RANGE" },
  ...{ 241: "CONVERSION", 244: "CONVERSION", 245: "CONVERSION", 295: "CONVERSION", 8114: "CONVERSION" },
  ...{ 8169: "CONVERSION", 6522: "CONVERSION", 13609: "CONVERSION" },
  // One key twice in one MERGE: row by row the later one wins.
  8672: "REFUSED",
};

/** Numbers of XML that is none. */
const isXml = (number: number) => number >= 9400 && number <= 9500;
/** Numbers that people choose for RAISERROR and THROW, mostly in triggers. */
const FIRST_OF_USERS = 50_000;

/** A row whose key was there was left out without an error: its index is declared to ignore such rows. */
export function isDuplicateNotice(number: number): boolean {
  return number === 3604;
}

/** The refusal behind a driver's error; null when it is not about a row. */
export function sqlserverRefusalOf(error: unknown): RowRefusal | null {
  const said = sqlserverSaidIn(error);
  const [number] = said?.numbers ?? [];
  if (!said || number === undefined) return null;
  const usual = isXml(number) ? "CONVERSION" : number >= FIRST_OF_USERS ? "REFUSED" : undefined;
  const reason = own(reasons, String(number)) ?? usual;
  if (!reason) return null;
  const column = /column '([^']+)'/.exec(said.message)?.[1];
  return { reason, message: said.message, ...(column === undefined ? {} : { column }) };
}

/**
 * Makes sure that a refused row has not taken the whole transaction with it, as some errors do; what was in it would be counted as written.
 *
 * @throws TransientError CONFLICT
 */
export async function stillInTransaction(client: SqlClient, cause: unknown): Promise<void> {
  const { rows } = await client.query("SELECT @@TRANCOUNT");
  if (rows[0]?.[0] !== "0") return;
  const words = cause instanceof Error ? cause.message : String(cause);
  throw new TransientError("CONFLICT", `the server ended the transaction over a record: ${words}`, { cause });
}

/** Runs a statement with literals: what it was refused for, or left out in silence. */
export async function judgeSqlserver(client: SqlserverConnection, sql: string): Promise<readonly RowRefusal[]> {
  try {
    const { noted } = await client.execute(sql.includes(zoneVariable) ? zoneSql(client.zone()) + sql : sql);
    if (!noted.some(isDuplicateNotice)) return [];
    return [{ reason: "DUPLICATE_KEY", message: "a row with this key is there, and the index ignores such rows" }];
  } catch (error) {
    const why = sqlserverRefusalOf(error);
    if (!why) throw error;
    await stillInTransaction(client, error);
    return [why];
  }
}
