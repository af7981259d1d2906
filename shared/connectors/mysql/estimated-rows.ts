import type { MysqlClient } from "./client.js";

/**
 * How many rows the server believes a range of an index to hold; null when it does not tell.
 *
 * @param from  the statement from FROM on, with FORCE INDEX
 */
export async function mysqlEstimatedRows(client: MysqlClient, from: string): Promise<number | null> {
  // Under FORCE INDEX MySQL 8 looks into the index for no plain SELECT ("skipping index dives") and believes in one row; for a count it does.
  const counted = `SELECT COUNT(*) ${from}`;
  // MySQL 9 draws a tree unless told otherwise; relatives of MySQL may not know the word.
  const plan = await client
    .query(`EXPLAIN FORMAT=TRADITIONAL ${counted}`)
    .catch(() => client.query(`EXPLAIN ${counted}`));
  return rowsInPlan(plan);
}

/** The figure in a plan's table; null when it has none: DRDS describes its own operators. */
export function rowsInPlan({ names, rows }: Awaited<ReturnType<MysqlClient["query"]>>): number | null {
  // TiDB's `estRows` belongs to operators, the first of which is the count itself: the largest is the range.
  const [exact, estimated] = [names.indexOf("rows"), names.indexOf("estRows")];
  const figures = rows.flatMap((row) => row[exact >= 0 ? exact : estimated] ?? []).map(Number);
  return figures.length > 0 && figures.every(Number.isFinite) ? Math.max(...figures) : null;
}
