/** What a date cell holds: both, a day, or a time of day. */
export type DateKind = "datetime" | "date" | "time";

/** What a date is made of. A day without a time is midnight, a time without a day is on 1970-01-01. */
export interface DateFields {
  y: number;
  M: number;
  d: number;
  H: number;
  m: number;
  s: number;
  /** Digits of the second's fraction, at most 9; empty for none. */
  fraction: string;
}

/** Digits that a second's fraction may have. */
export const MAX_FRACTION_DIGITS = 9;

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");
const SPAN = { M: [1, 12], d: [1, 31], H: [0, 23], m: [0, 59], s: [0, 59] } as const;

/** True when all fields are within their bounds and the month has that day. Made for hot paths. */
export function isRealDate(fields: DateFields): boolean {
  for (const field of ["M", "d", "H", "m", "s"] as const) {
    const [least, most] = SPAN[field];
    if (fields[field] < least || fields[field] > most) return false;
  }
  return fields.y >= 1 && fields.d <= daysIn(fields.y, fields.M);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Milliseconds as if the fields were UTC, without the fraction; fields out of range roll over. */
export function utcMs({ y, M, d, H, m, s }: DateFields): number {
  const day = y >= 100 ? Date.UTC(y, M - 1, d) : new Date(0).setUTCFullYear(y, M - 1, d);
  return day + ((H * 60 + m) * 60 + s) * 1000;
}

/** Day of the week: 0 = Sunday. */
export function weekdayOf({ y, M, d }: DateFields): number {
  return new Date(utcMs({ y, M, d, H: 0, m: 0, s: 0, fraction: "" })).getUTCDay();
}

/** Day of the year: 1 = January 1. */
export function dayOfYear({ y, M, d }: DateFields): number {
  const at = (month: number, day: number) => utcMs({ y, M: month, d: day, H: 0, m: 0, s: 0, fraction: "" });
  return (at(M, d) - at(1, 1)) / DAY_MS + 1;
}

/** Java's week year: the year of the Saturday that ends the day's week, so that the week of January 1 is a year's first. */
export function weekYearOf(fields: DateFields): number {
  return new Date(utcMs({ ...fields, d: fields.d + 6 - weekdayOf(fields) })).getUTCFullYear();
}

/** Close enough to the years 1 to 9999 to ask for a zone's offset; false for NaN. */
export function isNearRange(ms: number): boolean {
  return ms >= FIRST_MS - DAY_MS && ms <= LAST_MS + DAY_MS;
}

/** Canonical text of a local time in milliseconds; null outside the years 1 to 9999, and for a time that is none of a day. */
export function dateTextOf(localMs: number, kind: DateKind, fraction: string): string | null {
  if (localMs < FIRST_MS || localMs > LAST_MS) return null;
  const day = Math.floor(localMs / DAY_MS);
  const iso = new Date(localMs).toISOString();
  if (kind === "date") return iso.slice(0, 10);
  const time = iso.slice(11, 19) + (fraction === "" ? "" : `.${fraction}`);
  if (kind === "time") return day === 0 ? time : null;
  return `${iso.slice(0, 10)} ${time}`;
}
