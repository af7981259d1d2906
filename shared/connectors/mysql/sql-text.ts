import type { KeyDialect, KeyKind } from "../sql/key-range.js";

/** A name in backticks. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A text literal that means the same in every SQL mode: with a backslash in it, it is written in hex digits. */
export function quoteText(text: string): string {
  if (/[\\\0]/.test(text)) return `_utf8mb4 x'${Buffer.from(text).toString("hex")}'`;
  return `'${text.replaceAll("'", "''")}'`;
}

/** A literal of bytes. */
export function quoteBytes(bytes: Buffer): string {
  return `x'${bytes.toString("hex")}'`;
}

/** A condition of the job, kept apart from ours even when it ends in a comment. */
export function inParentheses(condition: string): string {
  return /--|#/.test(condition) ? `(${condition}\n)` : `(${condition})`;
}

/** How MySQL writes keys. Numbers stand bare, so that they are compared as numbers. */
export const keyDialect: KeyDialect = {
  quoteName,
  keyLiteral(value: string, kind: KeyKind): string {
    if (kind === "bytes") return /^[0-9a-f]*$/i.test(value) ? `x'${value}'` : quoteText(value);
    if ((kind === "integer" || kind === "decimal") && /^-?\d+(\.\d+)?$/.test(value)) return value;
    return quoteText(value);
  },
};
