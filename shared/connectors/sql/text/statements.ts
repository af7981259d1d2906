import { withoutSemicolons } from "../../../model/cut-end.js";
import { codeOf, codeOfPieces, type Lexis, type SqlPiece, sqlPieces } from "./sql-pieces.js";

/** One statement of an entry of `preSql` or `postSql`, as it is sent. */
export interface ScriptStatement {
  readonly sql: string;
  /**
   * It makes a routine, whose body has semicolons of its own, or is one; where the body ends, and whether more statements
   * follow it, only the server knows.
   */
  readonly hasBody: boolean;
}

/** How a system's statements are told apart. */
export interface StatementRules {
  readonly lexis: Lexis;
  /** The code of a statement that makes a routine, or is one, from its beginning; absent = bodies are texts to this system. */
  readonly makesRoutine?: RegExp;
  /**
   * A line that sets another delimiter, such as `delimiter //`: a word of a command-line client, which people copy along with their
   * scripts. Absent = there is no such word.
   */
  readonly delimiterLine?: RegExp;
}

/**
 * The statements of an entry, by semicolons outside of texts, names and comments, or by what a line `DELIMITER …` says. Those
 * without code are left out.
 */
export function statementsOf(rules: StatementRules, entry: string): ScriptStatement[] {
  return sections(rules, entry).flatMap(({ text, delimiter }) => [
    ...statementsIn(rules, sqlPieces(rules.lexis, text), delimiter),
  ]);
}

/** Looks at each piece once: what a statement is stands before its first delimiter. */
function* statementsIn(
  { makesRoutine }: StatementRules,
  pieces: SqlPiece[],
  delimiter: string,
): Generator<ScriptStatement> {
  for (let from = 0; from < pieces.length; ) {
    const cut = cutAt(pieces, from, delimiter);
    const hasBody = delimiter === ";" && (makesRoutine?.test(codeOfPieces(cut.own)) ?? false);
    const own = hasBody ? pieces.slice(from) : cut.own;
    const sql = own.map((piece) => piece.sql).join("");
    const isBlank = own.every((piece) => piece.kind === "comment" || /^[\s;；]*$/u.test(piece.sql));
    if (!isBlank) yield { sql: withoutEnd({ sql: sql.trim(), hasBody }), hasBody };
    if (hasBody) return;
    from = cut.next;
    if (cut.behind !== "") pieces[from] = { kind: "code", sql: cut.behind };
  }
}

/** Where a body ends is for the server, which wants one semicolon behind it where the user wrote any. */
function withoutEnd({ sql, hasBody }: ScriptStatement): string {
  const code = withoutSemicolons(sql);
  return hasBody && code.length < sql.length ? `${code};` : code;
}

/** The stretches between lines that set the delimiter. */
function sections({ delimiterLine }: StatementRules, entry: string): { text: string; delimiter: string }[] {
  const found: { text: string; delimiter: string }[] = [];
  let delimiter = ";";
  let rest = entry;
  for (let line = delimiterLine?.exec(rest); line; line = delimiterLine?.exec(rest)) {
    found.push({ text: rest.slice(0, line.index), delimiter });
    delimiter = line[1] ?? ";";
    rest = rest.slice(line.index + line[0].length);
  }
  return [...found, { text: rest, delimiter }];
}

/** The pieces before the first delimiter, what is left of the piece that holds it, and the index to go on at. */
function cutAt(pieces: readonly SqlPiece[], from: number, delimiter: string) {
  for (let index = from; index < pieces.length; index++) {
    const { kind, sql } = pieces[index] as SqlPiece; // within the list
    const at = kind === "code" ? sql.indexOf(delimiter) : -1;
    if (at < 0) continue;
    const own: SqlPiece[] = [...pieces.slice(from, index), { kind: "code", sql: sql.slice(0, at) }];
    const behind = sql.slice(at + delimiter.length);
    return { own, behind, next: behind === "" ? index + 1 : index };
  }
  return { own: pieces.slice(from), behind: "", next: pieces.length };
}

const leavesThings =
  /^\s*(?:insert|update|delete|replace|truncate|select|analyze|optimize|set|do|lock|unlock|commit|start|flush)\b/i;

/** True when a statement may make or change tables, columns, routines or grants, so that a later one may need it. */
export function mayMakeThings({ lexis }: StatementRules, { sql }: ScriptStatement): boolean {
  return !leavesThings.test(codeOf(lexis, sql));
}
