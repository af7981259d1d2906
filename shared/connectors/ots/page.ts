import type { Row } from "tablestore";
import { type OtsClient, repeating } from "./client.js";
import { fromSdkKey, type Key, toSdkKey } from "./key.js";
import type { OtsRange } from "./range.js";
import type { OtsKeyColumn } from "./table.js";

/** A table at work: its name, its key, and how to reach it. */
export interface OtsTable {
  readonly client: OtsClient;
  readonly name: string;
  readonly keys: readonly OtsKeyColumn[];
  readonly signal: AbortSignal;
}

/** The service takes no longer list; without one it sends all columns. */
const MAX_COLUMNS_TO_GET = 128;

/** An answer of the server. */
export interface OtsPage {
  readonly rows: readonly Row[];
  /** Where the next page starts; null after the last. A page without rows need not be the last. */
  readonly next: Key | null;
}

/**
 * Asks for rows from `range.begin` on, at most 5,000 or 4 MB of them, in the range's direction.
 *
 * @param columnsToGet  with a key column among them, rows are sent that have none of the others
 * @throws SluiceError, after repeating what may pass
 */
export async function getPage(
  table: OtsTable,
  range: OtsRange,
  { columnsToGet, limit }: { columnsToGet: string[]; limit?: number },
): Promise<OtsPage> {
  const params = {
    tableName: table.name,
    direction: range.isBackward ? ("BACKWARD" as const) : ("FORWARD" as const),
    inclusiveStartPrimaryKey: toSdkKey(range.begin, table.keys),
    exclusiveEndPrimaryKey: toSdkKey(range.end, table.keys),
    ...(limit === undefined ? {} : { limit }),
    ...(columnsToGet.length > MAX_COLUMNS_TO_GET ? {} : { columnsToGet }),
  };
  const page = await repeating(() => table.client.getRange(params), `table ${table.name}`, table.signal);
  return { rows: page.rows, next: page.nextStartPrimaryKey ? fromSdkKey(page.nextStartPrimaryKey) : null };
}
