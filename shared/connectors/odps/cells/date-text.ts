import { instantOf, type Zone } from "../../../model/zones.js";

/** A canonical date, read: a day, a time of day, or both. */
export interface DateParts {
  kind: "date" | "datetime" | "time";
  /** Days since 1970-01-01; 0 for a time of day. */
  days: number;
  seconds: number;
  nanos: number;
}

const DASH = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const BLANK = 0x20;
const DAY_S = 86_400;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Reads a canonical date from its bytes, by position. @returns the reader's own parts, which the next call changes; null for no date that exists */
export type DateReader = (data: Buffer, from: number, to: number) => Readonly<DateParts> | null;

/** The cell that is being read, and what was found in it. */
interface Reading extends DateParts {
  data: Buffer;
  to: number;
}

/** Makes a reader for the cells of a column: it has one object for all of them. */
export function dateReader(): DateReader {
  const reading: Reading = { kind: "date", days: 0, seconds: 0, nanos: 0, data: Buffer.alloc(0), to: 0 };
  return (data, from, to) => {
    reading.data = data;
    reading.to = to;
    reading.days = 0;
    reading.seconds = 0;
    reading.nanos = 0;
    return readDate(reading, from) ? reading : null;
  };
}

function readDate(reading: Reading, from: number): boolean {
  const { data, to } = reading;
  if (data[from + 2] === COLON) {
    reading.kind = "time";
    return readTime(reading, from);
  }
  if (to - from < 10 || data[from + 4] !== DASH || data[from + 7] !== DASH || !readDay(reading, from)) return false;
  reading.kind = to - from === 10 ? "date" : "datetime";
  return to - from === 10 || (data[from + 10] === BLANK && readTime(reading, from + 11));
}

function readDay(reading: Reading, from: number): boolean {
  const { data } = reading;
  const year = two(data, from) * 100 + two(data, from + 2);
  const month = two(data, from + 5);
  const day = two(data, from + 8);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const most = month === 2 && isLeap ? 29 : (monthDays[month - 1] ?? 0);
  if (!(year >= 1 && day >= 1 && day <= most)) return false;
  // Days of the civil calendar, the year begun in March (Howard Hinnant, "chrono-compatible low-level date algorithms").
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const inEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  reading.days = era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + ofYear - 719_468;
  return true;
}

function readTime(reading: Reading, from: number): boolean {
  const { data, to } = reading;
  const [hours, minutes, seconds] = [two(data, from), two(data, from + 3), two(data, from + 6)];
  const isTime = hours < 24 && minutes < 60 && seconds < 60 && data[from + 2] === COLON && data[from + 5] === COLON;
  if (!isTime || to < from + 8) return false;
  reading.seconds = hours * 3600 + minutes * 60 + seconds;
  if (to === from + 8) return true;
  return data[from + 8] === POINT && readFraction(reading, from + 9);
}

function readFraction(reading: Reading, from: number): boolean {
  const { data, to } = reading;
  const digits = to - from;
  if (digits < 1 || digits > 9) return false;
  let nanos = 0;
  for (let at = from; at < to; at++) {
    const digit = (data[at] as number) - 48; // within the cell
    if (digit < 0 || digit > 9) return false;
    nanos = nanos * 10 + digit;
  }
  reading.nanos = nanos * 10 ** (9 - digits);
  return true;
}

function two(data: Buffer, at: number): number {
  const tens = (data[at] ?? 0) - 48;
  const ones = (data[at + 1] ?? 0) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Epoch seconds of the moment that a zone's clock shows. */
export function epochSeconds({ days, seconds }: DateParts, zone: Zone): number {
  return instantOf((days * DAY_S + seconds) * 1000, zone) / 1000;
}

/** Year, month and day of a number of days since 1970-01-01. */
export function civilOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const ofYear = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
