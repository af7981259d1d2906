import type { KeyKind } from "./keys/key-range.js";
import { plainColumn } from "./step-fields.js";

/** How a system writes SQL. */
export interface SqlText {
  quoteName(name: string): string;
  /** A text literal that means the same in every setting of the session. */
  quoteText(text: string): string;
  /** A key's value for comparing with its column: numbers bare, so that they are compared as numbers; bytes come as hex digits. `type` is the column's `literalType`. */
  keyLiteral(value: string, kind: KeyKind, type?: string): string;
  /** A key column in a SELECT list, as text that `keyLiteral` takes back and that sorts as the column does; absent = its name. */
  keySql?(name: string, kind: KeyKind, type?: string): string;
  /** The name behind an entry of `column` that is nothing but a name, in the system's quotes or none; null for all else. */
  nameIn(entry: string): string | null;
  /** A column of a table in ORDER BY, where an alias of the same name in the SELECT list would win over it; absent = its name. */
  sortedColumn?(table: string, name: string): string;
  /** The one row of a sorted SELECT that `skip` others come before; absent = `LIMIT 1 OFFSET skip`. */
  oneRow?(select: string, skip: number): string;
  /** What stands behind a table's name so that an index is used; absent = the system has no words for that. */
  useIndex?(index: string): string;
  /** A sorted SELECT of one row as a part of UNION ALL; absent = in parentheses. */
  inUnion?(select: string): string;
}

/** SQL by its standard: names in double quotes, texts in single ones, and nothing else means anything within them. */
export const standardText: SqlText = {
  quoteName: (name) => `"${name.replaceAll('"', '""')}"`,
  quoteText: (text) => `'${text.replaceAll("'", "''")}'`,
  keyLiteral: (value, kind) =>
    /^(?:integer|decimal)$/.test(kind) && /^-?\d+(?:\.\d+)?$/.test(value) ? value : standardText.quoteText(value),
  nameIn: plainColumn,
};

/** A condition of the job, kept apart from ours even when it ends in a comment. */
export function inParentheses(condition: string): string {
  return /--|#/.test(condition) ? `(${condition}\n)` : `(${condition})`;
}
