import {
  type DateFields,
  type DateKind,
  dateTextOf,
  isNearRange,
  isRealDate,
  MAX_FRACTION_DIGITS,
  utcMs,
} from "./date-fields.js";
import { instantOf, type Zone } from "./zones.js";

/** Epoch milliseconds of a canonical date in a zone, finer digits cut off; null when it is no real date. */
export function dateToEpochMs(cell: string, zone: Zone): number | null {
  const found = dateFieldsOf(cell);
  if (!found) return null;
  return instantOf(utcMs(found), zone) + Number(found.fraction.slice(0, 3).padEnd(3, "0"));
}

/** Canonical date and time of an instant (epoch ms) in a zone; null outside the years 1 to 9999. */
export function dateOfEpochMs(ms: number, zone: Zone): string | null {
  if (!isNearRange(ms)) return null;
  const local = Math.floor(ms) + zone(ms);
  const fraction = String(((local % 1000) + 1000) % 1000).padStart(3, "0");
  return dateTextOf(local, "datetime", fraction === "000" ? "" : fraction);
}

/** What a canonical date cell holds, told by its shape; null when it has no such shape. Made for hot paths. */
export function dateKind(cell: string): DateKind | null {
  if (cell.charCodeAt(2) === 58 || cell.charCodeAt(3) === 58 || cell.charCodeAt(4) === 58) return "time";
  if (cell.charCodeAt(4) !== 45) return null;
  return cell.length === 10 ? "date" : "datetime";
}

/** True for a canonical date, time or both that exists: no zero date, no February 30. Made for hot paths. */
export function isRealDateText(cell: string): boolean {
  return dateFieldsOf(cell) !== null;
}

/**
 * The fields of a canonical date, read by position: no pattern, no regular expression.
 *
 * @returns null when it is none that exists (`0000-00-00`, a time beyond 24 hours)
 */
export function dateFieldsOf(cell: string): DateFields | null {
  const fields: DateFields = { y: 1970, M: 1, d: 1, H: 0, m: 0, s: 0, fraction: "" };
  const kind = dateKind(cell);
  if (kind === null) return null;
  if (kind !== "time" && !readDay(cell, fields)) return null;
  const timeAt = kind === "time" ? 0 : 11;
  if (kind === "datetime" && cell.charCodeAt(10) !== 32) return null;
  if (kind !== "date" && !readTime(cell, timeAt, fields)) return null;
  return isRealDate(fields) ? fields : null;
}

function readDay(cell: string, into: DateFields): boolean {
  into.y = number2(cell, 0) * 100 + number2(cell, 2);
  into.M = number2(cell, 5);
  into.d = number2(cell, 8);
  return cell.charCodeAt(7) === 45;
}

function readTime(cell: string, at: number, into: DateFields): boolean {
  into.H = number2(cell, at);
  into.m = number2(cell, at + 3);
  into.s = number2(cell, at + 6);
  if (cell.charCodeAt(at + 2) !== 58 || cell.charCodeAt(at + 5) !== 58) return false;
  if (cell.length === at + 8) return true;
  into.fraction = cell.slice(at + 9);
  return (
    cell.charCodeAt(at + 8) === 46 &&
    into.fraction !== "" &&
    digitsEnd(cell, at + 9, MAX_FRACTION_DIGITS) === cell.length
  );
}

/** Where digits end that begin at `from`, at most `max` of them. */
export function digitsEnd(text: string, from: number, max: number): number {
  let at = from;
  while (at < text.length && at - from < max && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

/** Two digits as a number; NaN, which every comparison refuses, when they are none. */
function number2(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
