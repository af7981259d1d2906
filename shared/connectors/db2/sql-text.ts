import { type SqlText, standardText } from "../sql/sql-text.js";

/** How DB2 writes SQL. Texts are literals of up to 32,672 bytes; longer ones in pieces, as CLOBs. */
export const db2Text: SqlText = {
  ...standardText,
  quoteText: quoteDb2Text,
  keySql: (name, kind) =>
    kind === "text" ? standardText.quoteName(name) : textOfKey(standardText.quoteName(name), kind),
  nameIn: (entry) => (registers.test(entry.trim()) ? null : standardText.nameIn(entry)),
  sortedColumn: (table, name) => `${table}.${standardText.quoteName(name)}`,
  oneRow: (select, skip) => `${select} OFFSET ${skip} ROWS FETCH FIRST 1 ROW ONLY`,
  inUnion: (select) => `(${select})`,
};

function textOfKey(sql: string, kind: string): string {
  return kind === "datetime" ? `VARCHAR_FORMAT(TIMESTAMP(${sql}), 'YYYY-MM-DD HH24:MI:SS.FF6')` : `VARCHAR(${sql})`;
}

/** Words that stand for a value where a name would. */
const registers = /^(?:null|true|false|user|current|current[ _](?:date|time|timestamp|user|schema)|session_user)$/i;

const PIECE_CHARACTERS = 8_000;

/** A text literal, in pieces where it is long. */
export function quoteDb2Text(text: string): string {
  if (Buffer.byteLength(text) <= PIECE_CHARACTERS * 4) return standardText.quoteText(text);
  const characters = Array.from(text);
  const parts = Array.from({ length: Math.ceil(characters.length / PIECE_CHARACTERS) }, (_, at) =>
    standardText.quoteText(characters.slice(at * PIECE_CHARACTERS, (at + 1) * PIECE_CHARACTERS).join("")),
  );
  return parts.map((part) => `CLOB(${part})`).join(" || ");
}
