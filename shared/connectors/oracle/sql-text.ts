import type { KeyKind } from "../sql/keys/key-range.js";
import { type SqlText, standardText } from "../sql/sql-text.js";

/** A name in double quotes. Oracle has no way to write one that holds a double quote; such a name is none of a table or column. */
export function quoteOracleName(name: string): string {
  return `"${name.replaceAll('"', "")}"`;
}

/** Literals have at most 4000 bytes, so characters of up to four bytes are safe in pieces of this many. */
const LITERAL_CHARACTERS = 1000;

/** A text literal, in pieces where it is long; then it is a CLOB. */
export function quoteOracleText(text: string): string {
  const quoted = (part: string) => `'${part.replaceAll("'", "''")}'`;
  if (Buffer.byteLength(text) <= LITERAL_CHARACTERS * 4) return quoted(text);
  const characters = Array.from(text);
  const parts = Array.from({ length: Math.ceil(characters.length / LITERAL_CHARACTERS) }, (_, at) =>
    characters.slice(at * LITERAL_CHARACTERS, (at + 1) * LITERAL_CHARACTERS).join(""),
  );
  return parts.map((part) => `TO_CLOB(${quoted(part)})`).join(" || ");
}

/** Format of all dates and moments; a minus stands before years that are before Christ. */
const DATE_FORMAT = "SYYYY-MM-DD HH24:MI:SS";

/** A date as a literal: of a DATE where no fraction says otherwise, so that an index of such a column serves. */
function dateLiteral(value: string): string {
  const text = signedYear(value.replace(/\.0+(?=$| )/, ""));
  return text.includes(".") ? toMomentSql(`'${text}'`) : toDateSql(`'${text}'`);
}

/** `0044-03-15 00:00:00 BC` as the format has it. */
export function signedYear(date: string): string {
  return date.endsWith(" BC") ? `-${date.slice(0, -3)}` : date;
}

/** A text of {@link DATE_FORMAT} as a DATE. */
export function toDateSql(sql: string): string {
  return `TO_DATE(${sql}, '${DATE_FORMAT}')`;
}

/** The same with a fraction, as a TIMESTAMP. */
export function toMomentSql(sql: string): string {
  return `TO_TIMESTAMP(${sql}, '${DATE_FORMAT}.FF9')`;
}

/** A date or moment as text with up to nine digits of a second; years before Christ say so at the end. */
export function dateTextSql(sql: string, digits: number): string {
  const fraction = digits > 0 ? `.FF${digits}` : "";
  return `REPLACE(TO_CHAR(${sql}, 'YYYY-MM-DD HH24:MI:SS${fraction} BC'), ' AD')`;
}

function keySql(name: string, kind: KeyKind): string {
  const quoted = quoteOracleName(name);
  if (kind === "datetime") return dateTextSql(`CAST(${quoted} AS TIMESTAMP(9))`, 9);
  return kind === "bytes" ? `LOWER(RAWTOHEX(${quoted}))` : quoted;
}

function keyLiteral(value: string, kind: KeyKind): string {
  if (kind === "bytes") return `HEXTORAW('${value}')`;
  return kind === "datetime" ? dateLiteral(value) : standardText.keyLiteral(value, kind);
}

/** Words that stand for a value where a name would. */
const words =
  /^(?:null|sysdate|systimestamp|current_date|current_timestamp|localtimestamp|user|uid|rowid|rownum|level)$/i;

/** How Oracle writes SQL. */
export const oracleText: SqlText = {
  quoteName: quoteOracleName,
  quoteText: quoteOracleText,
  ...{ keyLiteral, keySql },
  nameIn: (entry) => (words.test(entry.trim()) ? null : standardText.nameIn(entry)),
  sortedColumn: (table, name) => `${table}.${quoteOracleName(name)}`,
  oneRow: (select, skip) => `${select} OFFSET ${skip} ROWS FETCH NEXT 1 ROWS ONLY`,
  inUnion: (select) => `SELECT * FROM (${select})`,
};
