import type { SqlText } from "../sql-text.js";
import { columnNamed, type TableInfo } from "../table.js";

/** An entry of `column` that is the name of a column: its 0-based number, and the name as the table has it. Plain JSON, part of a split. */
export type NamedColumn = readonly [entry: number, name: string];

/** These are values wherever they stand, whatever a table calls its columns. */
const value = /^(?:null|true|false|[+-]?[\d.]+|'.*'|".*")$/is;

/**
 * Which entries of `column` are exactly the name of a column of the table, in any case: they are quoted, so that a name may be
 * a word of SQL or hold anything. Numbers, texts, `null`, `true` and `false` are values.
 *
 * @returns in ascending order
 */
export function namedColumns(
  text: Pick<SqlText, "nameIn">,
  { columns }: Pick<TableInfo, "columns">,
  entries: readonly string[],
): NamedColumn[] {
  return entries.flatMap((given, at): NamedColumn[] => {
    const entry = given.trim();
    const bare = value.test(entry) ? undefined : columnNamed(columns, entry);
    const name = text.nameIn(entry);
    const found = bare ?? (name === null ? undefined : columnNamed(columns, name));
    return found ? [[at, found.name]] : [];
  });
}
