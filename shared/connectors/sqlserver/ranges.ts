import { keyOrder } from "../sql/keys/key-conditions.js";
import type { PlannedRange } from "../sql/keys/plan-ranges.js";
import type { KeyRangesOptions } from "../sql/system.js";
import type { SqlserverConnection } from "./connection.js";
import { sqlserverText } from "./sql-text.js";
import type { SqlserverTable } from "./table-info.js";

/** Fewer rows than this are not worth a split of their own. */
const ROWS_PER_RANGE = 250;
/** So many keys are looked at, at most about; of more rows, those on some pages. */
const SAMPLED_ROWS = 200_000;

/**
 * Cuts a key at every n-th of its values, as the server sorts them: its collations and its order of uniqueidentifiers are its own. Of a
 * large table the keys on some of its pages are taken; those of a small one all.
 *
 * @returns null for a key without an index, such as those of views
 */
export async function sampledSqlserverRanges(
  client: SqlserverConnection,
  table: SqlserverTable,
  { key, always, count }: KeyRangesOptions,
): Promise<readonly PlannedRange[] | null> {
  const isIndexed = table.indexes.some(({ columns, isSorted }) => isSorted && columns[0] === key[0]?.name);
  if (!isIndexed) return null;
  const parts = Math.min(count, Math.max(1, Math.ceil(table.rows / ROWS_PER_RANGE)));
  const { rows } = parts > 1 ? await client.query(tilesSql(table, { key, always, count: parts })) : { rows: [] };
  const cuts = rows.map((row) => row.map((value) => value ?? ""));
  const bounds = [null, ...cuts.filter((cut, at) => String(cut) !== String(cuts[at - 1])), null];
  const share = Math.round(table.rows / (bounds.length - 1));
  return bounds.slice(1).map((upTo, at) => ({ after: bounds[at] ?? null, upTo, rows: share }));
}

/** The last key of each of `count` parts of equal size, but for the last part. */
function tilesSql({ sqlName, rows }: SqlserverTable, { key, always, count }: KeyRangesOptions): string {
  const names = key.map(({ name }) => sqlserverText.quoteName(name));
  const texts = key.map(
    ({ name, kind, literalType }, at) => `${sqlserverText.keySql?.(name, kind, literalType)} AS sluice_k${at}`,
  );
  const percent = Math.max(0.01, (100 * SAMPLED_ROWS) / Math.max(1, rows));
  const sample = percent < 100 ? ` TABLESAMPLE SYSTEM (${percent.toFixed(2)} PERCENT)` : "";
  const filter = always.length > 0 ? ` WHERE ${always.join(" AND ")}` : "";
  return `SELECT ${key.map((_, at) => `sluice_k${at}`).join(", ")} FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY sluice_tile ORDER BY ${keyOrder(sqlserverText, key, "DESC")}) AS sluice_place FROM (
      SELECT ${[...names, ...texts].join(", ")}, NTILE(${count}) OVER (ORDER BY ${keyOrder(sqlserverText, key)}) AS sluice_tile
      FROM ${sqlName}${sample}${filter}) AS tiles) AS ends
    WHERE sluice_place = 1 AND sluice_tile < ${count} ORDER BY sluice_tile`;
}
