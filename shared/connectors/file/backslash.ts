/** A cell of a record, and whether it stood between quotes. */
export interface ParsedCell {
  readonly text: string;
  readonly isQuoted: boolean;
}

const controls: Readonly<Record<string, string>> = {
  ...{ n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", e: "\u001b", v: "\v", a: "\u0007" },
};
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|o([0-7]{3})|d(\d{3})|([0-7]{3})|([\s\S]))/g;

/**
 * The cells of one record whose quoted cells escape by backslash; elsewhere a backslash is text. Source: the CSV library
 * of DataX, its escape mode "backslash".
 *
 * @returns null when something stands behind a closing quote, or a quote is not closed
 */
export function parseBackslash(
  record: string,
  { delimiter, quote }: { delimiter: string; quote: string },
): ParsedCell[] | null {
  const cells: ParsedCell[] = [];
  for (let at = 0; ; at += delimiter.length) {
    const isQuoted = record.startsWith(quote, at);
    const close = isQuoted ? closingAt(record, at + 1, quote) : at - 1;
    if (close === null) return null;
    const found = record.indexOf(delimiter, close + 1);
    const end = found < 0 ? record.length : found;
    if (isQuoted && record.slice(close + 1, end).trim() !== "") return null;
    cells.push({ text: isQuoted ? unescaped(record.slice(at + 1, close)) : record.slice(at, end), isQuoted });
    if (found < 0) return cells;
    at = end;
  }
}

function closingAt(record: string, from: number, quote: string): number | null {
  for (let i = from; i < record.length; i++) {
    if (record[i] === "\\") i++;
    else if (record[i] === quote) return i;
  }
  return null;
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(ESCAPE, (_whole, unicode, hex, octal, decimal, digits, letter) => {
    if (letter !== undefined) return controls[letter] ?? letter;
    if (unicode ?? hex) return String.fromCharCode(Number.parseInt(unicode ?? hex, 16));
    return String.fromCharCode(decimal ? Number(decimal) : Number.parseInt(octal ?? digits, 8));
  });
}
