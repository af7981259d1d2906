import { type SqlPiece, sqlPieces } from "./sql-pieces.js";

/** One statement of an entry of `preSql` or `postSql`, as it is sent. */
export interface Statement {
  readonly sql: string;
  /**
   * It makes a routine, whose body has semicolons of its own, or is one; where the body ends, and whether more statements
   * follow it, only the server knows.
   */
  readonly hasBody: boolean;
}

/** `delimiter //`, a line of its own, is a word of the command-line client, which people copy along with their scripts. */
const delimiterLine = /^[^\S\n]*delimiter[^\S\n]+(\S+)[^\S\n]*$/im;

const makesRoutine =
  /^\s*(?:create\s+(?:or\s+replace\s+)?(?:definer\s*=[^;(]*?\s)?(?:aggregate\s+)?(?:procedure|function|trigger|event|package)\s|begin\s+not\s+atomic\b|(?:if|case|loop|repeat|while|for)\b)/i;

/**
 * The statements of an entry, by semicolons outside of texts, names and comments, or by what a line `DELIMITER …` says. Those
 * without code are left out.
 */
export function statementsOf(entry: string): Statement[] {
  const found: Statement[] = [];
  for (const { text, delimiter } of sections(entry)) {
    let rest = sqlPieces(text);
    while (rest.length > 0) {
      const hasBody = delimiter === ";" && makesRoutine.test(codeOf(rest));
      const [own, others] = hasBody ? [rest, []] : cutAt(rest, delimiter);
      rest = others;
      const sql = own.map((piece) => piece.sql).join("");
      const isBlank = own.every((piece) => piece.kind === "comment" || /^[\s;；]*$/u.test(piece.sql));
      if (!isBlank) found.push({ sql: sql.trim().replace(/[\s;；]+$/u, hasBody ? ";" : ""), hasBody });
    }
  }
  return found;
}

/** The stretches between lines that set the delimiter. */
function sections(entry: string): { text: string; delimiter: string }[] {
  const found: { text: string; delimiter: string }[] = [];
  let delimiter = ";";
  let rest = entry;
  for (let line = delimiterLine.exec(rest); line; line = delimiterLine.exec(rest)) {
    found.push({ text: rest.slice(0, line.index), delimiter });
    delimiter = line[1] ?? ";";
    rest = rest.slice(line.index + line[0].length);
  }
  return [...found, { text: rest, delimiter }];
}

function cutAt(pieces: readonly SqlPiece[], delimiter: string): [own: readonly SqlPiece[], others: SqlPiece[]] {
  for (const [index, piece] of pieces.entries()) {
    const at = piece.kind === "code" ? piece.sql.indexOf(delimiter) : -1;
    if (at < 0) continue;
    const behind: SqlPiece = { kind: "code", sql: piece.sql.slice(at + delimiter.length) };
    return [
      [...pieces.slice(0, index), { kind: "code", sql: piece.sql.slice(0, at) }],
      [...(behind.sql === "" ? [] : [behind]), ...pieces.slice(index + 1)],
    ];
  }
  return [pieces, []];
}

/** What the server executes, with a letter in the place of each text and name. */
function codeOf(pieces: readonly SqlPiece[]): string {
  const code = pieces.map(({ kind, sql }) => (kind === "code" ? sql : kind === "comment" ? " " : "x"));
  return code.join("").replace(/\/\*M?!\d*|\*\//g, " ");
}

const leavesThings =
  /^\s*(?:insert|update|delete|replace|truncate|select|analyze|optimize|set|do|lock|unlock|commit|start|flush)\b/i;

/** True when a statement may make or change tables, columns, routines or grants, so that a later one may need it. */
export function mayMakeThings({ sql }: Statement): boolean {
  return !leavesThings.test(codeOf(sqlPieces(sql)));
}
