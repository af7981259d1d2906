import type { SqlClient } from "../client.js";
import type { PlannedRange } from "./plan-ranges.js";

/** Fewer rows than this are not worth a split of their own. */
const ROWS_PER_SPLIT = 500;
/** Blocks that are looked at: some for each range, and never more than a moment's reading. */
const sampledBlocks = { perRange: 10, fewest: 200, most: 3_000 } as const;

/** A table whose blocks can be sampled, and the key that it is cut by. */
export interface SampledTable {
  /** Quoted, with its schema. */
  readonly from: string;
  /** The server's count; 0 = nobody has counted. */
  readonly rows: number;
  /** How many there are, asked only where the table is cut; null = nobody has counted. */
  blocks(): Promise<number> | number | null;
  /** What stands behind the table for a share of its blocks in percent; null = nobody knows how many there are. Empty = all of them. */
  sample(percent: string | null): string;
  /** The key's columns as text, and as they are sorted. */
  readonly keys: readonly string[];
  readonly order: readonly string[];
  readonly always: readonly string[];
  readonly count: number;
}

/**
 * Cuts a key by a sample of the table's blocks, whose keys the server sorts: bounds are keys that exist, in the server's own order
 * whatever their types, also under a filter, and for a key of several columns.
 *
 * @returns ranges in ascending order, no gap, no overlap; the first and the last one are open to the outside
 */
export async function rangesBySample(client: SqlClient, table: SampledTable): Promise<readonly PlannedRange[]> {
  const { rows, always, count, from } = table;
  const wanted = rows > 0 ? Math.min(count, Math.ceil(rows / ROWS_PER_SPLIT)) : count;
  if (wanted <= 1) return [{ after: null, upTo: null, rows }];
  const filter = always.length > 0 ? ` WHERE ${always.join(" AND ")}` : "";
  const names = table.keys.map((_, at) => `K${at}`).join(", ");
  const keys = table.keys.map((sql, at) => `${sql} AS K${at}`).join(", ");
  const share = shareOf(await table.blocks(), table, wanted);
  const found = await client.query(
    `SELECT ${names} FROM (SELECT ${keys}, ROW_NUMBER() OVER (ORDER BY ${table.order.join(", ")}) AS N, COUNT(*) OVER () AS TOTAL
       FROM ${from}${share}${filter}) SAMPLED
     WHERE N < TOTAL AND FLOOR(N * ${wanted} / TOTAL) > FLOOR((N - 1) * ${wanted} / TOTAL) ORDER BY N`,
  );
  const texts = found.rows.map((row) => row.map((cell) => cell ?? ""));
  const bounds = texts.filter((bound, at) => at === 0 || JSON.stringify(bound) !== JSON.stringify(texts[at - 1]));
  const rowsEach = Math.ceil(rows / (bounds.length + 1));
  return [...bounds, null].map((upTo, at) => ({ after: bounds[at - 1] ?? null, upTo, rows: rowsEach }));
}

/** Servers take less than 100 percent only. */
function shareOf(blocks: number | null, { sample }: SampledTable, wanted: number): string {
  const most = Math.min(Math.max(wanted * sampledBlocks.perRange, sampledBlocks.fewest), sampledBlocks.most);
  if (blocks === null) return sample(null);
  return most >= blocks ? "" : sample(((100 * most) / blocks).toFixed(6));
}
