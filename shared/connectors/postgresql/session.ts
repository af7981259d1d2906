import { UserError } from "../../model/errors.js";
import type { ConnectSetting, SqlClient } from "../sql/client.js";
import { quotePostgresqlText } from "./sql-text.js";
import { enterPostgresqlZone } from "./zones.js";

/** A setting on which the meaning of texts, or the end of the work, depends. */
interface Needed {
  /** As the server shows it. */
  readonly value: string;
  /** What would happen otherwise. */
  readonly why: string;
  /** Relatives of PostgreSQL may lack it, or not let it be set. */
  readonly mayLack?: true;
}

const bent = "texts of values would be others";
const breaksOff = "long reads and loads would break off, again and again";

/** By name, as `pg_settings` has it (PostgreSQL manual, "Client Connection Defaults"). */
const needed: Readonly<Record<string, Needed>> = {
  client_encoding: { value: "UTF8", why: "characters would be lost or become others" },
  DateStyle: { value: "ISO, MDY", why: bent },
  IntervalStyle: { value: "postgres", why: bent, mayLack: true },
  bytea_output: { value: "hex", why: bent, mayLack: true },
  standard_conforming_strings: { value: "on", why: "backslashes in texts would mean something", mayLack: true },
  statement_timeout: { value: "0", why: breaksOff },
  idle_in_transaction_session_timeout: { value: "0", why: breaksOff, mayLack: true },
  idle_session_timeout: { value: "0", why: breaksOff, mayLack: true },
  transaction_timeout: { value: "0", why: breaksOff, mayLack: true },
  default_transaction_isolation: { value: "read committed", why: "writers would fail where they meet others" },
};

/** English messages are what people find when they look for them; most accounts may not choose. */
const welcome = ["lc_messages = 'C'", "client_min_messages = warning"];

/** Before version 12 a float took three digits more to be read back as the same; since then one is enough for the shortest. */
const FLOATS_SHORTEST = 120_000;

/** What a session is set up with. */
export interface PostgresqlSessionSetting extends ConnectSetting {
  /** Null = as the server has it. */
  readonly searchPath: string | null;
}

/**
 * Sets a new session up: what reading and writing need, the zone, the job's own statements; and after those, once more what correct
 * work cannot do without.
 *
 * @returns what was put back after the job's statements, for people
 */
export async function setUpPostgresqlSession(
  client: SqlClient,
  { use, session = [], timeZone, preview, searchPath }: PostgresqlSessionSetting,
): Promise<{ readonly version: number; readonly putBack: readonly string[] }> {
  const version = Number(one(await client.query("SHOW server_version_num")) ?? 0);
  const digits = version < FLOATS_SHORTEST ? 3 : 1;
  const usual = Object.entries(needed).map(([name, { value, mayLack }]) => ({ sql: setSql(name, value), mayLack }));
  for (const { sql, mayLack } of [...usual, { sql: `SET extra_float_digits = ${digits}`, mayLack: undefined }]) {
    await client.execute(sql).catch((error: unknown) => {
      if (!mayLack) throw error;
    });
  }
  for (const setting of welcome) await client.execute(`SET ${setting}`).catch(() => {});
  // A list of names, as the JDBC driver passes it on.
  if (searchPath !== null)
    await client.query(`SELECT set_config('search_path', ${quotePostgresqlText(searchPath)}, false)`);
  if (timeZone !== null) await enterPostgresqlZone(client, timeZone ?? "+00:00");
  const isReadOnly = preview !== undefined && use !== "write";
  if (isReadOnly) await enterReadOnly(client);
  for (const statement of session) await client.execute(statement);
  const putBack = session.length > 0 ? await guardSession(client) : [];
  if (isReadOnly) await enterReadOnly(client);
  return { version, putBack };
}

/** Longer than any plan may take: the server ends by itself what we could not end there. */
const PREVIEW_MS = 60_000;

async function enterReadOnly(client: SqlClient): Promise<void> {
  await client.execute("SET default_transaction_read_only = on");
  await client.execute(`SET statement_timeout = ${PREVIEW_MS}`);
}

/** Looks at a session after statements that are not ours, ends a transaction that they may have begun, and puts back what is needed. */
async function guardSession(client: SqlClient): Promise<string[]> {
  await client.execute("COMMIT");
  const names = Object.keys(needed).map(quotePostgresqlText);
  const { rows } = await client.query(`SELECT name, setting FROM pg_settings WHERE name IN (${names.join(", ")})`);
  const warnings: string[] = [];
  for (const [name, value] of rows) {
    const wanted = needed[name ?? ""];
    if (!wanted || value === null || value === undefined || value.toLowerCase() === wanted.value.toLowerCase())
      continue;
    const message = `session sets ${name} to ${value}; put back to ${wanted.value}: ${wanted.why}`;
    await client.execute(setSql(name ?? "", wanted.value)).catch((cause: unknown) => {
      const refused = `the session statements cannot be honoured, and the server does not let them be put right: ${message}`;
      throw new UserError("CONFIG_INVALID", refused, { path: "session", cause });
    });
    warnings.push(message);
  }
  return warnings;
}

function setSql(name: string, value: string): string {
  return `SET ${name} = ${name === "DateStyle" ? value : quotePostgresqlText(value)}`;
}

function one({ rows }: Awaited<ReturnType<SqlClient["query"]>>): string | null {
  return rows[0]?.[0] ?? null;
}
