import { own } from "./own.js";
import { offsetMs, zoneOf } from "./zones.js";

/** The zone of one side of a job, and who said so. */
export interface SideZone {
  /** An offset such as `+08:00`, or the IANA name of a zone whose clocks are set back and forth. */
  readonly zone: string;
  /** For people, such as `serverTimezone of the jdbcUrl: Asia/Shanghai`. */
  readonly from: string;
}

/** What a connector answers when it is asked for the zone of a side. */
export interface SettledZone extends SideZone {
  /** What else the user should know about the way the side's sessions are set up. */
  readonly notes?: readonly string[];
}

/** The zone of a workspace that has set none; DataWorks and DataX have the same. */
export const DEFAULT_WORKSPACE_ZONE = "Asia/Shanghai";

/** Names that Java knows and nobody else does; the other short ones are ambiguous. */
const javaNames: Readonly<Record<string, string>> = {
  CTT: "Asia/Shanghai",
  JST: "Asia/Tokyo",
  VST: "Asia/Ho_Chi_Minh",
};
/** `CST` is Chicago, Shanghai or Havana, `IST` India, Israel or Ireland: whichever was meant, others would be off by hours. */
const ambiguous = /^[A-Z]{3,4}$/;
const unambiguous = /^(?:UTC|GMT|PRC|ROC|ROK|CTT|JST|VST)$/;

/** What a side says of its zone itself: the job, else its data source; null = neither does. */
export function declaredZone(job: string | null, dataSource: string | null | undefined): SideZone | null {
  if (job !== null) return { zone: job, from: "setting.common.column.timeZone" };
  const zone = dataSource ? sideZone(dataSource) : null;
  return zone === null ? null : { zone, from: `timeZone of the data source: ${dataSource}` };
}

const settled = new Map<string, string | null>();
/** Clocks that were last changed before this year count as never changed: `Asia/Shanghai` is +08:00. */
const FIRST_YEAR = 1992;

/**
 * The zone that a text names, as sides carry it: the offset where the zone has had but one since 1992, else its IANA name.
 *
 * @param text  IANA name, `UTC`, `Z`, or an offset (`GMT+8`, `+08:00`); what a URL makes of `GMT+8` (`GMT 8`) counts as well
 * @returns null when there is no such zone, or when the name is ambiguous (`CST`)
 */
export function sideZone(text: string): string | null {
  let zone = settled.get(text);
  if (zone === undefined) {
    zone = settle(text.trim());
    settled.set(text, zone);
  }
  return zone;
}

/** True for a zone whose clocks are never changed, so that each moment has a text of its own. */
export function isFixedZone(zone: string): boolean {
  return /^[+-]\d\d:\d\d$/.test(zone);
}

/** An offset in milliseconds as zones write it: `+08:00`. */
export function offsetText(ms: number): string {
  const minutes = Math.abs(Math.round(ms / 60_000));
  const digits = (value: number) => String(value).padStart(2, "0");
  return `${ms < 0 ? "-" : "+"}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}

function settle(text: string): string | null {
  const named = own(javaNames, text) ?? text.replace(/^(GMT|UTC) (?=\d)/i, "$1+");
  if (ambiguous.test(named) && !unambiguous.test(named)) return null;
  const offset = offsetMs(named.replace(/^(?:GMT|UTC)(?=[+-])/i, ""));
  if (offset !== null) return offsetText(offset);
  const zone = zoneOf(named);
  if (!zone) return null;
  const last = new Date().getUTCFullYear() + 1;
  const first = zone(Date.UTC(FIRST_YEAR, 0, 1));
  for (let month = 0; month < (last - FIRST_YEAR + 1) * 12; month++) {
    if (zone(Date.UTC(FIRST_YEAR, month, 1)) !== first) return canonicalName(named);
  }
  return offsetText(first);
}

function canonicalName(name: string): string {
  return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
}
