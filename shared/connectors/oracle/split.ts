import { UserError } from "../../model/errors.js";
import type { PlannedRange } from "../sql/keys/plan-ranges.js";
import { rangesBySample } from "../sql/keys/ranges-by-sample.js";
import type { CutOptions } from "../sql/read/part.js";
import { chooseKey } from "../sql/read/read-key.js";
import { inParentheses } from "../sql/sql-text.js";
import type { KeyRangesOptions, OwnParts } from "../sql/system.js";
import type { OracleConnection } from "./connection.js";
import { oracleText, quoteOracleName, quoteOracleText } from "./sql-text.js";
import type { OracleTable } from "./table-info.js";

/** A share of the blocks in percent, where nobody has counted them. */
const UNCOUNTED_PERCENT = 1;

/**
 * Cuts a key by a sample of the table's blocks, whose keys the server sorts: bounds are keys that exist, in the server's own order,
 * also under a filter, and for a key of several columns.
 */
export async function sampledOracleRanges(
  client: OracleConnection,
  table: OracleTable,
  { key, always, count }: KeyRangesOptions,
): Promise<readonly PlannedRange[] | null> {
  const whole: PlannedRange = { after: null, upTo: null, rows: table.rows };
  if (!table.isHeap) return key[0]?.kind === "integer" ? null : [whole];
  // What no index leads to is cut by arithmetic, where there is one: each range reads the whole table anyway.
  const isLed = table.indexes.some(({ columns, isSorted }) => isSorted && columns[0] === key[0]?.name);
  if (!isLed && key[0]?.kind !== "text") return null;
  const order = key.map(({ name }) => quoteOracleName(name));
  const keys = key.map(({ name, kind }) => oracleText.keySql?.(name, kind) ?? name);
  return rangesBySample(client, { ...blocksOf(table), keys, order, always, count });
}

function blocksOf({ sqlName, rows, blocks }: OracleTable) {
  const sample = (percent: string | null) => ` SAMPLE BLOCK (${percent ?? UNCOUNTED_PERCENT})`;
  return { from: sqlName, rows, blocks: () => blocks, sample };
}

/**
 * Cuts a table by where its rows lie, when it has no key or the job says `"splitPk": "ROWID"`. Bounds are ROWIDs of rows that a sample of
 * blocks has found, so no right on the dictionary's views of extents is needed, and partitions are covered as one.
 *
 * @throws UserError CONFIG_INVALID at `splitPk` where rows have no place of their own
 */
export async function rowidParts(
  client: OracleConnection,
  table: OracleTable,
  { splitPk, where, count }: CutOptions,
): Promise<OwnParts | null> {
  const isAsked = splitPk?.trim().toUpperCase() === "ROWID";
  if (isAsked && !table.isHeap)
    throw new UserError(
      "CONFIG_INVALID",
      `splitPk ROWID: ${table.title} is no table whose rows lie in blocks of its own`,
      {
        path: "splitPk",
      },
    );
  if (!isAsked && (splitPk !== null || !table.isHeap || chooseKey(table, { splitPk: null }).key !== null)) return null;
  const always = where === null ? [] : [inParentheses(where)];
  const place = { keys: ["ROWIDTOCHAR(ROWID)"], order: ["ROWID"] };
  const ranges = await rangesBySample(client, { ...blocksOf(table), ...place, always, count });
  if (!isAsked && ranges.length === 1) return null;
  const parts = ranges.map(({ after, upTo, rows }) => {
    const condition = [
      ...(after ? [`ROWID > ${placeSql(after)}`] : []),
      ...(upTo ? [`ROWID <= ${placeSql(upTo)}`] : []),
    ];
    return { key: null, range: null, nullColumn: null, rows, condition: condition.join(" AND ") || "1 = 1" };
  });
  const why = isAsked ? "" : " has no primary or unique key that could be split by, and";
  const warning = `${table.title}${why} is cut by the places of its rows: a row that moves while the job runs (ROW MOVEMENT, ALTER TABLE … MOVE or SHRINK) may be read twice or not at all; a split starts again after an interruption`;
  return { parts, warnings: [warning] };
}

function placeSql([rowid = ""]: readonly string[]): string {
  return `CHARTOROWID(${quoteOracleText(rowid)})`;
}
