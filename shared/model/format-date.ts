import { type DateFields, dayOfYear, utcMs, weekdayOf, weekYearOf } from "./date-fields.js";
import { dayNames, monthNames, SHORT_NAME } from "./date-names.js";
import { type DatePattern, isMonthName, type PatternField, type PatternPart } from "./date-pattern.js";
import { dateFieldsOf } from "./dates.js";
import { type LocalZone, zoneName, zoneOffsetText } from "./zone-names.js";
import { instantOf } from "./zones.js";

/**
 * Prints a canonical date by a pattern, as Java's SimpleDateFormat does in English; fields that the date lacks are those of 1970-01-01 00:00:00.
 * `S` are the digits of the fraction: `SSS` three of them, a single `S` none that counts left out.
 *
 * @param zone  the zone that the date is in, for `z`, `Z` and `X`
 * @returns null when the cell is no real date (`0000-00-00`, a time beyond 24 hours), or when the pattern would show another one:
 *   a week year that is not the year, an offset without its minutes
 */
export function formatDate(cell: string, pattern: DatePattern, zone: LocalZone): string | null {
  const found = dateFieldsOf(cell);
  if (!found) return null;
  let text = "";
  for (const part of pattern.parts) {
    const printed = part.field === null ? part.literal : printers[part.field](found, part, zone);
    if (printed === null) return null;
    text += printed;
  }
  return text;
}

type Printer = (fields: DateFields, part: PatternPart, zone: LocalZone) => string | null;

const digits = (value: number, width: number): string => String(value).padStart(width, "0");

/** Two letters of a year are its last two digits. */
function year({ y }: DateFields, { width }: PatternPart): string {
  return width === 2 ? digits(y % 100, 2) : digits(y, width);
}

function month({ M }: DateFields, part: PatternPart): string {
  if (!isMonthName(part)) return digits(M, part.width);
  return nameOf(monthNames, M - 1, part.width);
}

function nameOf(names: readonly string[], index: number, width: number): string {
  const name = names[index] ?? "";
  return width > SHORT_NAME ? name : name.slice(0, SHORT_NAME);
}

/** Java prints milliseconds; so do one and two letters here, unless there are none. */
function fraction({ fraction: found }: DateFields, { width }: PatternPart): string {
  const digits = width < 3 && /[1-9]/.test(found.slice(0, 3)) ? 3 : width;
  return found.padEnd(digits, "0").slice(0, digits);
}

function offsetOf(fields: DateFields, { name, offset }: LocalZone): { ms: number; instant: number; name: string } {
  const instant = instantOf(utcMs(fields), offset);
  return { ms: offset(instant), instant, name };
}

/** `X` is an hour and no more: with minutes left out it would name another zone. */
function isoOffset(ms: number, width: number): string | null {
  if (ms === 0) return "Z";
  if (width > 1) return zoneOffsetText(ms, width === 2 ? "" : ":");
  return ms % 3_600_000 === 0 ? zoneOffsetText(ms, "").slice(0, 3) : null;
}

const printers: Readonly<Record<PatternField, Printer>> = {
  y: year,
  Y: (fields, part) => (weekYearOf(fields) === fields.y ? year(fields, part) : null),
  M: month,
  L: month,
  d: ({ d }, { width }) => digits(d, width),
  D: (fields, { width }) => digits(dayOfYear(fields), width),
  E: (fields, { width }) => nameOf(dayNames, weekdayOf(fields), width),
  H: ({ H }, { width }) => digits(H, width),
  k: ({ H }, { width }) => digits(H === 0 ? 24 : H, width),
  K: ({ H }, { width }) => digits(H % 12, width),
  h: ({ H }, { width }) => digits(H % 12 === 0 ? 12 : H % 12, width),
  a: ({ H }) => (H < 12 ? "AM" : "PM"),
  m: ({ m }, { width }) => digits(m, width),
  s: ({ s }, { width }) => digits(s, width),
  S: fraction,
  z: (fields, { width }, zone) => zoneName(zone, offsetOf(fields, zone).instant, width > SHORT_NAME ? "long" : "short"),
  Z: (fields, _part, zone) => zoneOffsetText(offsetOf(fields, zone).ms, ""),
  X: (fields, { width }, zone) => isoOffset(offsetOf(fields, zone).ms, width),
};
