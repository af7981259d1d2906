import { UserError } from "../../model/errors.js";
import { declaredZone, isFixedZone, offsetText, sideZone } from "../../model/side-zone.js";
import type { SqlClient } from "../sql/client.js";
import type { SqlZones } from "../sql/system.js";
import { quotePostgresqlText } from "./sql-text.js";
import type { PostgresqlTypes } from "./types.js";

/** Zones of PostgreSQL's sessions. */
export const postgresqlZones: SqlZones<PostgresqlTypes> = {
  said: (source, job) => declaredZone(job, source.timeZone),
  ofSession: postgresqlZoneOfSession,
  setBy: (_source, session) =>
    session.some((statement) => /time\s*zone/i.test(statement)) ? "session of the job" : "the server's own",
  enter: enterPostgresqlZone,
};

/**
 * Puts a session into a zone.
 *
 * @param name  offset or IANA name
 * @throws UserError CONFIG_INVALID when the server does not know it
 */
export async function enterPostgresqlZone(client: SqlClient, name: string): Promise<void> {
  const zone = sideZone(name) ?? name;
  // A bare offset is POSIX's, which counts to the west.
  const value = isFixedZone(zone) ? `INTERVAL ${quotePostgresqlText(zone)} HOUR TO MINUTE` : quotePostgresqlText(zone);
  await client.execute(`SET TIME ZONE ${value}`).catch((cause: unknown) => {
    throw new UserError("CONFIG_INVALID", `the server does not know the time zone ${zone}`, {
      path: "timeZone",
      hint: "Update the server's time zone tables, or name an offset such as +08:00.",
      cause,
    });
  });
}

/**
 * The zone that a session is in, whoever has set it.
 *
 * @returns an offset, or the IANA name of a zone whose clocks are changed
 * @throws UserError CONFIG_INVALID for a zone that has neither
 */
export async function postgresqlZoneOfSession(client: SqlClient): Promise<string> {
  const { rows } = await client.query("SHOW TimeZone");
  const name = rows[0]?.[0] ?? "";
  const known = /^[A-Za-z]{2,}/.test(name) ? sideZone(name) : null;
  if (known !== null) return known;
  // `<+08>-08`, `localtime`, `CST6CDT`: what its clocks show in each quarter tells whether they are ever changed.
  const first = "timestamptz '1992-01-15 12:00+00'";
  const quarters = `generate_series(${first}, now() + interval '1 year', interval '3 months')`;
  const offsets = await client.query(`SELECT DISTINCT EXTRACT(timezone FROM moment)::int FROM ${quarters} AS moment`);
  const [only, other] = offsets.rows;
  if (only && !other) return offsetText(Number(only[0]) * 1_000);
  throw new UserError("CONFIG_INVALID", `the server's time zone ${name} is none that is known by a name`, {
    path: "timeZone",
    hint: "Set timeZone of the data source, or setting.common.column.timeZone of the job.",
  });
}

/** The session's zone, whoever has set it, when it is no fixed offset: some hours may come twice there. */
export async function postgresqlNamedZone(client: SqlClient): Promise<string | null> {
  const zone = await postgresqlZoneOfSession(client);
  return isFixedZone(zone) ? null : zone;
}
