import type { DateKind } from "./date-fields.js";

/** A date-time pattern taken apart; make it once with {@link datePattern}. */
export interface DatePattern {
  /** As it was written. */
  readonly text: string;
  readonly kind: DateKind;
  readonly parts: readonly PatternPart[];
  /** Some field needs more than to be set: a half of a day, a day of the week or of the year, a week year, a zone. */
  readonly hasIndirect: boolean;
}

/** A field or a text of a pattern. */
export interface PatternPart {
  readonly field: PatternField | null;
  /** Letters of the field. */
  readonly width: number;
  /** Text to match when `field` is null. */
  readonly literal: string;
  /** A field of digits stands right beside it, so that exactly `width` digits belong to this one. */
  readonly isFixed: boolean;
  /** A blank behind the day, where ISO text has a `T`. */
  readonly mayBeT: boolean;
}

/** What the letters of Java's SimpleDateFormat stand for; those whose meaning is a week are left out. */
export type PatternField = keyof typeof fields;

const fields = {
  y: "day",
  Y: "day",
  M: "day",
  L: "day",
  D: "day",
  d: "day",
  E: "day",
  H: "time",
  k: "time",
  K: "time",
  h: "time",
  a: "time",
  m: "time",
  s: "time",
  S: "time",
  z: "zone",
  Z: "zone",
  X: "zone",
} as const;

/** Letters of Java's that are not taken, with what they mean there. */
const leftOut: Readonly<Record<string, string>> = {
  G: "the era",
  w: "the week of the year",
  W: "the week of the month",
  F: "the n-th such weekday of the month",
  u: "the number of the weekday",
};

const TOKENS = /'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'/g;

/** Takes a pattern of Java's SimpleDateFormat apart; null when {@link patternFault} has something against it. */
export function datePattern(pattern: string): DatePattern | null {
  if (patternFault(pattern) !== null) return null;
  const parts = [...pattern.matchAll(TOKENS)].map(([token]) => ({
    field: isField(token[0]) ? token[0] : null,
    width: token.length,
    literal: isField(token[0]) ? "" : unquoted(token),
  }));
  const kinds = new Set(parts.map(({ field }) => field && fields[field]));
  const isDigits = (at: number) => isNumeric(parts[at]);
  return {
    text: pattern,
    kind: kinds.has("day") ? (kinds.has("time") ? "datetime" : "date") : "time",
    parts: parts.map((part, at) => ({
      ...part,
      isFixed: isDigits(at) && (isDigits(at - 1) || isDigits(at + 1)),
      mayBeT: part.literal === " " && parts[at - 1]?.field === "d",
    })),
    hasIndirect: parts.some(({ field }) => field !== null && /[YDEkKhazZX]/.test(field)),
  };
}

/** What is wrong with a pattern, in words that follow its name; null when it can be used. */
export function patternFault(pattern: string): string | null {
  let hasField = false;
  for (const [token] of pattern.matchAll(TOKENS)) {
    const letter = token[0] ?? "";
    if (token === "'") return "has a quote that is not closed";
    if (!/[A-Za-z]/.test(letter)) continue;
    if (!isField(letter)) return letterFault(letter, token);
    hasField ||= fields[letter] !== "zone";
  }
  return hasField ? null : "names no part of a date or a time, such as yyyy-MM-dd or HH:mm:ss";
}

function letterFault(letter: string, token: string): string {
  const meaning = leftOut[letter];
  if (meaning !== undefined) return `has ${token}, ${meaning}, which is not supported`;
  return `has ${token}, which stands for no part of a date; text stands in quotes: '${token}'`;
}

function isField(letter: string | undefined): letter is PatternField {
  return letter !== undefined && Object.hasOwn(fields, letter);
}

/** Months of three letters and more are names, as are days of the week and halves of the day; zones are no digits either. */
function isNumeric(part: Pick<PatternPart, "field" | "width"> | undefined): boolean {
  if (!part?.field || /[Ea]/.test(part.field) || fields[part.field] === "zone") return false;
  return !isMonthName(part);
}

/** True for a month that is written by its name. */
export function isMonthName({ field, width }: Pick<PatternPart, "field" | "width">): boolean {
  return (field === "M" || field === "L") && width >= 3;
}

function unquoted(token: string): string {
  if (token === "''") return "'";
  return token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token;
}
