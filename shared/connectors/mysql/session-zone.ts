import { UserError } from "../../model/errors.js";
import type { MysqlClient } from "./client.js";

/**
 * The zone of a session as MySQL writes it: an offset where the zone has but one, else its name, which the server must know.
 *
 * @param timeZone  IANA zone, null = UTC
 * @throws UserError CONFIG_INVALID for a zone that does not exist
 */
export function sessionZone(timeZone: string | null): string {
  if (timeZone === null) return "+00:00";
  const year = new Date().getUTCFullYear();
  const offsets = new Set(Array.from({ length: 12 }, (_, month) => offsetOf(timeZone, Date.UTC(year, month, 1))));
  const [only] = offsets;
  return offsets.size === 1 && only !== undefined ? only : timeZone;
}

/** The session's zone, whoever has set it, when it is no fixed offset: some hours may come twice there. */
export async function namedZone(client: MysqlClient): Promise<string | null> {
  const { rows } = await client.query("SELECT @@time_zone");
  const zone = rows[0]?.[0] ?? "";
  return /^([+-]\d+:\d+|UTC)$/i.test(zone) ? null : zone;
}

function offsetOf(timeZone: string, at: number): string {
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    const name = format.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    return name === "GMT" ? "+00:00" : name.slice(3);
  } catch (cause) {
    throw new UserError("CONFIG_INVALID", `unknown time zone "${timeZone}"`, { path: "setting.timeZone", cause });
  }
}
