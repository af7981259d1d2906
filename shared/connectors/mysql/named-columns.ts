import type { TableInfo } from "./table-info.js";

/** These are values wherever they stand, whatever a table calls its columns. */
const value = /^(?:null|true|false|[+-]?[\d.]+|'.*'|".*")$/is;

/**
 * Which entries of `column` are exactly the name of a column of the table, in any case: they are quoted, so that a name may be
 * a word of SQL or hold anything. Numbers, texts, `null`, `true` and `false` are values.
 *
 * @returns 0-based numbers of the entries, in ascending order
 */
export function namedColumns({ columns }: Pick<TableInfo, "columns">, entries: readonly string[]): number[] {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return entries.flatMap((entry, at) => {
    const text = entry.trim();
    return names.has(text.toLowerCase()) && !value.test(text) ? [at] : [];
  });
}
