import type { Cell, DataRecord } from "../../../model/batch.js";
import { packRows } from "../pack-rows.js";
import type { ReadLayout, ReadPart } from "./stream.js";

/** Parts are closed at about this many characters and bytes, or at this many rows. */
const PART_SIZE = 512 * 1024;
const PART_ROWS = 20_000;

/**
 * Packs rows as a driver delivers them, for systems whose protocol offers no shorter way.
 *
 * @param rows  cells in canonical form: text, bytes or null
 */
export async function* packedParts(
  rows: AsyncIterable<DataRecord>,
  { columns, key }: Pick<ReadLayout, "columns" | "key">,
): AsyncGenerator<ReadPart> {
  let waiting: DataRecord[] = [];
  let size = 0;
  const take = (): ReadPart => {
    const last = waiting.at(-1) ?? [];
    const part = { packed: packRows(waiting, columns.length), lastKey: key.map((at) => bytesOf(last[at] ?? null)) };
    waiting = [];
    size = 0;
    return part;
  };
  for await (const row of rows) {
    waiting.push(row);
    for (const cell of row) size += cell?.length ?? 0;
    if (size >= PART_SIZE || waiting.length >= PART_ROWS) yield take();
  }
  if (waiting.length > 0) yield take();
}

function bytesOf(cell: Cell): Buffer | null {
  return typeof cell === "string" ? Buffer.from(cell) : cell;
}
