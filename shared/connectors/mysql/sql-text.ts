import type { SqlText } from "../sql/sql-text.js";
import { plainColumn } from "../sql/step-fields.js";

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

/** How MySQL writes SQL. */
export const mysqlText: SqlText = {
  quoteName,
  quoteText,
  keyLiteral(value, kind) {
    if (kind === "bytes") return /^[0-9a-f]*$/i.test(value) ? `x'${value}'` : quoteText(value);
    if ((kind === "integer" || kind === "decimal") && /^-?\d+(\.\d+)?$/.test(value)) return value;
    return quoteText(value);
  },
  keySql: (name, kind) => (kind === "bytes" ? `LOWER(HEX(${quoteName(name)}))` : quoteName(name)),
  // In double quotes stands a text in most SQL modes.
  nameIn: (entry) => (entry.trim().startsWith('"') ? null : plainColumn(entry)),
  useIndex: (index) => ` FORCE INDEX (${quoteName(index)})`,
};
