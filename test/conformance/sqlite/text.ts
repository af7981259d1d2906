import { type SqlText, standardText } from "../../../shared/connectors/sql/sql-text.js";

/** How SQLite writes SQL. */
export const sqliteText: SqlText = {
  ...standardText,
  // A zero byte would end the statement.
  quoteText: (text) => (text.includes("\0") ? `CAST(${hex(Buffer.from(text))} AS TEXT)` : standardText.quoteText(text)),
  keyLiteral: (value, kind) => (kind === "bytes" ? `x'${value}'` : standardText.keyLiteral(value, kind)),
  keySql: (name, kind) => (kind === "bytes" ? `lower(hex(${sqliteText.quoteName(name)}))` : sqliteText.quoteName(name)),
  inUnion: (select) => `SELECT * FROM (${select})`,
};

/** A literal of bytes. */
export function hex(bytes: Buffer): string {
  return `x'${bytes.toString("hex")}'`;
}
