import type { RowRefusal } from "../sql/write/refusal.js";
import type { MysqlClient } from "./client.js";
import { isAboutStatement, mysqlRefusalOf, refusalOfWarning, type ServerWarning } from "./refusal.js";

/**
 * Runs a statement that writes rows, and looks at what the server says of it: a warning tells that a value was bent, as triggers of a lax
 * SQL mode do, even where the session is strict.
 *
 * @returns why rows were refused, or are not what was sent: the error, or each warning; empty = all is well
 * @throws errors that are not about rows
 */
export async function judgedInsert(client: MysqlClient, sql: string): Promise<readonly RowRefusal[]> {
  try {
    const { warnings } = await client.execute(sql);
    return warnings === 0 ? [] : warningsOf(client, warnings);
  } catch (error) {
    const why = mysqlRefusalOf(error);
    if (!why) throw error;
    return [why];
  }
}

async function warningsOf(client: MysqlClient, count: number): Promise<readonly RowRefusal[]> {
  const { grave, isAll } = await lookAtWarnings(client, count);
  if (isAll || grave.length > 0) return grave.map(refusalOfWarning);
  const message = `the server warned ${count} times and did not keep what of (max_error_count)`;
  return [{ reason: "REFUSED", message, isTaken: true }];
}

/** What the server said of the last statement. */
export interface WarningReport {
  /** Warnings about rows. */
  readonly grave: readonly ServerWarning[];
  /** False for a server that remembers fewer warnings than there were (`max_error_count`) and may have forgotten all that mattered. */
  readonly isAll: boolean;
}

/** Asks for the warnings of the last statement; notes, and what is about the statement itself, count for nothing. */
export async function lookAtWarnings(client: MysqlClient, count: number): Promise<WarningReport> {
  const { rows } = await client.query("SHOW WARNINGS");
  const warnings = rows.map(([level, number, message]) => ({
    level: level ?? "",
    number: Number(number),
    message: message ?? "",
  }));
  return { grave: warnings.filter((warning) => !isAboutStatement(warning)), isAll: warnings.length >= count };
}
