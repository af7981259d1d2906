/** A scheduling date expression: `${yyyymmdd-1}` counts from the business date, `$[yyyymmddhh24-1/24]` from the planned time. */
export interface DateExpression {
  readonly base: "business" | "planned";
  /** Pieces in which tokens are replaced, everything else stays. */
  readonly format: string;
  /** Moved in this order: months, then milliseconds. */
  readonly months: number;
  readonly ms: number;
  /** Letters of the format that are no token. */
  readonly literal: string;
}

/** An expression that was read, or what is wrong with it. */
export type ReadExpression = DateExpression | { readonly problem: string };

const DAY_MS = 86_400_000;
const TOKENS = { business: /yyyy|yy|mm|dd/gi, planned: /yyyy|yy|mm|dd|hh24|mi|ss/gi } as const;
/** Tokens and punctuation. Digits may stand beside a year, as in `yyyymm01`. */
const BUSINESS = /^(?:(?:yy|mm|dd|[^A-Za-z0-9\s])+|(?=.*yyyy)(?:yy|mm|dd|[^A-Za-z\s])+)$/i;
const WITH_TIME = /^(?=.*yyyy)(?:yy|mm|dd|hh24|mi|ss|[^A-Za-z])+$/i;
const PLANNED = /^(?:yy|mm|dd|hh|mi|ss|[TZ]|[^A-Za-z\s])+$/i;
/** Letters that are no token are meant as text only beside what nothing else means. */
const SURE = /yyyy|hh24/i;
const ADD_MONTHS = /^add_months\(([^,()]*),([^()]*)\)(.*)$/i;
const FACTORS = /^[+-]?\d{1,9}(?:[*/]\d{1,9})*$/;

/**
 * Reads what stands in `${…}`.
 *
 * @returns null when it is no date expression but, say, a name
 */
export function businessExpression(inner: string): ReadExpression | null {
  const { format, offset } = parted(inner);
  if (WITH_TIME.test(format) && /hh24|mi|ss/i.test(format))
    return { problem: `it counts from the business date, which has no time of day; write "$[${inner}]"` };
  if (!BUSINESS.test(format) || !/yy|mm|dd/i.test(format)) return null;
  const read = { base: "business", format, literal: "" } as const;
  if (offset === "") return { ...read, months: 0, ms: 0 };
  // The offset counts the smallest unit that is shown.
  const unit = /dd/i.test(format) ? "day" : /mm/i.test(format) ? "month" : "year";
  const count = factorsOf(offset);
  if (count === null || !Number.isInteger(count)) return malformed(offset, `a number of ${unit}s such as -1 or -7*2`);
  if (unit === "day") return { ...read, months: 0, ms: count * DAY_MS };
  return { ...read, months: unit === "month" ? count : count * 12, ms: 0 };
}

/**
 * Reads what stands in `$[…]`.
 *
 * @returns null when it is no date expression but, say, a step of a JSON path
 */
export function plannedExpression(inner: string): ReadExpression | null {
  const [, within = "", count = "", rest = ""] = ADD_MONTHS.exec(inner) ?? [];
  if (within !== "") return addMonths({ within, count, rest });
  if (/^add_months\(/i.test(inner))
    return { problem: "expected add_months(format,months), such as add_months(yyyymmdd,-1)" };
  const { format, offset } = parted(inner);
  if (/['"`]/.test(inner)) return null;
  const literal = format.replace(TOKENS.planned, "").replace(/[^A-Za-z]|T|Z/g, "");
  if (!/yy|mm|dd|hh|mi|ss/i.test(format) || (literal !== "" && !PLANNED.test(format) && !SURE.test(format)))
    return null;
  return withDays({ base: "planned", format, literal, months: 0 }, offset);
}

function addMonths({ within, count, rest }: Readonly<Record<"within" | "count" | "rest", string>>): ReadExpression {
  const months = factorsOf(count);
  if (months === null || !Number.isInteger(months)) return malformed(count, "a number of months such as -1 or -12*1");
  if (rest !== "" && !/^[+-]/.test(rest)) return malformed(rest, "days such as -1, or parts of them such as -1/24");
  return withDays({ base: "planned", format: within, literal: "", months }, rest);
}

function withDays(read: Omit<DateExpression, "ms">, offset: string): ReadExpression {
  if (/hh(?!24)/i.test(read.format)) return { problem: '"hh" is no token; write hh24 for the hour' };
  if (offset === "") return { ...read, ms: 0 };
  const days = factorsOf(offset);
  const ms = days === null ? Number.NaN : Math.round(days * DAY_MS);
  // Fractions such as 1/24/60 have no exact number.
  if (days === null || ms % 1000 !== 0 || Math.abs(days * DAY_MS - ms) > 1e-3)
    return malformed(offset, "days such as -1 or -7*2, hours such as -1/24, minutes such as -15/24/60");
  return { ...read, ms };
}

/** A trailing offset begins at the last sign before a digit: the hyphens of `yyyy-mm-dd` are none. */
function parted(inner: string): { readonly format: string; readonly offset: string } {
  const at = Math.max(...[...inner.matchAll(/[+-]\d/g)].map(({ index }) => index), -1);
  return at < 0 ? { format: inner, offset: "" } : { format: inner.slice(0, at), offset: inner.slice(at) };
}

/** The value of `-7*2` or `-15/24/60`; null when it is malformed. */
function factorsOf(text: string): number | null {
  if (!FACTORS.test(text)) return null;
  const [first = "", ...steps] = text.split(/(?=[*/])/);
  const value = steps.reduce((sum, step) => {
    const factor = Number(step.slice(1));
    return step.startsWith("*") ? sum * factor : sum / factor;
  }, Number(first));
  return Number.isFinite(value) ? value : null;
}

function malformed(offset: string, expected: string): { readonly problem: string } {
  return { problem: `malformed offset "${offset}": expected ${expected}` };
}

/**
 * The value of an expression for a planned time, in naive arithmetic: no zone and no change of clocks enters.
 *
 * @param plannedMs  the planned time as its clock shows it, as if it were UTC, epoch ms
 * @returns null when it leaves the years 1 to 9999
 */
export function valueOfExpression({ base, format, months, ms }: DateExpression, plannedMs: number): string | null {
  const from = base === "planned" ? plannedMs : plannedMs - (plannedMs % DAY_MS) - DAY_MS;
  const at = new Date(monthsLater(from, months) + ms);
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1 || at.getUTCFullYear() > 9999) return null;
  const iso = at.toISOString();
  const parts: Readonly<Record<string, string>> = {
    yyyy: iso.slice(0, 4),
    yy: iso.slice(2, 4),
    mm: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    hh24: iso.slice(11, 13),
    mi: iso.slice(14, 16),
    ss: iso.slice(17, 19),
  };
  return format.replace(TOKENS[base], (token) => parts[token.toLowerCase()] ?? token);
}

/**
 * Moves a reading by months as Oracle's `ADD_MONTHS` does: the last day of a month stays a last day, another day is clamped to the
 * month's length. Not verified against DataWorks.
 */
export function monthsLater(readingMs: number, months: number): number {
  if (months === 0) return readingMs;
  const at = new Date(readingMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const lengthOf = (index: number) => new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
  const isLast = day === lengthOf(month);
  const length = lengthOf(month + months);
  const timeMs = readingMs - Date.UTC(year, month, day);
  return Date.UTC(year, month + months, isLast ? length : Math.min(day, length)) + timeMs;
}
