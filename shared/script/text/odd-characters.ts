/** Something that JSON does not know but people's editors, wikis and other parsers let pass. */
export interface OddCharacter {
  readonly offset: number;
  readonly kind: "blank" | "mojibake" | "fullWidth" | "lineBreak" | "tab" | "singleQuote" | "hashComment";
  /** The character itself; of a comment all of it. */
  readonly seen: string;
  /** What it stands for: as long as `seen`, so that offsets stay. */
  readonly meant: string;
}

const BLANK = /[\v\f\u0085\u00a0\u1680\u180e\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]/;
const FULL_WIDTH: Readonly<Record<string, string>> = {
  "，": ",",
  "、": ",",
  "：": ":",
  "｛": "{",
  "｝": "}",
  "［": "[",
  "］": "]",
};
const QUOTES = "“”„‟＂";

/**
 * Replaces odd characters by what they stand for, length unchanged: outside strings and comments any; inside strings
 * line breaks and tabs, by stand-ins that {@link withBreaks} turns back, and single quotes around them.
 * A no-break space that was decoded wrongly leaves a `Â` behind: it counts as a blank where only a blank can follow it.
 */
export function replaceOddCharacters(text: string): { clean: string; odd: readonly OddCharacter[] } {
  const odd: OddCharacter[] = [];
  // A byte order mark belongs to the file, not to the script, and is nobody's slip.
  const start = text.startsWith("\ufeff") ? 1 : 0;
  for (let i = start; i < text.length; ) i = nextOffset(text, i, odd);
  const clean: string[] = [" ".repeat(start)];
  let from = start;
  for (const { offset, meant } of odd) {
    clean.push(text.slice(from, offset), meant);
    from = offset + meant.length;
  }
  return { clean: clean.join("") + text.slice(from), odd };
}

function nextOffset(text: string, i: number, odd: OddCharacter[]): number {
  const seen = text.charAt(i);
  if (seen === '"' || seen === "'") {
    const loose = looseString(text, i);
    odd.push(...(loose?.odd ?? []));
    return loose?.end ?? (seen === '"' ? endOfString(text, i + 1, '"') + 1 : i + 1);
  }
  if (seen === "/" && text[i + 1] === "/") return endOf(text, /[\r\n]/g, i);
  if (seen === "/" && text[i + 1] === "*") return endOf(text, /\*\//g, i + 2);
  if (seen === "#") return hashComment(text, i, odd);
  if (seen <= "\u007f" && !BLANK.test(seen)) return i + 1;
  if (QUOTES.includes(seen)) return quoted(text, i, odd);
  const meant = FULL_WIDTH[seen];
  if (meant !== undefined) odd.push({ offset: i, kind: "fullWidth", seen, meant });
  else if (BLANK.test(seen)) odd.push({ offset: i, kind: "blank", seen, meant: " " });
  else if (seen === "Â" && isBlankOrEnd(text, i + 1)) odd.push({ offset: i, kind: "mojibake", seen, meant: " " });
  return i + 1;
}

function hashComment(text: string, start: number, odd: OddCharacter[]): number {
  const found = /[\r\n]/g;
  found.lastIndex = start;
  const end = found.exec(text)?.index ?? text.length;
  const seen = text.slice(start, end);
  odd.push({ offset: start, kind: "hashComment", seen, meant: " ".repeat(seen.length) });
  return end;
}

/** A text in typographic quotes, where nothing inside could be taken for another quote. */
function quoted(text: string, start: number, odd: OddCharacter[]): number {
  odd.push({ offset: start, kind: "fullWidth", seen: text.charAt(start), meant: '"' });
  const end = endOfString(text, start + 1, `${QUOTES}"`);
  const seen = text.charAt(end);
  if (QUOTES.includes(seen) && seen !== "") odd.push({ offset: end, kind: "fullWidth", seen, meant: '"' });
  return end + 1;
}

/** Offset of the closing quote; strings end with their line at the latest. */
function endOfString(text: string, start: number, quotes: string): number {
  // Not character by character: a string may be a MB.
  const stop = new RegExp(`[\\\\\r\n${quotes}]`, "g");
  stop.lastIndex = start;
  for (let found = stop.exec(text); found; found = stop.exec(text)) {
    if (found[0] !== "\\") return found.index;
    if (!/[\r\n]/.test(text.charAt(found.index + 1))) stop.lastIndex++;
  }
  return text.length;
}

function endOf(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  return match ? match.index + match[0].length : text.length;
}

function isBlankOrEnd(text: string, i: number): boolean {
  const next = text.charAt(i);
  return next === "" || /\s/.test(next) || BLANK.test(next) || text.startsWith("//", i) || text.startsWith("/*", i);
}

/** Noncharacters of Unicode, which no script holds, stand for what JSON strings must not hold as it is. */
const STAND_INS: Readonly<Record<string, string>> = { "\n": "\ufdd0", "\r": "\ufdd1", "\t": "\ufdd2" };
const MEANT = new Map(Object.entries(STAND_INS).map(([seen, standIn]) => [standIn, seen]));

/** A longer text without a closing quote lacks one. */
const LONGEST = 65_536;

/** A string that JSON refuses and DataX takes: what is odd in it, and the offset behind it. */
interface LooseString {
  readonly odd: readonly OddCharacter[];
  readonly end: number;
}

/**
 * Judges the string that begins at a quote: SQL over several lines, raw tabs, single quotes. Over several lines it is
 * one string only where a value may begin before it and end behind it: else a quote was forgotten.
 *
 * @returns null when the string is plain JSON, or cannot be one string
 */
function looseString(text: string, start: number): LooseString | null {
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
