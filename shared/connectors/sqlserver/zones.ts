import { declaredZone, sideZone } from "../../model/side-zone.js";
import type { SqlZones } from "../sql/system.js";
import type { SqlserverTypes } from "./types.js";

/**
 * Zones of what is written into a datetimeoffset without an offset of its own. The server's sessions have none, so the connection keeps it:
 * `UTC` where nobody says another.
 */
export const sqlserverZones: SqlZones<SqlserverTypes> = {
  said: (source, job) => declaredZone(job, source.timeZone),
  ofSession: async (client) => sideZone(client.zone()) ?? client.zone(),
  setBy: () => "none is named",
  enter: async (client, zone) => client.enterZone(zone),
};
