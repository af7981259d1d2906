import {
  type DateFields,
  dateTextOf,
  dayOfYear,
  isNearRange,
  isRealDate,
  MAX_FRACTION_DIGITS,
  utcMs,
  weekdayOf,
  weekYearOf,
} from "./date-fields.js";
import { dayNames, monthNames, nameAt } from "./date-names.js";
import { type DatePattern, isMonthName, type PatternField, type PatternPart } from "./date-pattern.js";
import { digitsEnd } from "./dates.js";
import { type LocalZone, offsetOfName } from "./zone-names.js";
import { offsetMs } from "./zones.js";

/**
 * How strictly text must match a date pattern. `exact`: all of it, and the day must exist. `datax`: a matching prefix
 * will do and fields out of range roll over (February 30 becomes March 1 or 2), as DataX's parser does.
 */
export type DateLeniency = "exact" | "datax";

/** How texts are read. Make one per column and pass the same object for every text. */
export interface DateReading {
  /** Of dates that name none. */
  readonly zone: LocalZone;
  readonly leniency: DateLeniency;
}

/** The fields of a text, and what stands beside them. */
interface Found extends DateFields {
  readonly text: string;
  /** Offset written after the time; null for none. */
  offset: number | null;
  /** Name of a zone, to be looked up when the day is known. */
  zone: string | null;
  /** Hour of half a day, 0 to 11. */
  halfHour: number | null;
  /** An hour of 12 is noon or midnight: only AM or PM tell which. */
  isTwelve: boolean;
  /** An hour was out of its bounds, which are narrower than those of `H`. */
  isOut: boolean;
  isPm: boolean | null;
  dayOfYear: number | null;
  weekday: number | null;
  weekYear: number | null;
  /** Fields of which one follows from another. */
  hasYear: boolean;
  hasDay: boolean;
  hasHour: boolean;
}

/**
 * Reads text by a pattern into canonical text (model/batch.ts), names in English and in any case. A fraction after the seconds is kept
 * (9 digits), also when the pattern names none; so is a written offset (`Z`, `+08:00`): the result is then local time of `zone`.
 * What is said twice (a day of the week beside a date) must agree.
 *
 * @returns null when the text does not match
 */
export function parseDate(text: string, pattern: DatePattern, { zone, leniency }: DateReading): string | null {
  const found = emptyFields(text);
  const end = readFields(found, pattern);
  const isExact = leniency === "exact";
  if (end === null || (isExact && end < text.length)) return null;
  if (pattern.hasIndirect && !settle(found, leniency)) return null;
  if (isExact && !isRealDate(found)) return null;
  const ms = utcMs(found);
  if (!isNearRange(ms)) return null;
  if (found.zone !== null) found.offset = offsetOfName(found.zone, ms, zone);
  if (found.zone !== null && found.offset === null) return null;
  const local = found.offset === null ? ms : ms - found.offset + zone.offset(ms - found.offset);
  return dateTextOf(local, pattern.kind, found.fraction);
}

function emptyFields(text: string): Found {
  // Written out: an object made by spreads is slower in a loop over millions of cells.
  return {
    text,
    y: 1970,
    M: 1,
    d: 1,
    H: 0,
    m: 0,
    s: 0,
    fraction: "",
    offset: null,
    zone: null,
    halfHour: null,
    isPm: null,
    dayOfYear: null,
    weekday: null,
    weekYear: null,
    hasYear: false,
    hasDay: false,
    hasHour: false,
    isOut: false,
    isTwelve: false,
  };
}

/** Works out the fields that were written indirectly; false when two of them contradict. */
function settle(found: Found, leniency: DateLeniency): boolean {
  const { halfHour, isPm } = found;
  if (!found.hasHour) found.H = (halfHour ?? 0) + (isPm ? 12 : 0);
  if (!found.hasYear && found.weekYear !== null) found.y = found.weekYear;
  if (found.dayOfYear !== null && !found.hasDay) rollToDayOfYear(found, found.dayOfYear);
  if (leniency !== "exact") return true;
  return (
    !found.isOut &&
    !(found.isTwelve && isPm === null && !found.hasHour) &&
    (isPm === null || found.H >= 12 === isPm) &&
    (halfHour === null || found.H % 12 === halfHour) &&
    (found.dayOfYear === null || dayOfYear(found) === found.dayOfYear) &&
    (found.weekday === null || weekdayOf(found) === found.weekday) &&
    (found.weekYear === null || weekYearOf(found) === found.weekYear)
  );
}

function rollToDayOfYear(found: Found, day: number): void {
  const date = new Date(utcMs({ ...found, M: 1, d: day, H: 0, m: 0, s: 0 }));
  found.M = date.getUTCMonth() + 1;
  found.d = date.getUTCDate();
}

