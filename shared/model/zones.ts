/** Offset of local time from UTC in milliseconds at an instant (epoch ms). */
export type Zone = (instantMs: number) => number;

/** The zone of dates without one, unless a job says otherwise (script-mode reference, `common.column.timeZone`). */
export const DEFAULT_TIME_ZONE = "GMT+8";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** Quarters of an hour remembered per zone before the memory starts anew: about 1.8 years of them. */
const MAX_REMEMBERED = 65_536;

const zones = new Map<string, Zone | null>();

/**
 * The zone of a name: IANA (`Asia/Shanghai`), `UTC`, `Z`, or an offset (`GMT+8`, `UTC-03:30`, `+08:00`).
 *
 * @returns null for an unknown name; asking twice costs nothing
 */
export function zoneOf(name: string): Zone | null {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = fixedZone(name) ?? ianaZone(name);
    zones.set(name, zone);
  }
  return zone;
}

/** Milliseconds of a written offset such as `Z`, `+8`, `+0800` or `-03:30`; null when it is none. */
export function offsetMs(text: string): number | null {
  if (text === "Z" || text === "z") return 0;
  const match = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(text);
  if (!match) return null;
  const [, sign, hours, minutes = "0"] = match;
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > 18 * 60) return null;
  return (sign === "-" ? -total : total) * MINUTE_MS;
}

/**
 * The instant at which clocks of a zone show a local time.
 *
 * @param localMs  the local time as if it were UTC, epoch ms
 * @returns epoch ms; of two candidates (clocks set back) the later, a skipped local time moves forward by the gap
 */
export function instantOf(localMs: number, zone: Zone): number {
  const after = zone(localMs + DAY_MS);
  if (zone(localMs - after) === after) return localMs - after;
  return localMs - zone(localMs - DAY_MS);
}

function fixedZone(name: string): Zone | null {
  const offset = offsetMs(name.replace(/^(?:GMT|UTC)(?=[+-])/i, "").replace(/^(?:GMT|UTC)$/i, "Z"));
  return offset === null ? null : () => offset;
}

function ianaZone(name: string): Zone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return null; // the only way to learn that a zone is unknown
  }
  return remembering((instantMs) => offsetBy(format, instantMs));
}

/** Intl takes microseconds per question, a copied table asks millions: remembers quarters in which the offset stays the same. */
function remembering(ask: Zone): Zone {
  const known = new Map<number, number>();
  return (instantMs) => {
    const quarter = Math.floor(instantMs / QUARTER_MS);
    const remembered = known.get(quarter);
    if (remembered !== undefined) return remembered;
    const first = ask(quarter * QUARTER_MS);
    if (first !== ask((quarter + 1) * QUARTER_MS - 1)) return ask(instantMs);
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(quarter, first);
    return first;
  };
}

function offsetBy(format: Intl.DateTimeFormat, instantMs: number): number {
  const found: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instantMs)) found[type] = value;
  const year = found.era === "BC" ? 1 - Number(found.year) : Number(found.year);
  const local = new Date(0);
  local.setUTCFullYear(year, Number(found.month) - 1, Number(found.day));
  local.setUTCHours(Number(found.hour), Number(found.minute), Number(found.second));
  return local.getTime() - Math.floor(instantMs / 1000) * 1000;
}
