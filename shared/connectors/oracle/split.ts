import { UserError } from "../../model/errors.js";
import type { PlannedRange } from "../sql/keys/plan-ranges.js";
import type { CutOptions } from "../sql/read/part.js";
import { chooseKey } from "../sql/read/read-key.js";
import { inParentheses } from "../sql/sql-text.js";
import type { KeyRangesOptions, OwnParts } from "../sql/system.js";
import type { OracleConnection } from "./connection.js";
import { oracleText, quoteOracleName, quoteOracleText } from "./sql-text.js";
import type { OracleTable } from "./table-info.js";

/** Fewer rows than this are not worth a split of their own. */
const ROWS_PER_SPLIT = 500;
/** Blocks that are sampledBlocks at: some for each range, and never more than a moment's reading. */
const sampledBlocks = { perRange: 10, fewest: 200, most: 3_000 } as const;
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
  const order = key.map(({ name }) => quoteOracleName(name)).join(", ");
  const keys = key.map(({ name, kind }, at) => `${oracleText.keySql?.(name, kind)} AS K${at}`).join(", ");
  const names = key.map((_, at) => `K${at}`).join(", ");
  return cutBySample(client, table, { keys, names, order, always, count });
}

/** What a sample is sorted and cut by. */
interface SampledKey {
  /** What is selected as `names`, and sorted by `order`. */
  readonly keys: string;
  readonly names: string;
  readonly order: string;
  readonly always: readonly string[];
  readonly count: number;
}

async function cutBySample(
  client: OracleConnection,
  table: OracleTable,
  { keys, names, order, always, count }: SampledKey,
): Promise<readonly PlannedRange[]> {
  const isCounted = table.rows > 0;
  const wanted = isCounted ? Math.min(count, Math.ceil(table.rows / ROWS_PER_SPLIT)) : count;
  const whole: PlannedRange = { after: null, upTo: null, rows: table.rows };
  if (wanted <= 1) return [whole];
  const filter = always.length > 0 ? ` WHERE ${always.join(" AND ")}` : "";
  const { rows } = await client.query(
    `SELECT ${names} FROM (SELECT ${keys}, ROW_NUMBER() OVER (ORDER BY ${order}) AS N, COUNT(*) OVER () AS TOTAL
       FROM ${table.sqlName}${shareSql(table, wanted)}${filter}) SAMPLED
     WHERE N < TOTAL AND FLOOR(N * ${wanted} / TOTAL) > FLOOR((N - 1) * ${wanted} / TOTAL) ORDER BY N`,
  );
  const texts = rows.map((row) => row.map((cell) => cell ?? ""));
  const bounds = texts.filter((bound, at) => at === 0 || JSON.stringify(bound) !== JSON.stringify(texts[at - 1]));
  const rowsEach = Math.ceil(table.rows / (bounds.length + 1));
  return [...bounds, null].map((upTo, at) => ({ after: bounds[at - 1] ?? null, upTo, rows: rowsEach }));
}

/** SAMPLE takes less than 100 percent only. */
function shareSql({ blocks }: OracleTable, wanted: number): string {
  const most = Math.min(Math.max(wanted * sampledBlocks.perRange, sampledBlocks.fewest), sampledBlocks.most);
  if (blocks === null) return ` SAMPLE BLOCK (${UNCOUNTED_PERCENT})`;
  return most >= blocks ? "" : ` SAMPLE BLOCK (${((100 * most) / blocks).toFixed(6)})`;
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
  const ranges = await cutBySample(client, table, {
    ...{ keys: "ROWIDTOCHAR(ROWID) AS K0", names: "K0", order: "ROWID", always, count },
  });
  if (!isAsked && ranges.length === 1) return null;
  const parts = ranges.map(({ after, upTo, rows }) => {
    const condition = [...(after ? [`ROWID > ${place(after)}`] : []), ...(upTo ? [`ROWID <= ${place(upTo)}`] : [])];
    return { key: null, range: null, nullColumn: null, rows, condition: condition.join(" AND ") || "1 = 1" };
  });
  const why = isAsked ? "" : " has no primary or unique key that could be split by, and";
  const warning = `${table.title}${why} is cut by the places of its rows: a row that moves while the job runs (ROW MOVEMENT, ALTER TABLE … MOVE or SHRINK) may be read twice or not at all; a split starts again after an interruption`;
  return { parts, warnings: [warning] };
}

function place([rowid = ""]: readonly string[]): string {
  return `CHARTOROWID(${quoteOracleText(rowid)})`;
}
