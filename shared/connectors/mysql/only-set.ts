import { codeOfPieces, sqlPieces } from "../sql/text/sql-pieces.js";
import { statementsOf } from "../sql/text/statements.js";
import { mysqlLexis, mysqlStatements } from "./statement-rules.js";

/**
 * Functions that only compute. Whatever else is called may be somebody's own, or wait, lock, read files or change something.
 */
const computing: ReadonlySet<string> = new Set([
  ...[
    "concat",
    "concat_ws",
    "replace",
    "trim",
    "ltrim",
    "rtrim",
    "lower",
    "upper",
    "if",
    "ifnull",
    "nullif",
    "coalesce",
  ],
  ...[
    "least",
    "greatest",
    "floor",
    "ceil",
    "ceiling",
    "round",
    "abs",
    "cast",
    "convert",
    "now",
    "curdate",
    "utc_timestamp",
  ],
  ...["date_sub", "date_add", "date_format", "substring", "left", "right", "length", "char_length"],
]);

/** Tried in order on the code of a statement, in which texts are `'x'` and names in backticks are `x`. */
const refusals: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^(?!set\b)/i, "would run"],
  [/^set\s+statement\b/i, "would run the statement behind FOR"],
  [/\bpassword\b|\brole\b/i, "would change an account"],
  [/^set\s+resource\s+group\b/i, "would change how the server shares out its processors"],
  [/\bglobal\b|\bpersist(?:_only)?\b/i, "would change the server for everybody"],
  [
    /\bselect\b|\btable\b|\bvalues\b|\bnext\b|\bprevious\b|\bnextval\b|\blastval\b/i,
    "would read or change more than its session",
  ],
];

/**
 * Why planning does not run an entry of `session`: it runs nothing of a job but `SET` for its own session, with values that are
 * written there or computed from settings.
 *
 * @returns null when planning may run it
 */
export function notOnlyMysqlSet(entry: string): string | null {
  // In other SQL modes, which an entry before may have set, such a text would end earlier and the rest be code.
  if (sqlPieces(mysqlLexis, entry).some(({ kind, sql }) => kind === "text" && sql.includes("\\")))
    return "holds a backslash within quotes, of which only the server knows what it means";
  for (const { sql, hasBody } of statementsOf(mysqlStatements, entry)) {
    const code = codeOfPieces(sqlPieces(mysqlLexis, sql), "'x'").trim();
    const refusal = hasBody ? "would run" : refusals.find(([pattern]) => pattern.test(code))?.[1];
    if (refusal !== undefined) return refusal;
    const called = beforeParentheses(code);
    const other = called.find((name) => !computing.has(name));
    if (other !== undefined) return `would call ${/^\w+$/.test(other) ? other : "a function"}()`;
  }
  return statementsOf(mysqlStatements, entry).length > 1 ? "is more than one statement" : null;
}

/** The words, and texts, behind which a parenthesis opens. */
function beforeParentheses(code: string): string[] {
  const pieces = code.match(/['\w$@.]+|\(|\s+|[^'\w$@.(\s]+/g) ?? [];
  const solid = pieces.filter((piece) => piece.trim() !== "");
  return solid.flatMap((piece, at) => {
    const before = solid[at - 1] ?? "";
    return piece === "(" && /^['\w$@.]/.test(before) ? [before.toLowerCase()] : [];
  });
}
