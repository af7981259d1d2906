import { UserError } from "../../model/errors.js";
import type { SettledZone } from "../../model/side-zone.js";
import type { Side } from "../contract.js";
import { type InSession, type SessionUse, settingOf } from "./side-setting.js";
import { sourceOf } from "./side-source.js";
import type { SqlSystem, SqlZones } from "./system.js";
import type { SqlTypes } from "./types.js";

/** What settling a zone asks of a system. */
export interface ZonedSystem<X extends SqlTypes> extends Pick<SqlSystem<X>, "connect" | "whyNotPlanned"> {
  readonly zones: SqlZones<X>;
}

/** The data sources that a side works with, null = the first one of the step. */
export interface ZoneOptions {
  readonly use: SessionUse;
  readonly datasources: readonly (string | null)[];
}

/**
 * The zone of a side with one or several data sources.
 *
 * @throws UserError CONFIG_INVALID when they are in different ones: what the side shows would mean different moments
 */
export async function settleZone<X extends SqlTypes>(
  system: ZonedSystem<X>,
  side: Side<X["source"], InSession>,
  { use, datasources }: ZoneOptions,
): Promise<SettledZone> {
  const [first, ...others] = new Set(datasources);
  const zone = await zoneAt(system, side, { use, datasource: first ?? null });
  for (const datasource of others) {
    const next = await zoneAt(system, side, { use, datasource });
    if (next.zone === zone.zone) continue;
    const message = `data sources of one side are in different time zones: ${first ?? "the first"} in ${zone.zone}, ${datasource} in ${next.zone}`;
    throw new UserError("CONFIG_INVALID", message, {
      path: "setting.common.column.timeZone",
      hint: "Name the zone that all of them are to work in: setting.common.column.timeZone.",
    });
  }
  return zone;
}

/**
 * The zone of the session once everything has had its say. A statement in the job's `session` comes last and so decides; before it
 * come the job's time zone, the data source's, the URL's, and what the server gives to every session.
 */
async function zoneAt<X extends SqlTypes>(
  { connect, whyNotPlanned, zones }: ZonedSystem<X>,
  side: Side<X["source"], InSession>,
  { use, datasource }: { readonly use: SessionUse; readonly datasource: string | null },
): Promise<SettledZone> {
  const source = sourceOf(side, datasource);
  const said = zones.said(source, side.timeZone);
  const setting = { ...settingOf(whyNotPlanned, side, use), signal: side.signal, timeZone: said?.zone ?? null };
  const client = await connect(source, setting);
  try {
    const zone = await zones.ofSession(client);
    const notes = client.putBack;
    if (said && zone === said.zone) return { ...said, notes };
    return { zone, from: zones.setBy(source, side.params.session), notes };
  } finally {
    await client.close();
  }
}
