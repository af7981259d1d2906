import { describe, expect, it } from "vitest";
import type { Table } from "../../../../../infra/local/tablestore/catalog.js";
import { cellOperation, type PlainCell, variantType } from "../../../../../infra/local/tablestore/plainbuffer.js";
import {
  BadIncrement,
  decodeLive,
  encodeStored,
  putRow,
  type StoredRow,
  updateRow,
} from "../../../../../infra/local/tablestore/stored-row.js";
import { integer, integerOf } from "../../../../../infra/local/tablestore/variant.js";

const NOW = 1_000_000_000;
const table: Table = {
  id: 1,
  name: "t",
  keyColumns: [{ name: "p", type: 1 }],
  definedColumns: [],
  timeToLive: -1,
  maxVersions: 2,
  mostVersions: 2,
  deviationSec: 86_400,
  allowUpdate: true,
  throughput: { read: 0, write: 0 },
  lastIncreaseSec: 0,
};
const key: PlainCell[] = [{ name: "p", value: integer(1n) }];
const change = (...attributes: PlainCell[]) => ({ key, attributes, deleted: false });
const put = (name: string, value: bigint, timestamp?: number): PlainCell => ({
  name,
  value: integer(value),
  ...(timestamp === undefined ? {} : { timestamp: BigInt(timestamp) }),
});
const increment = (name: string, by: bigint): PlainCell => ({ ...put(name, by), operation: cellOperation.increment });
const drop = (name: string): PlainCell => ({ name, operation: cellOperation.deleteAllVersions });
const cellTexts = (row: StoredRow | undefined) =>
  row?.attributes.map((cell) => `${cell.name}=${cell.value ? integerOf(cell.value) : ""}@${cell.timestamp}`);

describe("A put", () => {
  it("stamps cells with the clock, sorts columns, keeps the newest versions", () => {
    const row = putRow(change(put("b", 1n), put("a", 1n, 10), put("a", 3n, 30), put("a", 2n, 20)), table, NOW);
    expect(cellTexts(row)).toEqual(["a=3@30", "a=2@20", `b=1@${NOW}`]);
  });

  it("lets the later of two cells of one name and time win", () => {
    expect(cellTexts(putRow(change(put("a", 1n), put("a", 2n)), table, NOW))).toEqual([`a=2@${NOW}`]);
  });
});

describe("An update", () => {
  const before = putRow(change(put("a", 5n, 10), put("b", 7n, 10)), table, 10);

  it("applies its cells in order", () => {
    const row = updateRow(before, change(drop("a"), put("a", 1n), drop("b"), drop("b"), increment("c", 2n)), {
      table,
      nowMs: NOW,
    });
    expect(cellTexts(row)).toEqual([`a=1@${NOW}`, `c=2@${NOW}`]);
  });

  it("increments the newest version and keeps the older one", () => {
    expect(cellTexts(updateRow(before, change(increment("a", -6n)), { table, nowMs: NOW }))).toEqual([
      `a=-1@${NOW}`,
      "a=5@10",
      "b=7@10",
    ]);
  });

  it("does not increment beyond 64 bits", () => {
    const full = putRow(change(put("a", 2n ** 63n - 1n)), table, NOW);
    expect(() => updateRow(full, change(increment("a", 1n)), { table, nowMs: NOW })).toThrow(BadIncrement);
    expect(cellTexts(updateRow(full, change(increment("a", 0n)), { table, nowMs: NOW + 1 }))).toContain(
      `a=${2n ** 63n - 1n}@${NOW + 1}`,
    );
  });

  it("does not increment what is no integer", () => {
    const text: PlainCell = { name: "a", value: Buffer.from([variantType.boolean, 1]) };
    const row = putRow(change(text), table, NOW);
    expect(() => updateRow(row, change(increment("a", 1n)), { table, nowMs: NOW })).toThrow(BadIncrement);
  });

  it("makes a row unless it only deletes", () => {
    expect(cellTexts(updateRow(undefined, change(put("a", 1n)), { table, nowMs: NOW }))).toEqual([`a=1@${NOW}`]);
    expect(updateRow(undefined, change(drop("a")), { table, nowMs: NOW })).toBeUndefined();
    expect(cellTexts(updateRow(before, change(drop("a"), drop("b")), { table, nowMs: NOW }))).toEqual([]);
  });
});

describe("A row at rest", () => {
  it("comes back as it was", () => {
    const row = putRow(change(put("a", 1n), put("b", 2n, 5)), table, NOW);
    expect(decodeLive(encodeStored(row), table, NOW * 2)).toEqual(row);
  });

  it("loses cells as they age, then ends, unless it was written since", () => {
    const aging = { ...table, timeToLive: 100 };
    const row = updateRow(putRow(change(put("a", 1n, 1000)), table, 1000), change(put("b", 2n)), {
      table,
      nowMs: 60_000,
    });
    const bytes = encodeStored(row as StoredRow);
    expect(cellTexts(decodeLive(bytes, aging, 100_999))).toEqual([`a=1@1000`, "b=2@60000"].sort());
    expect(cellTexts(decodeLive(bytes, aging, 101_000))).toEqual(["b=2@60000"]);
    expect(decodeLive(bytes, aging, 160_000)).toBeUndefined();
    const bare = encodeStored(putRow(change(), table, 60_000));
    expect(cellTexts(decodeLive(bare, aging, 159_999))).toEqual([]);
    expect(decodeLive(bare, aging, 160_000)).toBeUndefined();
  });
});
