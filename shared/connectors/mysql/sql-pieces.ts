/** A stretch of SQL: code, a text in quotes, a name in backticks, or a comment. */
export interface SqlPiece {
  readonly kind: "code" | "text" | "name" | "comment";
  readonly sql: string;
}

/**
 * What is no code, tried where one of its first characters stands. An executable comment, `/*! … *\/`, is code. A quote within a
 * text is doubled, which reads as two texts side by side, or stands behind a backslash, as our sessions have it.
 */
const closed = [
  ["text", /'(?:[^'\\]|\\[\s\S])*(?:'|$)|"(?:[^"\\]|\\[\s\S])*(?:"|$)/y],
  ["name", /`[^`]*(?:`|$)/y],
  ["comment", /#[^\n]*|--(?=\s|$)[^\n]*|\/\*(?!M?!)[\s\S]*?(?:\*\/|$)/y],
] as const;

const anythingElse = /[^'"`#/-]+|[\s\S]/y;

/** Takes SQL apart; the pieces together are the text again. */
export function sqlPieces(sql: string): SqlPiece[] {
  const pieces: SqlPiece[] = [];
  for (let at = 0; at < sql.length; ) {
    const piece = pieceAt(sql, at);
    const last = pieces.at(-1);
    if (piece.kind === "code" && last?.kind === "code")
      pieces[pieces.length - 1] = { kind: "code", sql: last.sql + piece.sql };
    else pieces.push(piece);
    at += piece.sql.length;
  }
  return pieces;
}

function pieceAt(sql: string, at: number): SqlPiece {
  for (const [kind, pattern] of closed) {
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
export function withTable(sql: string, sqlName: string): string {
  return sqlPieces(sql)
    .map((piece) => {
      if (piece.kind === "name") return piece.sql === "`@table`" ? sqlName : piece.sql;
      return piece.kind === "code" ? piece.sql.replace(token, () => sqlName) : piece.sql;
    })
    .join("");
}

/** True when a text in quotes holds `@table`, which DataX would replace there too. */
export function hasTableInText(sql: string): boolean {
  return sqlPieces(sql).some(({ kind, sql: part }) => kind === "text" && part.search(token) >= 0);
}

/** What the server executes of a statement, with a letter in the place of each text and name. */
export function codeOf(sql: string): string {
  return codeOfPieces(sqlPieces(sql));
}

/** The same of a statement in pieces, with `text` in the place of each text. */
export function codeOfPieces(pieces: readonly SqlPiece[], text = "x"): string {
  const shown = { comment: " ", name: "x", text } as const;
  const code = pieces.map(({ kind, sql }) => (kind === "code" ? sql : shown[kind]));
  return code.join("").replace(/\/\*M?!\d*|\*\//g, " ");
}
