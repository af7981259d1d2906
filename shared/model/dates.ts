import { instantOf, offsetMs, type Zone } from "./zones.js";

/** What a date cell holds: both, a day, or a time of day. */
export type DateKind = "datetime" | "date" | "time";

/**
 * How strictly text must match a date pattern. `exact`: all of it, and the day must exist. `datax`: a matching prefix
 * will do and fields out of range roll over (February 30 becomes March 1 or 2), as DataX's parser does.
 */
export type DateLeniency = "exact" | "datax";

/** A date-time pattern taken apart; make it once with {@link datePattern}. */
export interface DatePattern {
  readonly kind: DateKind;
  readonly parts: readonly PatternPart[];
}

interface PatternPart {
  readonly field: Field | null;
  /** Letters of the field: the digits it is printed with. */
  readonly width: number;
  /** Text to match when `field` is null. */
  readonly literal: string;
  /** A field stands right beside it, so that exactly `width` digits belong to this one. */
  readonly isFixed: boolean;
}

type Field = "y" | "M" | "d" | "H" | "m" | "s" | "S";
interface Fields extends Record<Exclude<Field, "S">, number> {
  /** Digits of the second's fraction, at most 9; empty for none. */
  fraction: string;
  /** Offset written after the time; null for none. */
  offset: number | null;
}

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");
const MAX_FRACTION_DIGITS = 9;
const SPAN = { M: [1, 12], d: [1, 31], H: [0, 23], m: [0, 59], s: [0, 59] } as const;

/**
 * Takes a Java-style pattern apart: `yyyy MM dd HH mm ss SSS`, quoted literals `'T'`, any other sign as itself.
 *
 * @returns null when it has other letters, no field at all, or an open quote
 */
