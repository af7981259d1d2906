import type { ConnectSetting } from "../sql/client.js";
import type { MysqlClient } from "./connection.js";
import { mysqlServerErrorOf } from "./server-error.js";
import { guardSession, modes } from "./session-guard.js";
import { sessionStatements } from "./session-variables.js";
import { enterMysqlZone } from "./session-zone.js";
import type { MysqlSource } from "./source.js";

/**
 * A slow other side must not make the server give up on us: its own waiting times are one minute. What is done without autocommit is gone when the connection ends.
 */
const forAll = [...["net_write_timeout = 3600", "net_read_timeout = 3600", "wait_timeout = 28800"], "autocommit = 1"];

/** Keys may hold zero dates, and strict servers refuse to compare with them; a server's own wish for blanks is none of the values'. */
const forReading = [`sql_mode = ${Object.keys(modes.read.refused).reduce(withoutMode, "@@sql_mode")}`];

/** Limits of time are for people's queries, under the name of each server; MySQL 8 shows table sizes of yesterday unless asked for fresh ones. */
const welcomeForReading = ["max_execution_time = 0", "max_statement_time = 0", "information_schema_stats_expiry = 0"];

/**
 * The strict modes make the server refuse instead of repair, while zero dates and zero in an AUTO_INCREMENT column stay what they are.
 * Notes (a rounded decimal) are no refusal and would only be counted.
 */
const forWriting = ["sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'", "sql_notes = 0"];

/** English messages name rows and columns, and many warnings name many rows: useful, but MySQL 8 lets privileged accounts alone keep more. */
const welcomeForWriting = ["lc_messages = 'en_US'", "max_error_count = 65535", "max_statement_time = 0"];

/** A limit that a server sets for everybody's SELECT would cut tables short without a word. */
async function liftLimit(client: MysqlClient): Promise<void> {
  const lift = (limit: string) => client.execute(`SET SESSION sql_select_limit = ${limit}`);
  // The largest that OceanBase takes; MySQL's own way to say "no limit" it refuses.
  await lift("18446744073709551615").catch(() => lift("9223372036854775807"));
}

function withoutMode(expression: string, mode: string): string {
  return `REPLACE(${expression}, '${mode}', '')`;
}

/**
 * Sets a new session up: what reading or writing needs, what the URL's `sessionVariables` say, the zone, the job's own statements; and
 * after those, once more what correct work cannot do without.
 *
 * @returns what was put back after the job's statements, for people
 */
export async function setUpMysqlSession(
  client: MysqlClient,
  source: MysqlSource,
  setting: ConnectSetting,
): Promise<readonly string[]> {
  const isWriting = setting.use === "write";
  const fromUrl = sessionStatements(source.sessionVariables ?? "");
  const ordered = [...fromUrl, ...(setting.session ?? [])];
  await client.execute(`SET SESSION ${[...forAll, ...(isWriting ? forWriting : forReading)].join(", ")}`);
  await liftLimit(client);
  const welcome = isWriting ? welcomeForWriting : welcomeForReading;
  for (const one of welcome) await client.execute(`SET SESSION ${one}`).catch(() => {});
  for (const statement of fromUrl) await client.execute(statement);
  if (setting.timeZone !== null) await enterMysqlZone(client, setting.timeZone ?? "+00:00");
  const isReadOnly = setting.preview !== undefined && !isWriting;
  if (isReadOnly) await enterReadOnly(client);
  for (const statement of setting.session ?? []) await client.execute(statement);
  const putBack = ordered.length > 0 ? await guardSession(client, isWriting ? "write" : "read") : [];
  if (isReadOnly) await enterReadOnly(client);
  return putBack;
}

/** Longer than any plan may take: the server ends by itself what we could not end there. */
const PREVIEW_SECONDS = 60;

/**
 * From here on the session changes nothing that lasts, whatever functions of the user a statement calls. Relatives of MySQL that know no
 * such transactions (TiDB) have no functions of users either.
 */
async function enterReadOnly(client: MysqlClient): Promise<void> {
  const assignments = [
    "TRANSACTION READ ONLY",
    `max_statement_time = ${PREVIEW_SECONDS}`,
    `max_execution_time = ${PREVIEW_SECONDS * 1000}`,
  ];
  for (const assignment of assignments)
    await client.execute(`SET SESSION ${assignment}`).catch((error: unknown) => {
      if (mysqlServerErrorOf(error)?.errno == null) throw error;
    });
}
