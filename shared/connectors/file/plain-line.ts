/** What separates cells and lines of a file without quotes. */
interface Separators {
  readonly delimiter: string;
  readonly lineEnd: string;
}

/**
 * Why a cell cannot stand in a file of format text, which has neither quotes nor escapes: whoever reads it would see other
 * cells, or another record.
 *
 * @returns null when it can
 */
export function unclearCell(text: string, { delimiter, lineEnd }: Separators): string | null {
  // Also with what follows it: "a|" before "||" would be read as "a" before "|".
  if (text.includes(delimiter[0] as string) && `${text}${delimiter}`.indexOf(delimiter) < text.length)
    return "the cell holds the field delimiter, and files of format text have no quotes: use csv, or another fieldDelimiter";
  const isBroken = endsWithLineFeed(lineEnd)
    ? /[\r\n]/.test(text)
    : text.includes(lineEnd[0] as string) && `${text}${lineEnd}`.indexOf(lineEnd) < text.length;
  return isBroken
    ? "the cell holds a line end, and files of format text have no quotes: use csv, or another lineDelimiter"
    : null;
}

/** True when some of these cells, end to end, may be unclear: each must be looked at. */
export function mayBeUnclear(data: Buffer, { delimiter, lineEnd }: Separators): boolean {
  const bytes = endsWithLineFeed(lineEnd) ? [delimiter, "\r", "\n"] : [delimiter, lineEnd];
  return bytes.some((text) => data.includes(text.charCodeAt(0)));
}

/** Readers take both for one. */
function endsWithLineFeed(lineEnd: string): boolean {
  return lineEnd === "\n" || lineEnd === "\r\n";
}
