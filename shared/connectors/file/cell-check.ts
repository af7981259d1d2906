import type { ColumnType } from "../../model/batch.js";

const ZERO = 48;
/** Days that a month has in every year, by its number. */
const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const MINUS = 45;
const POINT = 46;
/** Any number of so many digits fits a signed 64-bit integer. */
const SAFE_LONG_DIGITS = 18;

/**
 * True when the bytes are certainly what the conversion table would print for text of this column type, so that they may
 * stay as they are. False only means "ask the table".
 */
export const isCanonical: Readonly<Record<ColumnType, CellCheck>> = {
  string: () => true,
  long: isPlainLong,
  double: isPlainDouble,
  date: isPlainDate,
  bool: () => false,
  bytes: () => false,
};

type CellCheck = (bytes: Uint8Array, start: number, end: number) => boolean;

function isPlainLong(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  const digits = end - first;
  if (digits < 1 || digits > SAFE_LONG_DIGITS) return false;
  if (bytes[first] === ZERO && end - start > 1) return false;
  return areDigits(bytes, first, end);
}

function isPlainDouble(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let point = -1;
  for (let i = first; i < end; i++) {
    const byte = bytes[i] as number; // within bounds
    if (byte >= ZERO && byte <= 57) continue;
    if (byte !== POINT || point >= 0) return false;
    point = i;
  }
  return first < end && point !== first && point !== end - 1;
}

/** `yyyy-MM-dd` and `yyyy-MM-dd HH:mm:ss` from the year 1000 on; February 29 is left to the table. */
function isPlainDate(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 10 && length !== 19) return false;
  if (bytes[start] === ZERO || !areDigits(bytes, start, start + 4)) return false;
  if (bytes[start + 4] !== 45 || bytes[start + 7] !== 45) return false;
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (month < 1 || month > 12 || day < 1 || day > (DAYS[month] as number)) return false;
  if (length === 10) return true;
  if (bytes[start + 10] !== 32 || bytes[start + 13] !== 58 || bytes[start + 16] !== 58) return false;
  return isBelow(bytes, start + 11, 24) && isBelow(bytes, start + 14, 60) && isBelow(bytes, start + 17, 60);
}

function isBelow(bytes: Uint8Array, at: number, limit: number): boolean {
  const value = twoDigits(bytes, at);
  return value >= 0 && value < limit;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return areDigits(bytes, at, at + 2) ? ((bytes[at] as number) - ZERO) * 10 + (bytes[at + 1] as number) - ZERO : -1;
}

function areDigits(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number; // within bounds
    if (byte < ZERO || byte > 57) return false;
  }
  return true;
}