/** Fills in the fields; answers the position after them, or null without a match. */
function readFields(into: Found, pattern: DatePattern): number | null {
  const { text } = into;
  let at = 0;
  let last: PatternField | null = null;
  for (const part of pattern.parts) {
    if (part.field === null) {
      if (!text.startsWith(part.literal, at) && !(part.mayBeT && text[at] === "T")) return null;
      at += part.literal.length;
      continue;
    }
    const end = readers[part.field](into, at, part);
    if (end === null) return null;
    at = end;
    last = part.field;
  }
  return pattern.kind === "date" || last === "z" || last === "Z" || last === "X" ? at : readTail(into, at, last);
}

/** A fraction after the seconds, and an offset after that. */
function readTail(into: Found, from: number, lastField: PatternField | null): number {
  const { text } = into;
  let at = from;
  if (lastField === "s" && text[at] === ".") {
    const end = digitsEnd(text, at + 1, text.length);
    if (end > at + 1) {
      into.fraction = text.slice(at + 1, Math.min(end, at + 1 + MAX_FRACTION_DIGITS));
      at = end;
    }
  }
  if (at === text.length) return at;
  const written = offsetMs(text.slice(at).trimStart());
  if (written === null) return at;
  into.offset = written;
  return text.length;
}

/** Reads one field at a position into the fields; answers the position after it, or null without a match. */
type FieldReader = (into: Found, at: number, part: PatternPart) => number | null;

/** A field of one or two digits, unless digits of another field stand beside it. */
function number(set: (into: Found, value: number, digits: string) => void, most = 2): FieldReader {
  return (into, at, { width, isFixed }) => {
    const end = digitsEnd(into.text, at, isFixed ? width : most);
    if (end - at < (isFixed ? width : 1)) return null;
    const written = into.text.slice(at, end);
    set(into, Number(written), written);
    return end;
  };
}

/** A year of four letters takes four digits: `24-05-06` is not in the first century. */
function year(set: (into: Found, value: number) => void): FieldReader {
  return (into, at, { width, isFixed }) => {
    const end = digitsEnd(into.text, at, isFixed ? width : Math.max(width, 4));
    if (end - at < width) return null;
    const value = Number(into.text.slice(at, end));
    set(into, width === 2 && end - at === 2 ? value + (value < 70 ? 2000 : 1900) : value);
    return end;
  };
}

const monthNumber = number((into, value) => setMonth(into, value));

function setMonth(into: Found, value: number): void {
  into.M = value;
  into.hasDay = true;
}

function month(into: Found, at: number, part: PatternPart): number | null {
  if (!isMonthName(part)) return monthNumber(into, at, part);
  const name = nameAt(into.text, at, monthNames);
  if (name) setMonth(into, name.index + 1);
  return name?.end ?? null;
}

/** Hours that run from 1 make the last one the first. */
function hour(from: 0 | 1, count: 12 | 24): FieldReader {
  return number((into, value) => {
    const isWithin = value >= from && value < count + from;
    if (!isWithin) into.isOut = true;
    if (value === 12 && count === 12) into.isTwelve = true;
    if (count === 12 && isWithin) into.halfHour = value % 12;
    else {
      into.hasHour = true;
      into.H = isWithin ? value % count : value;
    }
  });
}

function zoneAt(into: Found, at: number): number | null {
  const rest = into.text.slice(at);
  const [numeric = "", offset] = /^(?:GMT|UTC)?([+-]\d{1,2}:?(?:\d\d)?)/i.exec(rest) ?? [];
  const [name = ""] = numeric === "" ? (/^[A-Za-z]+(?: [A-Za-z]+)*/.exec(rest) ?? []) : [];
  into.offset = offset === undefined ? (/^(Z|GMT|UTC)$/i.test(name) ? 0 : null) : offsetMs(offset);
  if (offset === undefined && into.offset === null) into.zone = name;
  return numeric === "" && name === "" ? null : at + numeric.length + name.length;
}

function halfOfDay(into: Found, at: number): number | null {
  const written = into.text.slice(at, at + 2).toUpperCase();
  if (written !== "AM" && written !== "PM") return null;
  into.isPm = written === "PM";
  return at + 2;
}

function weekday(into: Found, at: number): number | null {
  const name = nameAt(into.text, at, dayNames);
  if (name) into.weekday = name.index;
  return name?.end ?? null;
}

const readers: Readonly<Record<PatternField, FieldReader>> = {
  y: year((into, value) => {
    into.y = value;
    into.hasYear = true;
  }),
  Y: year((into, value) => {
    into.weekYear = value;
  }),
  M: month,
  L: month,
  d: number((into, value) => {
    into.d = value;
    into.hasDay = true;
  }),
  D: number((into, value) => {
    into.dayOfYear = value;
  }, 3),
  E: weekday,
  H: number((into, value) => {
    into.H = value;
    into.hasHour = true;
  }),
  k: hour(1, 24),
  K: hour(0, 12),
  h: hour(1, 12),
  a: halfOfDay,
  m: number((into, value) => {
    into.m = value;
  }),
  s: number((into, value) => {
    into.s = value;
  }),
  S: number((into, _value, digits) => {
    into.fraction = digits;
  }, MAX_FRACTION_DIGITS),
  z: zoneAt,
  Z: zoneAt,
  X: zoneAt,
};
