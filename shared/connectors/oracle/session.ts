import { UserError } from "../../model/errors.js";
import type { ConnectSetting, SqlClient } from "../sql/client.js";
import { quoteOracleText } from "./sql-text.js";
import { enterOracleZone } from "./zones.js";

/** A setting on which the meaning of texts depends, and what would happen otherwise. */
interface Needed {
  readonly value: string;
  readonly why: string;
}

const ranges = "ranges of texts would be cut by another order than they are read in";

/** By name, as `NLS_SESSION_PARAMETERS` has it (Oracle, "Database Globalization Support Guide"). */
const needed: Readonly<Record<string, Needed>> = {
  NLS_NUMERIC_CHARACTERS: { value: ".,", why: "texts of numbers would mean others" },
  NLS_CALENDAR: { value: "GREGORIAN", why: "texts of dates would mean others" },
  NLS_DATE_LANGUAGE: { value: "AMERICAN", why: "years before Christ would be named otherwise" },
  NLS_SORT: { value: "BINARY", why: ranges },
  NLS_COMP: { value: "BINARY", why: ranges },
};

/** What jobs may set otherwise: how texts in their own SQL become dates, and the language of messages. */
const welcome = {
  NLS_LANGUAGE: "AMERICAN",
  NLS_DATE_FORMAT: "YYYY-MM-DD HH24:MI:SS",
  NLS_TIMESTAMP_FORMAT: "YYYY-MM-DD HH24:MI:SS.FF9",
  NLS_TIMESTAMP_TZ_FORMAT: "YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM",
};

/**
 * Sets a new session up: what reading and writing need, the zone, the job's own statements; and after those, once more what correct
 * work cannot do without.
 *
 * @returns what was put back after the job's statements, for people
 */
export async function setUpOracleSession(
  client: SqlClient,
  { use, session = [], timeZone, preview }: ConnectSetting,
): Promise<{ readonly charset: string; readonly putBack: readonly string[] }> {
  // The language of messages is the language of dates as well, until that one is set.
  const settings = [...Object.entries(welcome), ...Object.entries(needed).map(([name, { value }]) => [name, value])];
  await client.execute(`ALTER SESSION SET ${settings.map(([name, value]) => settingSql(name, value)).join(" ")}`);
  if (timeZone !== null) await enterOracleZone(client, timeZone ?? "+00:00");
  for (const statement of session) await client.execute(statement);
  const putBack = session.length > 0 ? await guardSession(client) : [];
  const charset = await charsetOf(client);
  if (preview !== undefined && use !== "write") await client.execute("SET TRANSACTION READ ONLY");
  return { charset, putBack };
}

function settingSql(name = "", value = ""): string {
  return `${name} = ${quoteOracleText(value)}`;
}

/** Looks at a session after statements that are not ours, ends a transaction that they may have begun, and puts back what is needed. */
async function guardSession(client: SqlClient): Promise<string[]> {
  await client.execute("COMMIT");
  const names = Object.keys(needed).map(quoteOracleText);
  const { rows } = await client.query(
    `SELECT PARAMETER, VALUE FROM NLS_SESSION_PARAMETERS WHERE PARAMETER IN (${names.join(", ")})`,
  );
  const found: string[] = [];
  for (const [name = "", value] of rows) {
    const wanted = needed[name ?? ""];
    if (!wanted || value === wanted.value) continue;
    const message = `session sets ${name} to ${value}; put back to ${wanted.value}: ${wanted.why}`;
    await client.execute(`ALTER SESSION SET ${settingSql(name ?? "", wanted.value)}`).catch((cause: unknown) => {
      const refused = `the session statements cannot be honoured, and the server does not let them be put right: ${message}`;
      throw new UserError("CONFIG_INVALID", refused, { path: "session", cause });
    });
    found.push(message);
  }
  return found;
}

async function charsetOf(client: SqlClient): Promise<string> {
  const { rows } = await client.query("SELECT VALUE FROM NLS_DATABASE_PARAMETERS WHERE PARAMETER = 'NLS_CHARACTERSET'");
  return rows[0]?.[0] ?? "";
}
