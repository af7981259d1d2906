import { declaredZone, type SideZone, sideZone } from "../../model/side-zone.js";
import type { SqlZones } from "../sql/system.js";
import { enterMysqlZone, mysqlZoneOfSession } from "./session-zone.js";
import type { MysqlSource } from "./source.js";
import type { MysqlTypes } from "./types.js";

/** Zones of MySQL's sessions. */
export const mysqlZones: SqlZones<MysqlTypes> = {
  said: saidZone,
  ofSession: mysqlZoneOfSession,
  setBy(source, session) {
    if (session.some((statement) => /time_zone/i.test(statement))) return "session of the job";
    if (/time_zone/i.test(source.sessionVariables ?? "")) return "sessionVariables of the jdbcUrl";
    return "the server's own";
  },
  enter: enterMysqlZone,
};

function saidZone(source: MysqlSource, job: string | null): SideZone | null {
  const declared = declaredZone(job, source.timeZone);
  if (declared || source.urlZone === null) return declared;
  const zone = sideZone(source.urlZone.value);
  return zone === null ? null : { zone, from: `${source.urlZone.option} of the jdbcUrl: ${source.urlZone.value}` };
}
