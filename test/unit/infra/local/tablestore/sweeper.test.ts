import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../../../../infra/local/store/store.js";
import { garbageKey, garbageRange, otsRowKey, rowsRange } from "../../../../../infra/local/tablestore/keys.js";
import { createSweeper } from "../../../../../infra/local/tablestore/sweeper.js";
import { integer } from "../../../../../infra/local/tablestore/variant.js";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sweeper-"));
  store = await openStore(folder, { sync: false });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function count(range: { gte: Buffer; lt: Buffer }): Promise<number> {
  let entries = 0;
  for await (const _ of store.range(range)) entries += 1;
  return entries;
}

const fill = (tableId: number, rows: number) =>
  store.write((tx) => {
    for (let n = 0; n < rows; n++) tx.put(otsRowKey(tableId, [integer(BigInt(n))]), Buffer.from("row"));
  });
const drop = (tableId: number) => store.write((tx) => tx.put(garbageKey(tableId), Buffer.alloc(0)));

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("The sweeper", () => {
  it("finishes at start what an earlier process left, and touches no other table", async () => {
    await fill(1, 2500);
    await fill(2, 10);
    await drop(1);
    const sweeper = createSweeper(store);
    await until(async () => (await count(garbageRange())) === 0);
    expect([await count(rowsRange(1)), await count(rowsRange(2))]).toEqual([0, 10]);
    await sweeper.stop();
  });

  it("goes round again for tables that are dropped while it runs", async () => {
    const sweeper = createSweeper(store);
    for (const id of [1, 2, 3]) {
      await fill(id, 1200);
      await drop(id);
      sweeper.start();
    }
    await until(async () => (await count(garbageRange())) === 0);
    expect(await count({ gte: rowsRange(1).gte, lt: rowsRange(3).lt })).toBe(0);
    await sweeper.stop();
  });

  it("keeps the mark of what it did not finish", async () => {
    await fill(1, 5000);
    await drop(1);
    await createSweeper(store).stop();
    expect(await count(garbageRange())).toBe(1);
    const next = createSweeper(store);
    await until(async () => (await count(rowsRange(1))) === 0);
    await next.stop();
  });
});
