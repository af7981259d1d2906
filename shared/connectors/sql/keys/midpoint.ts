import type { KeyColumn, KeyKind, KeyValue } from "./key-range.js";

/**
 * A guess at a key half-way between two others, for cutting a range: a prefix of a key value, greater than `low`.
 *
 * @returns null when there is nothing in between to guess, or the columns differ in a text first, which has no arithmetic
 */
export function middleKey(key: readonly KeyColumn[], low: KeyValue, high: KeyValue): KeyValue | null {
  for (const [at, column] of key.entries()) {
    const [from, to] = [low[at], high[at]];
    if (from === undefined || to === undefined) return null;
    if (from === to) continue;
    const middle = middleValue(column.kind, from, to);
    return middle === null ? null : [...low.slice(0, at), middle];
  }
  return null;
}

/** A value above `low` and at most `high`, about half-way. */
export function middleValue(kind: KeyKind, low: string, high: string): string | null {
  if (kind === "text") return null;
  const [from, to] = [toOrdinal(kind, low, high), toOrdinal(kind, high, low)];
  if (from === null || to === null || from >= to) return null;
  return fromOrdinal(kind, from + (to - from + 1n) / 2n, { low, high });
}

/**
 * Cuts the span between two values into `count` parts of equal width.
 *
 * @returns the inner bounds in ascending order; empty when the kind has no arithmetic
 */
export function evenCuts(
  kind: KeyKind,
  { low, high, count }: { readonly low: string; readonly high: string; readonly count: number },
): string[] {
  if (kind === "text") return [];
  const [from, to] = [toOrdinal(kind, low, high), toOrdinal(kind, high, low)];
  if (from === null || to === null || from >= to) return [];
  const cuts = new Set<bigint>();
  for (let i = 1; i < count; i++) {
    const cut = from + ((to - from) * BigInt(i)) / BigInt(count);
    if (cut > from && cut < to) cuts.add(cut);
  }
  return [...cuts].flatMap((cut) => fromOrdinal(kind, cut, { low, high }) ?? []);
}

/** Maps a value to an integer that keeps the order; `other` is the second value of the pair, for a common scale. */
function toOrdinal(kind: Exclude<KeyKind, "text">, value: string, other: string): bigint | null {
  switch (kind) {
    case "integer":
      return /^-?\d+$/.test(value) ? BigInt(value) : null;
    case "decimal":
      return scaled(value, scaleOf(value, other));
    case "bytes":
      return BigInt(`0x${value.padEnd(widthOf(value, other), "0") || "0"}`);
    case "datetime":
      return momentToOrdinal(value);
    case "time":
      return timeToOrdinal(value);
  }
}

function fromOrdinal(
  kind: Exclude<KeyKind, "text">,
  ordinal: bigint,
  { low, high }: { readonly low: string; readonly high: string },
): string | null {
  switch (kind) {
    case "integer":
      return String(ordinal);
    case "decimal":
      return unscaled(ordinal, scaleOf(low, high));
    case "bytes":
      return ordinal.toString(16).padStart(widthOf(low, high), "0");
    case "datetime":
      return momentFromOrdinal(ordinal, { hasTime: low.length > 10 || high.length > 10 });
    case "time":
      return timeFromOrdinal(ordinal);
  }
}

function scaleOf(one: string, other: string): number {
  return Math.max(one.split(".")[1]?.length ?? 0, other.split(".")[1]?.length ?? 0);
}

function scaled(value: string, scale: number): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value);
  if (!match) return null;
  const digits = BigInt(`${match[2]}${(match[3] ?? "").padEnd(scale, "0")}`);
  return match[1] ? -digits : digits;
}

function unscaled(ordinal: bigint, scale: number): string {
  if (scale === 0) return String(ordinal);
  const digits = String(ordinal < 0n ? -ordinal : ordinal).padStart(scale + 1, "0");
  return `${ordinal < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function widthOf(one: string, other: string): number {
  return Math.max(one.length, other.length);
}

const units = [13n, 32n, 24n, 60n, 60n, 1_000_000n] as const;

/** Every month has 32 days here and every year 13 months, so that zero dates keep their place too. */
function momentToOrdinal(value: string): bigint | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/.exec(value);
  if (!match) return null;
  const [year = "0", ...rest] = match.slice(1, 7);
  const parts = [...rest.map((part) => part ?? "0"), (match[7] ?? "").padEnd(6, "0")];
  return parts.reduce((sum, part, i) => sum * (units[i] ?? 1n) + BigInt(part), BigInt(year));
}

function momentFromOrdinal(ordinal: bigint, { hasTime }: { readonly hasTime: boolean }): string {
  const parts: bigint[] = [];
  let rest = ordinal;
  for (const unit of [...units].reverse()) {
    parts.unshift(rest % unit);
    rest /= unit;
  }
  const [month = 1n, day = 1n, hour, minute, second, micro] = parts;
  const two = (part = 0n) => String(part).padStart(2, "0");
  const clamp = (part: bigint, most: bigint) => (part < 1n ? 1n : part > most ? most : part);
  const date = `${String(rest).padStart(4, "0")}-${two(clamp(month, 12n))}-${two(clamp(day, 28n))}`;
  return hasTime ? `${date} ${two(hour)}:${two(minute)}:${two(second)}.${String(micro ?? 0n).padStart(6, "0")}` : date;
}

function timeToOrdinal(value: string): bigint | null {
  const match = /^(-?)(\d{1,3}):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(value);
  if (!match) return null;
  const [, sign, hours = "0", minutes = "0", seconds = "0", fraction = ""] = match;
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const ordinal = whole * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  return sign ? -ordinal : ordinal;
}

function timeFromOrdinal(ordinal: bigint): string {
  const size = ordinal < 0n ? -ordinal : ordinal;
  const two = (part: bigint) => String(part).padStart(2, "0");
  const seconds = size / 1_000_000n;
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return `${ordinal < 0n ? "-" : ""}${clock}.${String(size % 1_000_000n).padStart(6, "0")}`;
}
