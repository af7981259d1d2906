/** A stretch of SQL: code, a text in quotes, a name in quotes, or a comment. */
export interface SqlPiece {
  readonly kind: "code" | "text" | "name" | "comment";
  readonly sql: string;
}

/** What is no code in a system's SQL: patterns that are sticky, tried in order where one of their first characters stands. */
export type Lexis = readonly (readonly [kind: "text" | "name" | "comment", pattern: RegExp])[];

/** SQL by its standard: a quote within a text or a name is doubled, which reads as two side by side. */
export const standardLexis: Lexis = [
  ["text", /'[^']*(?:'|$)/y],
  ["name", /"[^"]*(?:"|$)/y],
  ["comment", /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
];

/** Where none of these stands, nothing begins that is no code. */
const anythingElse = /[^'"`#/$[-]+|[\s\S]/y;

/** Takes SQL apart; the pieces together are the text again. */
export function sqlPieces(lexis: Lexis, sql: string): SqlPiece[] {
  const pieces: SqlPiece[] = [];
  for (let at = 0; at < sql.length; ) {
    const piece = pieceAt(lexis, sql, at);
    const last = pieces.at(-1);
    if (piece.kind === "code" && last?.kind === "code")
      pieces[pieces.length - 1] = { kind: "code", sql: last.sql + piece.sql };
    else pieces.push(piece);
    at += piece.sql.length;
  }
  return pieces;
}

function pieceAt(lexis: Lexis, sql: string, at: number): SqlPiece {
  for (const [kind, pattern] of lexis) {
    const found = match(pattern, sql, at);
    if (found !== null) return { kind, sql: found };
  }
  return { kind: "code", sql: match(anythingElse, sql, at) ?? "" };
}

function match(pattern: RegExp, sql: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? null;
}

/** `@table`, but not `@@table`, `@table_rows` or `x.@table`. */
const token = /(?<![@\w$.])@table(?![\w$])/g;

/** Puts a table's name in the place of `@table`; within texts and comments it stays what the user wrote. */
export function withTable(lexis: Lexis, sql: string, sqlName: string): string {
  return sqlPieces(lexis, sql)
    .map((piece) => {
      if (piece.kind === "name") return piece.sql.slice(1, -1) === "@table" ? sqlName : piece.sql;
      return piece.kind === "code" ? piece.sql.replace(token, () => sqlName) : piece.sql;
    })
    .join("");
}

/** True when a text in quotes holds `@table`, which DataX would replace there too. */
export function hasTableInText(lexis: Lexis, sql: string): boolean {
  return sqlPieces(lexis, sql).some(({ kind, sql: part }) => kind === "text" && part.search(token) >= 0);
}

/** What the server executes of a statement, with a letter in the place of each text and name. */
export function codeOf(lexis: Lexis, sql: string): string {
  return codeOfPieces(sqlPieces(lexis, sql));
}

/** The same of a statement in pieces, with `text` in the place of each text. */
export function codeOfPieces(pieces: readonly SqlPiece[], text = "x"): string {
  const substitutes = { comment: " ", name: "x", text } as const;
  const code = pieces.map(({ kind, sql }) => (kind === "code" ? sql : substitutes[kind]));
  return code.join("").replace(/\/\*M?!\d*|\*\//g, " ");
}
