import { UserError } from "../../model/errors.js";
import { declaredZone, type SettledZone, type SideZone, sideZone } from "../../model/side-zone.js";
import type { Side } from "../contract.js";
import { connect } from "./client.js";
import type { SessionUse } from "./session-guard.js";
import { zoneOfSession } from "./session-zone.js";
import { type InSession, settingOf } from "./side-setting.js";
import { sourceOf } from "./side-source.js";
import type { MysqlSource } from "./source.js";

/**
 * The zone of a side: that of the session once everything has had its say. A `SET time_zone` in the job's `session` comes last and so
 * decides; before it come the job's time zone, the data source's, the URL's, and what the server gives to every session.
 */
async function zoneAt<P extends InSession>(
  side: Side<MysqlSource, P>,
  use: SessionUse,
  datasource: string | null,
): Promise<SettledZone> {
  const source = sourceOf(side, datasource);
  const said = saidZone(source, side.timeZone);
  const { session } = side.params;
  const setting = { ...settingOf(side, use), signal: side.signal, timeZone: said?.zone ?? null };
  const client = await connect(source, setting);
  try {
    const zone = await zoneOfSession(client);
    const notes = client.putBack;
    if (said && zone === said.zone) return { ...said, notes };
    const told = session.some((statement) => /time_zone/i.test(statement))
      ? "session of the job"
      : /time_zone/i.test(source.sessionVariables ?? "")
        ? "sessionVariables of the jdbcUrl"
        : "the server's own";
    return { zone, from: told, notes };
  } finally {
    await client.close();
  }
}

/**
 * The zone of a side with one or several data sources.
 *
 * @throws UserError CONFIG_INVALID when they are in different ones: what the side shows would mean different moments
 */
export async function mysqlZone<P extends InSession>(
  side: Side<MysqlSource, P>,
  use: SessionUse,
  datasources: readonly (string | null)[],
): Promise<SettledZone> {
  const [first, ...others] = new Set(datasources);
  const zone = await zoneAt(side, use, first ?? null);
  for (const other of others) {
    const next = await zoneAt(side, use, other);
    if (next.zone === zone.zone) continue;
    const message = `data sources of one side are in different time zones: ${first ?? "the first"} in ${zone.zone}, ${other} in ${next.zone}`;
    throw new UserError("CONFIG_INVALID", message, {
      path: "setting.common.column.timeZone",
      hint: "Name the zone that all of them are to work in: setting.common.column.timeZone.",
    });
  }
  return zone;
}

/** What is said before the server is asked: by the job, the data source or its URL. */
function saidZone(source: MysqlSource, jobZone: string | null): SideZone | null {
  const declared = declaredZone(jobZone, source.timeZone);
  if (declared || source.urlZone === null) return declared;
  const zone = sideZone(source.urlZone.value);
  return zone === null ? null : { zone, from: `${source.urlZone.option} of the jdbcUrl: ${source.urlZone.value}` };
}
