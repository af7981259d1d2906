import type { RowRefusal } from "../sql/write/refusal.js";
import type { Attempt, RefusedRow } from "../sql/write/refused-rows.js";
import type { PostgresqlConnection } from "./connection.js";
import { copiedRow, postgresqlRefusalOf } from "./refusal.js";

/** Once a row was refused, others may be: this many go at a time, so that few are sent again. */
const lines = { fewest: 16, most: 512 } as const;
const newline = 0x0a;

/**
 * Copies a stream into a table around the rows that the server refuses. It names the row at fault, so those before it are known to be
 * fine and go again, and those behind it follow; nothing is searched for.
 *
 * @returns `refused` where the server names no row, or those before the named one are not fine: the caller takes back what is there
 */
export async function copyAround(client: PostgresqlConnection, copySql: string, bytes: Buffer): Promise<Attempt> {
  const refused: RefusedRow[] = [];
  const sql = `SAVEPOINT sluice_copy; ${copySql}; RELEASE SAVEPOINT sluice_copy`;
  let size = Number.POSITIVE_INFINITY;
  let at = 0;
  let line = 0;
  while (at < bytes.length) {
    const end = afterLines(bytes, at, size);
    const fault = await copyPart(client, sql, bytes.subarray(at, end));
    if (fault === null) {
      at = end;
      line += size;
      continue;
    }
    if (fault.row === null) return { kind: "refused", suspects: [] };
    const start = afterLines(bytes, at, fault.row);
    if (start > at && (await copyPart(client, sql, bytes.subarray(at, start))) !== null)
      return { kind: "refused", suspects: [fault.row] };
    refused.push({ index: line + fault.row, why: fault.why });
    at = afterLines(bytes, start, 1);
    line += fault.row + 1;
    size = Math.min(Math.max(2 * fault.row, lines.fewest), lines.most);
  }
  return refused.length > 0 ? { kind: "taken", refused } : { kind: "taken" };
}

/** A row that the server refused, by its place in what was sent. */
interface Fault {
  readonly row: number | null;
  readonly why: RowRefusal;
}

/** @throws what is not about a row; nothing of the part is stored then, nor after a fault */
async function copyPart(client: PostgresqlConnection, sql: string, part: Buffer): Promise<Fault | null> {
  try {
    await client.copyIn(sql, part);
    return null;
  } catch (error) {
    const why = postgresqlRefusalOf(error);
    if (!why) throw error;
    await client.execute("ROLLBACK TO SAVEPOINT sluice_copy; RELEASE SAVEPOINT sluice_copy");
    return { row: copiedRow(error), why };
  }
}

/** Where a number of lines ends that begin at `from`; newlines within cells are escaped. */
function afterLines(bytes: Buffer, from: number, count: number): number {
  if (count === Number.POSITIVE_INFINITY) return bytes.length;
  let at = from;
  for (let left = count; left > 0 && at < bytes.length; left--) {
    const end = bytes.indexOf(newline, at);
    at = end < 0 ? bytes.length : end + 1;
  }
  return at;
}
