import type { SqlText } from "../sql/sql-text.js";
import { plainColumn } from "../sql/step-fields.js";

/** A name in backticks. */
export function quoteMysqlName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A text literal that means the same in every SQL mode: with a backslash in it, it is written in hex digits. */
export function quoteMysqlText(text: string): string {
  if (/[\\\0]/.test(text)) return `_utf8mb4 x'${Buffer.from(text).toString("hex")}'`;
  return `'${text.replaceAll("'", "''")}'`;
}

/** A literal of bytes. */
export function quoteMysqlBytes(bytes: Buffer): string {
  return `x'${bytes.toString("hex")}'`;
}

/** How MySQL writes SQL. */
export const mysqlText: SqlText = {
  quoteName: quoteMysqlName,
  quoteText: quoteMysqlText,
  keyLiteral(value, kind) {
    if (kind === "bytes") return /^[0-9a-f]*$/i.test(value) ? `x'${value}'` : quoteMysqlText(value);
    if ((kind === "integer" || kind === "decimal") && /^-?\d+(\.\d+)?$/.test(value)) return value;
    return quoteMysqlText(value);
  },
  keySql: (name, kind) => (kind === "bytes" ? `LOWER(HEX(${quoteMysqlName(name)}))` : quoteMysqlName(name)),
  // In double quotes stands a text in most SQL modes.
  nameIn: (entry) => (entry.trim().startsWith('"') ? null : plainColumn(entry)),
  useIndex: (index) => ` FORCE INDEX (${quoteMysqlName(index)})`,
};
