/** Which characters may stand in a guess at a text key. */
export interface Alphabet {
  /** Characters of values that the table holds. */
  readonly seen: ReadonlySet<string>;
  /** The last code point that the column is known to take; 127 where it is not known: what it does not take could hide its index. */
  readonly maxCodePoint: number;
}

/** Guesses at one place are one question to the server; this many are cheap. */
const MOST_GUESSES = 192;
/** Code points between two characters that are tried, where both are far from each other. */
const STEPS = 48;
const surrogates = [0xd800, 0xdfff] as const;

/** Letters, digits and what stands between them in names, addresses and base64, in the order of their codes. */
const usual = [..." !#$%&()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz{|}~"];

/**
 * Texts that may lie between two others: what both begin with, and one character more. In which order a server's collation has
 * them, and whether any is right, only the server knows; so there are many, and none is relied on.
 *
 * @returns at most 192 texts, without repetition
 */
export function guessTexts(low: string, high: string, alphabet: Alphabet): string[] {
  const [from, to] = [[...low], [...high]];
  const at = commonLength(from, to);
  const head = from.slice(0, at).join("");
  const [lower = " ", upper = " "] = [from[at], to[at]];
  const characters = new Set([...usual, ...thinned([...alphabet.seen], 64), ...between(lower, upper, alphabet)]);
  return [...characters].slice(0, MOST_GUESSES).map((character) => head + character);
}

/** True when texts may be equal to a collation that sees neither case nor accents nor blanks at the end. */
export function areAlike(one: string, other: string): boolean {
  const [a, b] = [[...one.trimEnd()], [...other.trimEnd()]];
  return a.length === b.length && commonLength(a, b) === a.length;
}

/** How many characters two texts begin with alike, case and accents aside. */
function commonLength(one: readonly string[], other: readonly string[]): number {
  let at = 0;
  while (at < one.length && at < other.length && folded(one[at]) === folded(other[at])) at++;
  return at;
}

function folded(character = ""): string {
  return character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase() || character;
}

/** Evenly between two characters by their codes: within one script for the most part. */
function between(lower: string, upper: string, { maxCodePoint }: Alphabet): string[] {
  const codes = [lower.codePointAt(0) ?? 0x20, upper.codePointAt(0) ?? 0x20];
  const [from, to] = [Math.min(...codes), Math.min(Math.max(...codes), maxCodePoint)];
  const step = Math.max(1, (to - from) / STEPS);
  const found: string[] = [];
  for (let code = Math.max(from, 0x20); code <= to; code += step) {
    const whole = Math.round(code);
    if (whole >= surrogates[0] && whole <= surrogates[1]) continue;
    if (whole > 0x7e && whole < 0xa0) continue;
    found.push(String.fromCodePoint(whole));
  }
  return found;
}

/** At most `count` of a list, evenly spread. */
export function thinned<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T);
}
