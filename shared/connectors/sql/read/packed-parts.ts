import type { Cell, DataRecord } from "../../../model/batch.js";
import { packRows } from "../pack-rows.js";
import type { PackedPart, ReadLayout } from "./stream.js";

/** Parts are closed at about this many characters and bytes, or at this many rows. */
const PART_SIZE = 512 * 1024;
const PART_ROWS = 20_000;

/** Gathers decoded rows for a part. */
export interface PartPacker {
  /** @returns true when the part is full */
  add(row: DataRecord): boolean;
  /** What was added since the last one; null = nothing. */
  take(): PackedPart | null;
}

/** Makes a packer of rows whose cells are in canonical form: text, bytes or null. */
export function partPacker({ columns, key }: Pick<ReadLayout, "columns" | "key">): PartPacker {
  let waiting: DataRecord[] = [];
  let size = 0;
  return {
    add(row) {
      waiting.push(row);
      for (const cell of row) size += cell?.length ?? 0;
      return size >= PART_SIZE || waiting.length >= PART_ROWS;
    },
    take() {
      const last = waiting.at(-1);
      if (!last) return null;
      const part = { packed: packRows(waiting, columns.length), lastKey: key.map((at) => bytesOf(last[at] ?? null)) };
      waiting = [];
      size = 0;
      return part;
    },
  };
}

/**
 * Packs rows as a driver delivers them, for systems whose protocol offers no shorter way.
 *
 * @param rows  cells in canonical form: text, bytes or null
 */
export async function* packedParts(
  rows: AsyncIterable<DataRecord>,
  layout: Pick<ReadLayout, "columns" | "key">,
): AsyncGenerator<PackedPart> {
  const packer = partPacker(layout);
  for await (const row of rows) {
    const part = packer.add(row) ? packer.take() : null;
    if (part) yield part;
  }
  const rest = packer.take();
  if (rest) yield rest;
}

function bytesOf(cell: Cell): Buffer | null {
  return typeof cell === "string" ? Buffer.from(cell) : cell;
}
