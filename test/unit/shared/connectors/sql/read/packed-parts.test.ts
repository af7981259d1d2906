import { expect, test } from "vitest";
import { packedParts } from "../../../../../../shared/connectors/sql/read/packed-parts.js";
import type { PackedPart } from "../../../../../../shared/connectors/sql/read/stream.js";
import { type Column, type DataRecord, packedBatch } from "../../../../../../shared/model/batch.js";

const columns: readonly Column[] = [
  { name: "id", type: "long" },
  { name: "name", type: "string" },
  { name: "raw", type: "bytes" },
];

async function partsOf(rows: readonly DataRecord[], key: readonly number[]): Promise<PackedPart[]> {
  async function* come() {
    yield* rows;
  }
  const parts: PackedPart[] = [];
  for await (const part of packedParts(come(), { columns, key })) parts.push(part);
  return parts;
}

const rowsOf = (parts: readonly PackedPart[]) =>
  parts.flatMap(({ packed }) => packedBatch(packed, { columns, checkpoint: null, dirty: [] }).rows);

test("rows come in parts of some hundred KiB, without the cells that are for the key only", async () => {
  const rows = Array.from({ length: 3_000 }, (_, i): DataRecord => {
    return [String(i), i % 7 === 0 ? null : `ü${"x".repeat(500)}`, Buffer.from([i % 256]), `key ${i}`];
  });
  const parts = await partsOf(rows, [0, 3]);
  expect(parts.length).toBeGreaterThan(2);
  expect(Math.max(...parts.map(({ packed }) => packed.data.length))).toBeLessThan(1024 * 1024);
  expect(rowsOf(parts)).toEqual(rows.map((row) => row.slice(0, 3)));
  expect(parts.at(-1)?.lastKey.map(String)).toEqual(["2999", "key 2999"]);
});

test("no rows are no part, and bytes of a key stay bytes", async () => {
  expect(await partsOf([], [0])).toEqual([]);
  const [part] = await partsOf([["1", null, Buffer.from([0, 255])]], [2]);
  expect(part?.lastKey).toEqual([Buffer.from([0, 255])]);
});
