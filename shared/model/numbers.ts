/** Which integers a target takes: signed or unsigned 64-bit, or any number of digits. */
export type LongRange = "int64" | "uint64" | "any";

const MAX_INT64 = "9223372036854775807";
const MIN_INT64_DIGITS = "9223372036854775808";
const MAX_UINT64 = "18446744073709551615";
/** Decimal digits that always fit into 64 bits: most integers need no closer look. */
const SAFE_DIGITS = 18;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const PLUS = 43;
const POINT = 46;

/** True for plain digits with an optional minus sign: no blanks, no plus, no fraction. Made for hot paths. */
export function isInteger(text: string): boolean {
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  return text.length > start && digitsEnd(text, start) === text.length;
}

/** True for a plain integer that fits a signed 64-bit column. Made for hot paths. */
export function isInt64(text: string): boolean {
  return isInteger(text) && (text.length <= SAFE_DIGITS || fitsLong(text, "int64"));
}

/**
 * True when a plain integer (see {@link isInteger}) lies in the range. By text, so that no digit is lost.
 * `uint64` means 0 to 2^64 - 1.
 */
export function fitsLong(integer: string, range: LongRange): boolean {
  if (range === "any") return true;
  const negative = integer.charCodeAt(0) === MINUS;
  const digits = withoutLeadingZeros(negative ? integer.slice(1) : integer);
  if (range === "uint64") return negative ? digits === "0" : atMost(digits, MAX_UINT64);
  return atMost(digits, negative ? MIN_INT64_DIGITS : MAX_INT64);
}

/**
 * True for a number as text: `12`, `-1.50`, `.5`, `5.`, `+1e-3`. Not for NaN and the infinities, nor with blanks around.
 * Made for hot paths.
 */
export function isDecimal(text: string): boolean {
  return isInteger(text) || scan(text) !== null;
}

/** True for what a double may hold as text: a decimal, `NaN`, `Infinity` or `-Infinity`. */
export function isDouble(text: string): boolean {
  return isDecimal(text) || text === "NaN" || text === "Infinity" || text === "-Infinity";
}

/**
 * The integer part of a number as plain digits: `1.9` gives `1`, `-0.5` gives `0`, `1e3` gives `1000`.
 *
 * @param maxDigits  more digits than this are not spelled out
 * @returns null when the text is no number, `overflow` when the integer part has more than `maxDigits` digits
 */
export function truncated(text: string, maxDigits: number): string | null | "overflow" {
  const parts = scan(text);
  if (!parts) return null;
  const mantissa = parts.whole + parts.fraction;
  const wholeLength = parts.whole.length + parts.exponent;
  if (wholeLength <= 0) return "0";
  const significant = withoutLeadingZeros(mantissa);
  if (significant === "0") return "0";
  if (wholeLength - (mantissa.length - significant.length) > maxDigits) return "overflow";
  const digits = withoutLeadingZeros(mantissa.slice(0, wholeLength).padEnd(wholeLength, "0"));
  return parts.negative && digits !== "0" ? `-${digits}` : digits;
}

interface Scanned {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: number;
}

function scan(text: string): Scanned | null {
  const sign = text.charCodeAt(0);
  const start = sign === MINUS || sign === PLUS ? 1 : 0;
  const wholeEnd = digitsEnd(text, start);
  const hasPoint = text.charCodeAt(wholeEnd) === POINT;
  const fractionEnd = hasPoint ? digitsEnd(text, wholeEnd + 1) : wholeEnd;
  const digits = wholeEnd - start + (hasPoint ? fractionEnd - wholeEnd - 1 : 0);
  if (digits === 0) return null;
  const exponent = fractionEnd === text.length ? 0 : exponentAt(text, fractionEnd);
  if (exponent === null) return null;
  const whole = text.slice(start, wholeEnd);
  const fraction = hasPoint ? text.slice(wholeEnd + 1, fractionEnd) : "";
  return { negative: sign === MINUS, whole, fraction, exponent };
}

/** Value of `e±n` that must reach to the end of the text; null when something else stands there. */
function exponentAt(text: string, at: number): number | null {
  if (text[at] !== "e" && text[at] !== "E") return null;
  const sign = text.charCodeAt(at + 1);
  const start = sign === MINUS || sign === PLUS ? at + 2 : at + 1;
  if (start >= text.length || digitsEnd(text, start) !== text.length) return null;
  return Number(text.slice(at + 1));
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) break;
  }
  return at;
}

function withoutLeadingZeros(digits: string): string {
  let at = 0;
  while (at < digits.length - 1 && digits.charCodeAt(at) === ZERO) at++;
  return at === 0 ? digits : digits.slice(at);
}

function atMost(digits: string, limit: string): boolean {
  return digits.length < limit.length || (digits.length === limit.length && digits <= limit);
}
