import type { Cell, DataRecord } from "../../model/batch.js";
import { literalOf } from "../sql/write/insert-sql.js";
import type { RowRefusal } from "../sql/write/refusal.js";
import type { MysqlClient } from "./client.js";
import { mysqlCellLiteral, mysqlInsertParts } from "./insert-sql.js";
import { judgedInsert } from "./judged-insert.js";
import { quoteMysqlBytes } from "./sql-text.js";
import type { MysqlPlan } from "./target-column.js";

/** Cells of more bytes go ahead in variables. */
const LONG_CELL = 255;

/**
 * Inserts a row whose statement would be longer than the server takes although the row itself is not: escapes and hex digits make up to
 * twice its bytes. Its long cells go ahead in pieces, into variables of the session.
 *
 * @returns as {@link judgedInsert}
 */
export async function insertInPieces(
  client: MysqlClient,
  plan: MysqlPlan,
  row: DataRecord,
): Promise<readonly RowRefusal[]> {
  const { head, tail } = mysqlInsertParts(plan);
  const names: string[] = [];
  try {
    const places: string[] = [];
    for (const [at, column] of plan.columns.entries()) {
      const cell = row[at] ?? null;
      const isLong = cell !== null && cell.length > LONG_CELL;
      places.push(
        isLong
          ? `@sluice_${at}`
          : literalOf({ cellLiteral: mysqlCellLiteral }, column, { cell, emptyAsNull: plan.emptyAsNull }),
      );
      if (!isLong) continue;
      names.push(`@sluice_${at}`);
      const introducer = column.form === "hex" ? "" : "_utf8mb4 ";
      const pieces = piecesOf(cell, plan.maxStatementBytes >> 2).map((piece) => introducer + piece);
      const why = await assign(client, `@sluice_${at}`, pieces);
      if (why.length > 0) return why;
    }
    return await judgedInsert(client, `${head}(${places.join(",")})${tail}`);
  } finally {
    // They would keep the memory until the connection ends; a lost one has none.
    if (names.length > 0)
      await client.execute(`SET ${names.map((name) => `${name} = NULL`).join(", ")}`).catch(() => {});
  }
}

/** A function whose result is too large answers NULL with a warning. */
async function assign(client: MysqlClient, name: string, pieces: readonly string[]): Promise<readonly RowRefusal[]> {
  for (const [index, piece] of pieces.entries()) {
    const value = index === 0 ? piece : `CONCAT(${name}, ${piece})`;
    const why = await judgedInsert(client, `SET ${name} = ${value}`);
    if (why.length > 0) return why;
  }
  return [];
}

/** A cell in literals of at most `most` bytes each, none of which ends inside a character. */
function piecesOf(cell: NonNullable<Cell>, most: number): string[] {
  const bytes = Buffer.isBuffer(cell) ? cell : Buffer.from(cell);
  const pieces: string[] = [];
  for (let from = 0, to = 0; from < bytes.length; from = to) {
    to = Math.min(from + most, bytes.length);
    if (!Buffer.isBuffer(cell)) while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to--;
    pieces.push(quoteMysqlBytes(bytes.subarray(from, to)));
  }
  return pieces;
}
