import type { ConnectSetting } from "../sql/client.js";
import type { SqlserverConnection } from "./connection.js";

/** A setting on which the meaning of values, or the end of the work, depends. */
interface Needed {
  readonly sql: string;
  /** What the server says of it, as text. */
  readonly reads: string;
  readonly value: string;
  readonly why: string;
}

const property = (name: string, value: "0" | "1"): Needed => ({
  sql: `SET ${name} ${value === "1" ? "ON" : "OFF"}`,
  reads: `CONVERT(varchar(30), SESSIONPROPERTY('${name}'))`,
  value,
  why: "statements would be understood in another way",
});

/** A bit of `@@OPTIONS`. */
const option = (name: string, bit: number, why: string): Needed => ({
  ...{ sql: `SET ${name} OFF`, reads: `CONVERT(varchar(30), @@OPTIONS & ${bit})`, value: "0", why },
});

/** SQL Server documentation, "SET statements", "@@OPTIONS". */
const needed: Readonly<Record<string, Needed>> = {
  ...Object.fromEntries(
    ["ANSI_NULLS", "ANSI_PADDING", "ANSI_WARNINGS", "ARITHABORT", "CONCAT_NULL_YIELDS_NULL", "QUOTED_IDENTIFIER"].map(
      (name) => [name, property(name, "1")],
    ),
  ),
  NUMERIC_ROUNDABORT: property("NUMERIC_ROUNDABORT", "0"),
  IMPLICIT_TRANSACTIONS: option("IMPLICIT_TRANSACTIONS", 2, "what is written would stay uncommitted"),
  NOCOUNT: option("NOCOUNT", 512, "nobody could tell how many rows were written"),
  XACT_ABORT: option("XACT_ABORT", 16_384, "a bad row would take its neighbours with it"),
  TEXTSIZE: {
    ...{ sql: "SET TEXTSIZE 2147483647", reads: "CONVERT(varchar(30), @@TEXTSIZE)", value: "2147483647" },
    why: "long values would be cut without a word",
  },
  DATEFORMAT: {
    ...{ sql: "SET DATEFORMAT ymd", value: "ymd", why: "dates in statements would be others" },
    reads: "(SELECT date_format FROM sys.dm_exec_sessions WHERE session_id = @@SPID)",
  },
};

/** Of these nobody can ask how they are: rows would be left out, or nothing would run at all. */
const reset = "SET NOEXEC OFF; SET PARSEONLY OFF; SET FMTONLY OFF; SET ROWCOUNT 0";

/** Each statement then sees one moment, and waits for no writer, where the database keeps versions of its rows for that. */
const oneMoment = `IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND snapshot_isolation_state = 1)
  SET TRANSACTION ISOLATION LEVEL SNAPSHOT`;

/**
 * Sets a new session up: what reading and writing need, the job's own statements; and after those, once more what correct work
 * cannot do without.
 *
 * @returns what was put back after the job's statements, for people
 */
export async function setUpSqlserverSession(
  client: SqlserverConnection,
  { use, session = [] }: ConnectSetting,
): Promise<readonly string[]> {
  await client.execute(allSql());
  if (use === "read") await client.execute(oneMoment);
  for (const entry of session) await client.execute(entry);
  return session.length > 0 ? guardSession(client) : [];
}

function allSql(): string {
  return [reset, ...Object.values(needed).map(({ sql }) => sql)].join("; ");
}

async function guardSession(client: SqlserverConnection): Promise<string[]> {
  await client.execute(`${reset}; IF @@TRANCOUNT > 0 COMMIT`);
  const reads = Object.values(needed).map((one) => one.reads);
  const { rows } = await client.query(`SELECT ${reads.join(", ")}`);
  const noted = Object.entries(needed).flatMap(([name, { value, why }], at) => {
    const found = rows[0]?.[at] ?? null;
    return found === null || found === value ? [] : [`session sets ${name}; put back: ${why}`];
  });
  if (noted.length > 0) await client.execute(allSql());
  return noted;
}
