import type { KeyValue } from "../keys/key-range.js";
import { evenCuts } from "../keys/midpoint.js";
import { type PlannedRange, planRanges } from "../keys/plan-ranges.js";
import { inParentheses } from "../sql-text.js";
import type { SqlSystem } from "../system.js";
import type { TableInfo } from "../table.js";
import type { SqlTypes } from "../types.js";
import type { CutOptions, TablePart } from "./part.js";
import { endOf, keyProbe } from "./probe-table.js";
import { chooseKey, type KeyChoice, type ReadKey } from "./read-key.js";

/** Fewer rows than this are not worth a split of their own. */
const ROWS_PER_SPLIT = 500;

/** A table on an open connection. */
export interface FoundTable<X extends SqlTypes> {
  readonly system: Pick<SqlSystem<X>, "text" | "reading">;
  readonly client: X["client"];
  readonly table: TableInfo<X["column"]>;
}

/** Cuts a table into ranges of its key; one part where there is none. */
export async function splitTable<X extends SqlTypes>(
  found: FoundTable<X>,
  options: CutOptions,
): Promise<{ readonly parts: readonly TablePart[]; readonly warnings: readonly string[] }> {
  const { system, client, table } = found;
  const own = await system.reading.parts?.(client, table, options);
  if (own) return own;
  const noKey = (await system.reading.noKey?.(client, table)) ?? null;
  const splitPk = options.splitPk === null ? null : (system.text.nameIn(options.splitPk) ?? options.splitPk);
  const choice = chooseKey(table, { splitPk, ...(noKey ? { noKey: noKey.names } : {}) });
  const isMissed = noKey?.names.some(
    (name) => splitPk === name || table.indexes.some(({ columns }) => columns.includes(name)),
  );
  const warnings = [...(choice.warning ? [choice.warning] : []), ...(noKey && isMissed ? [noKey.warning] : [])];
  const { key } = choice;
  if (!key) return { parts: [{ key, range: null, nullColumn: null, rows: table.rows }], warnings };
  const lead = key.columns[0];
  const nulls: TablePart[] = [];
  if (choice.hasNulls && lead) {
    const rest = { ...key, columns: key.isUnique ? key.columns.slice(1) : [] };
    nulls.push({ key: rest, range: null, nullColumn: lead.name, rows: 0 });
  }
  const ranges = await rangesOf(found, choice, options);
  return {
    parts: [...ranges.map((range) => ({ key, range, nullColumn: null, rows: range.rows })), ...nulls],
    warnings,
  };
}

async function rangesOf<X extends SqlTypes>(
  { system, client, table }: FoundTable<X>,
  { key: choice, index, hasNulls }: KeyChoice,
  { where, count }: CutOptions,
): Promise<PlannedRange[]> {
  const { text } = system;
  const key = choice?.columns.slice(0, choice.bounded) ?? [];
  const notNull = hasNulls ? key.map(({ name }) => `${text.quoteName(name)} IS NOT NULL`) : [];
  const always = [...notNull, ...(where ? [inParentheses(where)] : [])];
  const own = await system.reading.ranges?.(client, table, { key, always, count });
  if (own && !(hasNulls && own.length === 1)) return [...own];
  const end = (direction: "ASC" | "DESC") => endOf(text, client, { table, key, always, direction });
  const [first, last] = [await end("ASC"), await end("DESC")];
  if (!first || !last) return [];
  const probe = index === null ? null : keyProbe(system, client, { table, key, index, always: notNull });
  const believed = await probe?.estimate({ after: null, upTo: last });
  if (!probe || believed == null) return evenRanges({ first, last }, { key, count, rows: table.rows, hasNulls });
  const wanted = Math.min(count, Math.max(1, Math.ceil(believed / ROWS_PER_SPLIT)));
  const ranges = toScale(await planRanges(probe, key, { ends: { first, last }, count: wanted }), table.rows);
  // A range without any bound would take the null keys as well, which have a split of their own.
  return hasNulls && ranges.length === 1 ? ranges.map((range) => ({ ...range, upTo: last })) : ranges;
}

/** Where no index can be asked, the span between the ends is cut by arithmetic. */
function evenRanges(
  { first, last }: { readonly first: KeyValue; readonly last: KeyValue },
  { key, count, rows, hasNulls }: { key: ReadKey["columns"]; count: number; rows: number; hasNulls: boolean },
): PlannedRange[] {
  const [column] = key;
  const cuts = column ? evenCuts(column.kind, { low: first[0] ?? "", high: last[0] ?? "", count }) : [];
  const bounds: (KeyValue | null)[] = [null, ...cuts.map((cut) => [cut]), null];
  const open = bounds
    .slice(1)
    .map((upTo, at) => ({ after: bounds[at] ?? null, upTo, rows: Math.ceil(rows / (cuts.length + 1)) }));
  return hasNulls && open.length === 1 ? [{ after: null, upTo: last, rows }] : open;
}

/** Estimates of large ranges are up to twice too high: all together they are at most what the whole table is believed to hold. */
function toScale(ranges: readonly PlannedRange[], rows: number): PlannedRange[] {
  const total = ranges.reduce((sum, range) => sum + range.rows, 0);
  const factor = total > rows && rows > 0 ? rows / total : 1;
  return ranges.map((range) => ({ ...range, rows: Math.round(range.rows * factor) }));
}
