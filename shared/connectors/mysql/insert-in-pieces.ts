import type { Cell, DataRecord } from "../../model/batch.js";
import type { MysqlClient } from "./client.js";
import { quoteBytes } from "./sql-text.js";
import type { TargetPlan } from "./target-plan.js";
import { cellLiteral, insertParts } from "./write-sql.js";

/** Cells of more bytes go ahead in variables. */
const LONG_CELL = 255;

/**
 * Inserts a row whose statement would be longer than the server takes although the row itself is not: escapes and hex digits make up to
 * twice its bytes. Its long cells go ahead in pieces, into variables of the session.
 */
export async function insertInPieces(client: MysqlClient, plan: TargetPlan, row: DataRecord): Promise<void> {
  const { head, tail } = insertParts(plan);
  const names: string[] = [];
  try {
    const places: string[] = [];
    for (const [at, column] of plan.columns.entries()) {
      const cell = row[at] ?? null;
      const isLong = cell !== null && cell.length > LONG_CELL;
      places.push(isLong ? `@sluice_${at}` : cellLiteral(column, cell, plan.emptyAsNull));
      if (!isLong) continue;
      names.push(`@sluice_${at}`);
      const introducer = column.form === "hex" ? "" : "_utf8mb4 ";
      await assign(
        client,
        `@sluice_${at}`,
        piecesOf(cell, plan.maxStatementBytes >> 2).map((piece) => introducer + piece),
      );
    }
    await client.execute(`${head}(${places.join(",")})${tail}`);
  } finally {
    // They would keep the memory until the connection ends; a lost one has none.
    if (names.length > 0)
      await client.execute(`SET ${names.map((name) => `${name} = NULL`).join(", ")}`).catch(() => {});
  }
}

async function assign(client: MysqlClient, name: string, pieces: readonly string[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    await client.execute(index === 0 ? `SET ${name} = ${piece}` : `SET ${name} = CONCAT(${name}, ${piece})`);
  }
}

/** A cell in literals of at most `most` bytes each, none of which ends inside a character. */
function piecesOf(cell: NonNullable<Cell>, most: number): string[] {
  const bytes = Buffer.isBuffer(cell) ? cell : Buffer.from(cell);
  const pieces: string[] = [];
  for (let from = 0, to = 0; from < bytes.length; from = to) {
    to = Math.min(from + most, bytes.length);
    if (!Buffer.isBuffer(cell)) while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to--;
    pieces.push(quoteBytes(bytes.subarray(from, to)));
  }
  return pieces;
}
