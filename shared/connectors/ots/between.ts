import type { KeyPart } from "./key.js";

/** Longest key value that the service takes, in bytes. */
const MAX_KEY_BYTES = 1024;
/** Digits behind the common beginning of two values that decide where between them a point lies. */
const DIGITS = 8;
/** One more than the digits of each kind, since 0 stands for the end of the value. */
const CODE_POINTS = 0x110000 + 1;
const BYTES = 256 + 1;
const SURROGATES = { first: 0xd800, after: 0xe000 } as const;

/**
 * The point at `step / steps` of the way from one key value to another of the same type; in the order of the service,
 * since UTF-8 sorts as code points do. Text and bytes are taken for fractions with digits of their characters.
 */
export function between(low: KeyPart, high: KeyPart, { step, steps }: { step: number; steps: number }): KeyPart {
  if (!("value" in low) || !("value" in high)) return low;
  if (low.type === "INT") {
    const [from, to] = [BigInt(low.value), BigInt(high.value)];
    return { type: "INT", value: String(from + ((to - from) * BigInt(step)) / BigInt(steps)) };
  }
  const way = { step: BigInt(step), steps: BigInt(steps) };
  if (low.type === "STRING") {
    const digits = digitsBetween(codePoints(low.value), codePoints(high.value), { ...way, base: CODE_POINTS });
    return { type: "STRING", value: textOf(digits) };
  }
  const [from, to] = [low, high].map((part) => [...Buffer.from(part.value, "base64")]);
  const digits = digitsBetween(from ?? [], to ?? [], { ...way, base: BYTES });
  return { type: "BINARY", value: Buffer.from(digits.slice(0, MAX_KEY_BYTES)).toString("base64") };
}

function digitsBetween(
  low: readonly number[],
  high: readonly number[],
  { step, steps, base }: { step: bigint; steps: bigint; base: number },
): number[] {
  let common = 0;
  while (common < low.length && low[common] === high[common]) common++;
  const [from, to] = [numberOf(low, common, base), numberOf(high, common, base)];
  return [...low.slice(0, common), ...digitsOf(from + ((to - from) * step) / steps, base)];
}

function numberOf(digits: readonly number[], from: number, base: number): bigint {
  let number = 0n;
  for (let at = from; at < from + DIGITS; at++) number = number * BigInt(base) + BigInt((digits[at] ?? -1) + 1);
  return number;
}

function digitsOf(number: bigint, base: number): number[] {
  const digits: number[] = [];
  let rest = number;
  for (let at = 0; at < DIGITS; at++, rest /= BigInt(base)) digits.unshift(Number(rest % BigInt(base)) - 1);
  const end = digits.indexOf(-1);
  return end < 0 ? digits : digits.slice(0, end);
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function textOf(points: readonly number[]): string {
  let text = "";
  let bytes = 0;
  for (const point of points) {
    const isSurrogate = point >= SURROGATES.first && point < SURROGATES.after;
    const character = String.fromCodePoint(isSurrogate ? SURROGATES.after : point);
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_KEY_BYTES) break;
    text += character;
    // No text has a lone surrogate, so the code point after them is as good; what follows would lie beyond it.
    if (isSurrogate) break;
  }
  return text;
}
