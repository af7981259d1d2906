import { UserError } from "../../model/errors.js";
import { declaredZone, sideZone } from "../../model/side-zone.js";
import type { SqlClient } from "../sql/client.js";
import type { SqlZones } from "../sql/system.js";
import { quoteOracleText } from "./sql-text.js";
import type { OracleTypes } from "./types.js";

/** Zones of Oracle's sessions. */
export const oracleZones: SqlZones<OracleTypes> = {
  said: (source, job) => declaredZone(job, source.timeZone),
  ofSession: oracleZoneOfSession,
  setBy: (_source, session) =>
    session.some((statement) => /time_zone/i.test(statement)) ? "session of the job" : "the server's own",
  enter: enterOracleZone,
};

/**
 * Puts a session into a zone.
 *
 * @param name  offset or IANA name
 * @throws UserError CONFIG_INVALID when the server does not know it
 */
export async function enterOracleZone(client: SqlClient, name: string): Promise<void> {
  const zone = sideZone(name) ?? name;
  await client.execute(`ALTER SESSION SET TIME_ZONE = ${quoteOracleText(zone)}`).catch((cause: unknown) => {
    throw new UserError("CONFIG_INVALID", `the server does not know the time zone ${zone}`, {
      path: "timeZone",
      hint: "Update the server's time zone file, or name an offset such as +08:00.",
      cause,
    });
  });
}

/** The zone that a session is in, whoever has set it: an offset, or an IANA name. */
async function oracleZoneOfSession(client: SqlClient): Promise<string> {
  const { rows } = await client.query("SELECT SESSIONTIMEZONE FROM DUAL");
  const name = rows[0]?.[0] ?? "";
  const known = sideZone(name);
  if (known !== null) return known;
  throw new UserError("CONFIG_INVALID", `the session's time zone ${name} is none that is known by a name`, {
    path: "timeZone",
    hint: "Set timeZone of the data source, or setting.common.column.timeZone of the job.",
  });
}
