import type { OddCharacter } from "./odd-character.js";

/** Noncharacters of Unicode, which no script holds, stand for what JSON strings must not hold as it is. */
const STAND_INS: Readonly<Record<string, string>> = { "\n": "\ufdd0", "\r": "\ufdd1", "\t": "\ufdd2" };
const MEANT = new Map(Object.entries(STAND_INS).map(([seen, standIn]) => [standIn, seen]));

/** A longer text without a closing quote lacks one. */
const LONGEST = 65_536;

/** A string that JSON refuses and DataX takes: what is odd in it, and the offset behind it. */
export interface LooseString {
  readonly odd: readonly OddCharacter[];
  readonly end: number;
}

/**
 * Judges the string that begins at a quote: SQL over several lines, raw tabs, single quotes. Over several lines it is
 * one string only where a value may begin before it and end behind it: else a quote was forgotten.
 *
 * @returns null when the string is plain JSON, or cannot be one string
 */
export function looseString(text: string, start: number): LooseString | null {
  const quote = text.charAt(start);
  const end = closingQuote(text, start + 1, quote);
  if (end === null) return null;
  const inner = text.slice(start + 1, end);
  const isSingle = quote === "'";
  if (!isSingle && !/[\n\r\t]/.test(inner)) return null;
  if (isSingle && /["\\\n\r]/.test(inner)) return null;
  const isWhole = beginsHere(text, start) && endsHere(text, end + 1);
  if (!isWhole && (isSingle || /[\n\r]/.test(inner))) return null;
  const odd: OddCharacter[] = isSingle ? [single(start)] : [];
  for (const { index, 0: seen } of inner.matchAll(/[\n\r\t]/g)) {
    const kind = seen === "\t" ? "tab" : "lineBreak";
    odd.push({ offset: start + 1 + index, kind, seen, meant: STAND_INS[seen] ?? seen });
  }
  if (isSingle) odd.push(single(end));
  return { odd, end: end + 1 };
}

/** Text of a cleaned script with its line breaks and tabs. */
export function withBreaks(clean: string): string {
  return clean.replace(/[\ufdd0-\ufdd2]/g, (standIn) => MEANT.get(standIn) ?? standIn);
}

function single(offset: number): OddCharacter {
  return { offset, kind: "singleQuote", seen: "'", meant: '"' };
}

function closingQuote(text: string, from: number, quote: string): number | null {
  const last = Math.min(text.length, from + LONGEST);
  for (let i = from; i < last; i++) {
    const char = text.charAt(i);
    if (char === "\\") i++;
    else if (char === quote) return i;
  }
  return null;
}

function beginsHere(text: string, quote: number): boolean {
  let i = quote - 1;
  while (i >= 0 && /\s/.test(text.charAt(i))) i--;
  return /[{[:,]/.test(text.charAt(i));
}

function endsHere(text: string, from: number): boolean {
  const rest = /(?:\s+|\/\/[^\n]*|\/\*.*?\*\/)*/sy;
  rest.lastIndex = from;
  const blank = rest.exec(text)?.[0].length ?? 0;
  return /^[,:\]}]?$/.test(text.charAt(from + blank));
}
