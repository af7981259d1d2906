import { SluiceError, UserError } from "../../model/errors.js";
import { type SqlPiece, sqlPieces } from "../sql/text/sql-pieces.js";
import { sqlserverErrors } from "./server-error.js";
import { sqlserverStatements } from "./statement-rules.js";

/**
 * A statement of the job as a table that columns are selected from. What stands in front of it (WITH) stays in front; an ORDER BY, which a
 * table must not have, is allowed beside OFFSET.
 *
 * @param described  describes a statement; fails when the server refuses it
 * @throws UserError UNSUPPORTED for a statement that cannot be a table, with the way out
 */
export async function asTable(
  described: (sql: string) => Promise<unknown>,
  sql: string,
  list: string,
): Promise<string> {
  const { front, main } = mainOf(sql);
  const made = (end: string) => `${front}SELECT ${list} FROM (${main}${end}\n) AS sluice_query`;
  let first: unknown;
  for (const end of ["", "\nOFFSET 0 ROWS"]) {
    try {
      await described(made(end));
      return made(end);
    } catch (error) {
      first ??= error;
    }
  }
  const said = sqlserverErrors.said(first);
  if (!said || first instanceof SluiceError) throw first;
  const message = `querySql delivers columns that are read as text by CONVERT, and cannot be a table to do so: ${said.message}`;
  throw new UserError("UNSUPPORTED", message, {
    path: "querySql",
    cause: first,
    hint: "Convert those columns in the statement: decimals by CONVERT(varchar(41), x), dates by CONVERT(varchar(34), x, 121), text by CONVERT(nvarchar(max), x).",
    withoutData: "querySql delivers columns that are read as text by CONVERT, and cannot be a table to do so",
  });
}

/** Where the query behind WITH begins: at the first SELECT outside of parentheses. */
function mainOf(sql: string): { readonly front: string; readonly main: string } {
  const pieces = sqlPieces(sqlserverStatements.lexis, sql);
  const first = pieces.find(({ kind, sql: part }) => kind === "code" && part.trim() !== "");
  if (!first || !/^\s*with\b/i.test(first.sql)) return { front: "", main: sql };
  const at = mainAt(pieces);
  return at < 0 ? { front: "", main: sql } : { front: sql.slice(0, at), main: sql.slice(at) };
}

function mainAt(pieces: readonly SqlPiece[]): number {
  let [depth, start] = [0, 0];
  for (const { kind, sql } of pieces) {
    for (const { 0: sign, index } of kind === "code" ? sql.matchAll(/[()]|\bselect\b/gi) : []) {
      if (sign === "(") depth++;
      else if (sign === ")") depth--;
      else if (depth === 0) return start + index;
    }
    start += sql.length;
  }
  return -1;
}
