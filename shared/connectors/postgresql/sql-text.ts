import type { SqlText } from "../sql/sql-text.js";

/** A name in double quotes, whatever it holds. */
export function quotePostgresqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal; a backslash in it would only be one with `standard_conforming_strings`, so such a text says what it is. */
export function quotePostgresqlText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** Bytes as a literal. */
export function quotePostgresqlBytes(hex: string): string {
  return `'\\x${hex}'::bytea`;
}

/** Names are folded to lower case by the server unless they are quoted; see `columnNamed`. */
function nameIn(entry: string): string | null {
  const trimmed = entry.trim();
  const quoted = /^"((?:[^"]|"")+)"$/.exec(trimmed)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  if (!/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(trimmed) || words.test(trimmed)) return null;
  return trimmed;
}

/** Words that stand for a value where a name would. */
const words =
  /^(?:null|true|false|default|user|current_(?:date|time|timestamp|user|role|catalog|schema)|localtime|localtimestamp|session_user)$/i;

/** How PostgreSQL writes SQL. */
export const postgresqlText: SqlText = {
  quoteName: quotePostgresqlName,
  quoteText: quotePostgresqlText,
  // A literal takes the type of the column beside it, numbers as well.
  keyLiteral: (value, kind) => (kind === "bytes" ? quotePostgresqlBytes(value) : quotePostgresqlText(value)),
  keySql: (name, kind) =>
    kind === "bytes" ? `encode(${quotePostgresqlName(name)}, 'hex')` : quotePostgresqlName(name),
  nameIn,
};
