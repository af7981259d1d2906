import { UserError } from "../../model/errors.js";
import { isFixedZone, offsetText, sideZone } from "../../model/side-zone.js";
import { zoneOf } from "../../model/zones.js";
import type { MysqlClient } from "./connection.js";
import { mysqlServerErrorOf } from "./server-error.js";
import { quoteMysqlText } from "./sql-text.js";

/** The server does not know the zone (server error references of both manuals). */
const unknownZone = 1298;

/**
 * Puts a session into a zone. A name that the server does not know may still be that of its own clock.
 *
 * @param name  offset or IANA name
 * @throws UserError CONFIG_INVALID when the server cannot count in that zone
 */
export async function enterMysqlZone(client: MysqlClient, name: string): Promise<void> {
  const zone = sideZone(name) ?? name;
  try {
    await client.execute(`SET SESSION time_zone = ${quoteMysqlText(zone)}`);
  } catch (cause) {
    if (mysqlServerErrorOf(cause)?.errno !== unknownZone) throw cause;
    await client.execute("SET SESSION time_zone = 'SYSTEM'");
    if (isFixedZone(zone) || !agrees(await measuredOffsets(client), zone)) throw unknown(zone, cause);
  }
}

/**
 * The zone that a session is in, whoever has set it: as the server names it; where it only says SYSTEM, by asking it for the offsets
 * of many moments, since `@@system_time_zone` may be as ambiguous as `CST`.
 *
 * @returns an offset, or the IANA name of a zone whose clocks are changed
 * @throws UserError CONFIG_INVALID when no known zone has these offsets
 */
export async function mysqlZoneOfSession(client: MysqlClient): Promise<string> {
  const { rows } = await client.query("SELECT @@time_zone, @@system_time_zone");
  const [name = "", system = ""] = rows[0] ?? [];
  const known = name === "SYSTEM" ? null : sideZone(name ?? "");
  if (known !== null) return known;
  const offsets = await measuredOffsets(client);
  const fixed = new Set(offsets.map(({ offset }) => offset));
  const [only] = fixed;
  if (fixed.size === 1 && only !== undefined) return offsetText(only);
  const candidates = [system ?? "", ...usualZones, ...Intl.supportedValuesOf("timeZone")];
  const found = candidates.find((candidate) => candidate.includes("/") && agrees(offsets, candidate));
  if (found) return found;
  throw new UserError("CONFIG_INVALID", `the server's time zone ${name} (${system}) is none that is known by a name`, {
    path: "timeZone",
    hint: "Set timeZone of the data source, or setting.common.column.timeZone of the job.",
  });
}

/** The session's zone, whoever has set it, when it is no fixed offset: some hours may come twice there. */
export async function mysqlNamedZone(client: MysqlClient): Promise<string | null> {
  const zone = await mysqlZoneOfSession(client);
  return isFixedZone(zone) ? null : zone;
}

/** Many zones share their clocks: of those the one is named that most people mean. */
const usualZones = [
  ...["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"],
  ...["Europe/London", "Europe/Berlin", "Europe/Moscow", "Australia/Sydney", "America/Sao_Paulo", "Asia/Tehran"],
];

interface Measured {
  readonly moment: number;
  readonly offset: number;
}

const FIRST_YEAR = 1992;
const QUARTERS = [0, 3, 6, 9];

/** What the session's clocks show four times a year, up to the next one. TIMESTAMPs of MySQL end in 2038. */
async function measuredOffsets(client: MysqlClient): Promise<Measured[]> {
  const last = Math.min(new Date().getUTCFullYear() + 1, 2037);
  const years = Array.from({ length: last - FIRST_YEAR + 1 }, (_, at) => FIRST_YEAR + at);
  const moments = years.flatMap((year) => QUARTERS.map((month) => Date.UTC(year, month, 15, 12)));
  // As text: a server must not print it with a fraction.
  const expressions = moments.map((ms) => `DATE_FORMAT(FROM_UNIXTIME(${ms / 1000}), '%Y-%m-%d %H:%i:%s')`);
  const { rows } = await client.query(`SELECT ${expressions.join(", ")}`);
  return moments.map((moment, at) => ({
    moment,
    offset: Date.parse(`${rows[0]?.[at]?.replace(" ", "T")}Z`) - moment,
  }));
}

function agrees(offsets: readonly Measured[], name: string): boolean {
  const zone = zoneOf(name);
  return zone !== null && offsets.every(({ moment, offset }) => zone(moment) === offset);
}

function unknown(zone: string, cause: unknown): UserError {
  return new UserError("CONFIG_INVALID", `the server does not know the time zone ${zone}`, {
    path: "timeZone",
    hint: "Load the time zone tables into the server (mariadb-tzinfo-to-sql or mysql_tzinfo_to_sql), or name an offset such as +08:00.",
    cause,
  });
}
