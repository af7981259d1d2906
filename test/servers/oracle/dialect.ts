import { oraError, type SessionState } from "./functions.js";

/** Texts, quoted names and comments, which nothing looks into. */
const PROTECTED = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\//g;
const MARK = "\u0001";

/** A statement with what is protected in it taken out. */
export interface MaskedSql {
  readonly code: string;
  restore(code: string): string;
}

/** Takes out what nobody should look into. */
export function masked(sql: string): MaskedSql {
  const kept: string[] = [];
  const code = sql.replace(PROTECTED, (part) => {
    if (/^(?:--|\/\*)/.test(part)) return " ";
    kept.push(part);
    return `${MARK}${kept.length - 1}${MARK}`;
  });
  const restore = (text: string) =>
    text.replace(new RegExp(`${MARK}(\\d+)${MARK}`, "g"), (_, at: string) => kept[Number(at)] ?? "");
  return { code, restore };
}

const OPERAND = `(${MARK}\\d+${MARK}|:\\w+|\\w+)`;

type Change = readonly [pattern: RegExp, by: string | ((...parts: string[]) => string)];

function changesFor(session: SessionState): readonly Change[] {
  return [
    [/\bSAMPLE\s+BLOCK\s*\([\d.]+\)/gi, ""],
    [/\bOFFSET\s+(\d+)\s+ROWS\s+FETCH\s+NEXT\s+(\d+)\s+ROWS\s+ONLY/gi, "LIMIT $2 OFFSET $1"],
    [/\bFETCH\s+FIRST\s+(\d+)\s+ROWS\s+ONLY/gi, "LIMIT $1"],
    [/\bFOR\s+UPDATE\b/gi, ""],
    [new RegExp(`\\bCAST\\s*\\(\\s*${OPERAND}\\s+AS\\s+TIMESTAMP\\(9\\)\\s*\\)`, "gi"), "$1"],
    [new RegExp(`\\bCAST\\s*\\(\\s*${OPERAND}\\s+AS\\s+n?char\\((\\d+)[^)]*\\)\\s*\\)`, "gi"), "ORA_PAD($1, $2)"],
    [new RegExp(`\\bXMLSERIALIZE\\s*\\(\\s*CONTENT\\s+${OPERAND}\\s+AS\\s+CLOB\\s*\\)`, "gi"), "$1"],
    // A word of SQLite's.
    [/\.DEFERRABLE\b/g, '."DEFERRABLE"'],
    [/\bGREATEST\s*\(/gi, "MAX("],
    [/\bTO_CHAR\s*\(\s*UNISTR/gi, "ORA_IN_CHARSET(UNISTR"],
    [/\bSYSDATE\b/gi, "'2024-02-29 12:34:56.000000000'"],
    [/\bSYSTIMESTAMP\b/gi, "'2024-02-29 12:34:56.123456789'"],
    [/\bSESSIONTIMEZONE\b/gi, `'${session.timeZone}'`],
  ];
}

/** A statement of Oracle's SQL as SQLite takes it. What it does not know, SQLite refuses by name. */
export function toSqlite(sql: string, session: SessionState): string {
  const { code, restore } = masked(sql.trim().replace(/;\s*$/, ""));
  let text = code;
  for (const [pattern, by] of changesFor(session)) text = text.replace(pattern, by as string);
  const schema = session.schema;
  text = text.replace(new RegExp(`\\b${schema}\\s*\\.\\s*`, "gi"), "");
  text = restore(
    text.replace(new RegExp(`\\b(DATE|TIMESTAMP)\\s+(${MARK}\\d+${MARK})`, "gi"), (_, kind: string, mark: string) =>
      literal(kind, restore(mark)),
    ),
  );
  // Oracle has no empty texts.
  return masked(text)
    .restore(text.replaceAll(`"${schema}".`, ""))
    .replace(/(?<!')''(?!')/g, "NULL");
}

function literal(kind: string, quoted: string): string {
  const text = quoted.slice(1, -1);
  const [, whole = "", fraction = ""] = /^([^.]*)(?:\.(\d+))?$/.exec(text) ?? [];
  if (/^date$/i.test(kind)) return `'${whole} 00:00:00.000000000'`;
  return `'${whole}.${fraction.padEnd(9, "0")}'`;
}

/** A MERGE by the statements that do the same row by row. */
export interface MergeParts {
  readonly table: string;
  readonly find: string;
  /** Null = rows that are there stay as they are. */
  readonly update: string | null;
  readonly insert: string;
}

/** Takes a MERGE of one row apart; `defaultOf` says what stands for DEFAULT. */
export function mergeParts(sql: string, defaultOf: (table: string, column: string) => string): MergeParts {
  const { code, restore } = masked(sql);
  const found =
    /^\s*MERGE\s+INTO\s+(.+?)\s+d\s+USING\s+\((SELECT\s.+?\sFROM\s+DUAL)\)\s+s\s+ON\s+\((.+?)\)(?:\s+WHEN\s+MATCHED\s+THEN\s+UPDATE\s+SET\s+(.+?))?\s+WHEN\s+NOT\s+MATCHED\s+THEN\s+INSERT\s+\((.+?)\)\s+VALUES\s+\((.+)\)\s*$/is.exec(
      code,
    );
  if (!found) throw oraError(926, "missing VALUES keyword (no MERGE of this shape is known here)");
  const [table = "", source = "", on = "", set, names = "", values = ""] = found
    .slice(1)
    .map((part) => (part === undefined ? part : restore(part)));
  const changes = set?.replace(
    /d\.("[^"]+") = DEFAULT/g,
    (_, column: string) => `${column} = ${defaultOf(table, column.slice(1, -1))}`,
  );
  const left = changes?.replace(/(^|, )d\.(?=[^,]*? = )/g, "$1");
  return {
    table,
    find: `SELECT 1 FROM ${table} d, (${source}) s WHERE ${on}`,
    update: left === undefined ? null : `UPDATE ${table} AS d SET ${left} FROM (${source}) s WHERE ${on}`,
    insert: `INSERT INTO ${table} (${names}) SELECT ${values} FROM (${source}) s`,
  };
}
