import { masked } from "../oracle/dialect.js";

const changes: readonly (readonly [RegExp, string])[] = [
  [/\bTABLESAMPLE\s+SYSTEM\s*\([\d.]+\)/gi, ""],
  [/\bOFFSET\s+(\d+)\s+ROWS\s+FETCH\s+FIRST\s+1\s+ROW\s+ONLY/gi, "LIMIT 1 OFFSET $1"],
  [/\bFETCH\s+FIRST\s+(\d+)\s+ROWS\s+ONLY/gi, "LIMIT $1"],
  [/\bCHAR\s*\(([^(),]+),\s*(?:ISO|JIS)\)/gi, "DB2_DAY($1)"],
  [/\bHEX\s*\(/gi, "DB2_HEX("],
  [/\bXMLSERIALIZE\s*\(([^()]+)\s+AS\s+CLOB\)/gi, "$1"],
  [/\bCAST\s*\(\s*\?\s+AS\s+[^()]+(?:\([^)]*\))?\s*\)/gi, "?"],
  [/\b(SYSCAT|SYSIBM)\.(\w+)/gi, '"$1.$2"'],
  [/\bCURRENT\s+SCHEMA\b/gi, "'SHOP'"],
  [/\bUSER\b/gi, "'SHOP'"],
  [/\bOVERRIDING\s+SYSTEM\s+VALUE\b/gi, ""],
  [/\bSHOP\s*\.\s*/gi, ""],
];

/** A statement of DB2's SQL as SQLite takes it. What it does not know, SQLite refuses by name. */
export function toSqlite(sql: string): string {
  const { code, restore } = masked(sql.trim().replace(/;\s*$/, ""));
  let text = code;
  for (const [pattern, by] of changes) text = text.replace(pattern, by);
  text = restore(text).replaceAll('"SHOP".', "");
  // A derived table's names for its columns, which SQLite has for WITH alone.
  const [, list = "", inner = "", names = "", rest = ""] =
    /^SELECT\s+([\s\S]*?)\s+FROM\s+\(([\s\S]*)\)\s+AS\s+ROWS_OF_SLUICE\s+\(([^)]*)\)([\s\S]*)$/i.exec(text) ?? [];
  return inner === "" ? text : `WITH ROWS_OF_SLUICE (${names}) AS (${inner}) SELECT ${list} FROM ROWS_OF_SLUICE${rest}`;
}

/** A MERGE by the statements that do the same row by row. */
export interface MergeParts {
  readonly find: string;
  /** Null = rows that are there stay as they are. */
  readonly update: string | null;
  readonly insert: string;
}

/** Takes a MERGE of one row apart; null = it is none of the shape that is known here. */
export function mergeParts(sql: string): MergeParts | null {
  const found =
    /^\s*MERGE\s+INTO\s+(\S+)\s+AS\s+d\s+USING\s+\(VALUES\s+\((.+)\)\)\s+AS\s+s\s+\(([^)]*)\)\s+ON\s+\((.+?)\)(?:\s+WHEN\s+MATCHED\s+THEN\s+UPDATE\s+SET\s+(.+?))?\s+WHEN\s+NOT\s+MATCHED\s+THEN\s+INSERT\s+\((.+?)\)\s+VALUES\s+\(([^()]+)\)\s*$/is.exec(
      sql,
    );
  if (!found) return null;
  const [table = "", values = "", columns = "", on = "", set, names = "", chosen = ""] = found.slice(1);
  const source = `WITH s (${columns}) AS (SELECT ${values})`;
  const left = set?.replace(/d\.("[^"]+") = DEFAULT/g, "$1 = NULL").replace(/(^|, )d\.(?=[^,]*? = )/g, "$1");
  return {
    find: `${source} SELECT 1 FROM ${table} d, s WHERE ${on}`,
    update: left === undefined ? null : `${source} UPDATE ${table} AS d SET ${left} FROM s WHERE ${on}`,
    insert: `${source} INSERT INTO ${table} (${names}) SELECT ${chosen} FROM s`,
  };
}