export function datePattern(pattern: string): DatePattern | null {
  const parts: PatternPart[] = [];
  for (const [token] of pattern.matchAll(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'/g)) {
    const letter = token[0] ?? "";
    const isLetter = /[A-Za-z]/.test(letter);
    if (isLetter ? !"yMdHmsS".includes(letter) : token === "'") return null;
    parts.push({
      field: isLetter ? (letter as Field) : null, // tested one line above
      width: token.length,
      literal: isLetter ? "" : unquoted(token),
      isFixed: false,
    });
  }
  const fields = new Set(parts.map((part) => part.field));
  const hasDay = fields.has("y") || fields.has("M") || fields.has("d");
  const hasTime = fields.has("H") || fields.has("m") || fields.has("s") || fields.has("S");
  if (!hasDay && !hasTime) return null;
  return {
    kind: hasDay ? (hasTime ? "datetime" : "date") : "time",
    parts: parts.map((part, i) => ({ ...part, isFixed: isField(parts[i - 1]) || isField(parts[i + 1]) })),
  };
}

/**
 * Reads text by a pattern into canonical text (model/batch.ts). A fraction after the seconds is kept (9 digits), also when
 * the pattern names none; so is a written offset (`Z`, `+08:00`): the result is then local time of `zone`.
 *
 * @returns null when the text does not match
 */
export function parseDate(text: string, pattern: DatePattern, zone: Zone, leniency: DateLeniency): string | null {
  const fields: Fields = { y: 1970, M: 1, d: 1, H: 0, m: 0, s: 0, fraction: "", offset: null };
  const end = readFields(text, pattern, fields);
  if (end === null || (leniency === "exact" && (end < text.length || !isRealDate(fields)))) return null;
  const ms = utcMs(fields);
  if (!isNearRange(ms)) return null;
  const local = fields.offset === null ? ms : ms - fields.offset + zone(ms - fields.offset);
  return textOf(local, pattern.kind, fields.fraction);
}

/**
 * Prints a canonical date by a pattern; fields that it lacks are those of 1970-01-01 00:00:00.
 *
 * @returns null when the cell is no real date (`0000-00-00`, a time beyond 24 hours)
 */
export function formatDate(cell: string, pattern: DatePattern): string | null {
  const found = canonicalFields(cell);
  if (!found) return null;
  let text = "";
  for (const { field, width, literal } of pattern.parts) {
    if (field === null) text += literal;
    else if (field === "S") text += found.fraction.padEnd(width, "0").slice(0, width);
    else if (field === "y" && width === 2) text += String(found.y % 100).padStart(2, "0");
    else text += String(found[field]).padStart(width, "0");
  }
  return text;
}

/** Epoch milliseconds of a canonical date in a zone, finer digits cut off; null when it is no real date. */
export function dateToEpochMs(cell: string, zone: Zone): number | null {
  const found = canonicalFields(cell);
  if (!found) return null;
  return instantOf(utcMs(found), zone) + Number(found.fraction.slice(0, 3).padEnd(3, "0"));
}

/** Canonical date and time of an instant (epoch ms) in a zone; null outside the years 1 to 9999. */
export function dateOfEpochMs(ms: number, zone: Zone): string | null {
  if (!isNearRange(ms)) return null;
  const local = Math.floor(ms) + zone(ms);
  const fraction = String(((local % 1000) + 1000) % 1000).padStart(3, "0");
  return textOf(local, "datetime", fraction === "000" ? "" : fraction);
}

/** What a canonical date cell holds, told by its shape; null when it has no such shape. Made for hot paths. */
export function dateKind(cell: string): DateKind | null {
  if (cell.charCodeAt(2) === 58 || cell.charCodeAt(3) === 58 || cell.charCodeAt(4) === 58) return "time";
  if (cell.charCodeAt(4) !== 45) return null;
  return cell.length === 10 ? "date" : "datetime";
}

/** True for a canonical date, time or both that exists: no zero date, no February 30. Made for hot paths. */
export function isRealDateText(cell: string): boolean {
  return canonicalFields(cell) !== null;
}

function isField(part: PatternPart | undefined): boolean {
  return part !== undefined && part.field !== null;
}

function unquoted(token: string): string {
  if (token === "''") return "'";
  return token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token;
}

/** Fills in the fields; answers the position after them, or null without a match. */
function readFields(text: string, pattern: DatePattern, into: Fields): number | null {
  let at = 0;
  let tail = "";
  for (const part of pattern.parts) {
    if (part.field === null) {
      if (!matchesLiteral(text, at, part.literal, tail)) return null;
      at += part.literal.length;
      continue;
    }
    const end = digitsEnd(text, at, maxDigits(part));
    if (end - at < minDigits(part)) return null;
    setField(into, part, text.slice(at, end));
    at = end;
    tail = part.field;
  }
  return pattern.kind === "date" ? at : readTail(text, at, tail, into);
}

/** ISO text has a `T` where patterns have the blank between day and time. */
function matchesLiteral(text: string, at: number, literal: string, before: string): boolean {
  return text.startsWith(literal, at) || (literal === " " && before === "d" && text[at] === "T");
}

function maxDigits({ field, width, isFixed }: PatternPart): number {
  if (isFixed) return width;
  if (field === "S") return MAX_FRACTION_DIGITS;
  return field === "y" ? Math.max(width, 4) : 2;
}

/** A year of four letters takes four digits: `24-05-06` is not in the first century. */
function minDigits({ field, width, isFixed }: PatternPart): number {
  return isFixed || field === "y" ? width : 1;
}

function setField(into: Fields, { field, width }: PatternPart, digits: string): void {
  if (field === "S") into.fraction = digits;
  else if (field === "y" && width === 2 && digits.length === 2) into.y = Number(digits) + (digits < "70" ? 2000 : 1900);
  else if (field !== null) into[field] = Number(digits);
}

/** A fraction after the seconds, and an offset after that. */
function readTail(text: string, from: number, lastField: string, into: Fields): number {
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

function digitsEnd(text: string, from: number, max: number): number {
  let at = from;
  while (at < text.length && at - from < max && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

function isRealDate(fields: Fields): boolean {
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
function utcMs({ y, M, d, H, m, s }: Fields): number {
  const day = y >= 100 ? Date.UTC(y, M - 1, d) : new Date(0).setUTCFullYear(y, M - 1, d);
  return day + ((H * 60 + m) * 60 + s) * 1000;
}

/** Close enough to the years 1 to 9999 to ask for a zone's offset; false for NaN. */
function isNearRange(ms: number): boolean {
  return ms >= FIRST_MS - DAY_MS && ms <= LAST_MS + DAY_MS;
}

function textOf(localMs: number, kind: DateKind, fraction: string): string | null {
  if (localMs < FIRST_MS || localMs > LAST_MS) return null;
  const day = Math.floor(localMs / DAY_MS);
  const iso = new Date(localMs).toISOString();
  if (kind === "date") return iso.slice(0, 10);
  const time = iso.slice(11, 19) + (fraction === "" ? "" : `.${fraction}`);
  if (kind === "time") return day === 0 ? time : null;
  return `${iso.slice(0, 10)} ${time}`;
}

/** Reads canonical text by position: no pattern, no regular expression. */
function canonicalFields(cell: string): Fields | null {
  const fields: Fields = { y: 1970, M: 1, d: 1, H: 0, m: 0, s: 0, fraction: "", offset: null };
  const kind = dateKind(cell);
  if (kind === null) return null;
  if (kind !== "time" && !readDay(cell, fields)) return null;
  const timeAt = kind === "time" ? 0 : 11;
  if (kind === "datetime" && cell.charCodeAt(10) !== 32) return null;
  if (kind !== "date" && !readTime(cell, timeAt, fields)) return null;
  return isRealDate(fields) ? fields : null;
}

function readDay(cell: string, into: Fields): boolean {
  into.y = number2(cell, 0) * 100 + number2(cell, 2);
  into.M = number2(cell, 5);
  into.d = number2(cell, 8);
  return cell.charCodeAt(7) === 45;
}

function readTime(cell: string, at: number, into: Fields): boolean {
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

/** Two digits as a number; NaN, which every comparison refuses, when they are none. */
function number2(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
