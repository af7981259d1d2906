import { describe, expect, it } from "vitest";
import { createDirtyCollector } from "../../../../shared/engine/dirty-collector.js";
import type { DirtyRecord } from "../../../../shared/model/batch.js";
import { type Progress, startOfSplit } from "../../../../shared/model/progress.js";

function memoryFiles() {
  const files = new Map<string, string>();
  return {
    files,
    put: async (name: string, body: Buffer) => void files.set(name, body.toString()),
    list: async (prefix: string) => [...files.keys()].filter((name) => name.startsWith(prefix)).sort(),
    remove: async (names: readonly string[]) => {
      for (const name of names) files.delete(name);
    },
  };
}

const dirty = (key: string): DirtyRecord => ({
  side: "writer",
  reason: "TOO_LONG",
  message: "too long",
  column: "a",
  key,
  cells: ["x", null, Buffer.from([255])],
});
const at = (read: number): Progress => ({ ...startOfSplit, counters: { ...startOfSplit.counters, read } });
const split = { run: "r1", number: 3 };

describe("the dirty collector", () => {
  it("keeps reason, message, column, key and cells, bytes as base64", async () => {
    const store = memoryFiles();
    await createDirtyCollector(store, split, { left: 10 }).keep([dirty("7")], at(5));
    const [[name, text] = ["", ""]] = store.files;
    expect(name).toBe("runs/r1/dirty/000003-000000000000005.jsonl");
    expect(JSON.parse(text)).toEqual({
      run: "r1",
      split: 3,
      side: "writer",
      reason: "TOO_LONG",
      message: "too long",
      column: "a",
      key: "7",
      cells: ["x", null, { base64: "/w==" }],
    });
  });

  it("adds to the file of a stretch and overwrites it when the stretch is repeated", async () => {
    const store = memoryFiles();
    const first = createDirtyCollector(store, split, { left: 10 });
    await first.keep([dirty("1")], at(0));
    await first.keep([dirty("2")], at(0));
    expect([...store.files.values()].map((text) => text.trim().split("\n").length)).toEqual([2]);
    await createDirtyCollector(store, split, { left: 10 }).keep([dirty("1")], at(0));
    expect([...store.files.values()].map((text) => text.trim().split("\n").length)).toEqual([1]);
  });

  it("removes what a lost attempt kept beyond the point of resumption, and no other split's", async () => {
    const store = memoryFiles();
    const lost = createDirtyCollector(store, split, { left: 10 });
    await lost.keep([dirty("1")], at(0));
    await lost.keep([dirty("2")], at(100));
    await createDirtyCollector(store, { run: "r1", number: 4 }, { left: 10 }).keep([dirty("9")], at(500));
    await createDirtyCollector(store, split, { left: 10 }).startFrom(at(100));
    expect([...store.files.keys()]).toEqual([
      "runs/r1/dirty/000003-000000000000000.jsonl",
      "runs/r1/dirty/000004-000000000000500.jsonl",
    ]);
  });

  it("counts beyond its cap without keeping", async () => {
    const store = memoryFiles();
    const collector = createDirtyCollector(store, split, { left: 2 });
    await collector.keep([dirty("1"), dirty("2"), dirty("3")], at(0));
    await collector.keep([dirty("4")], at(9));
    expect([collector.found, collector.kept, store.files.size]).toEqual([4, 2, 1]);
  });

  it("keeps no more for many splits of a shard than for one", async () => {
    const store = memoryFiles();
    const room = { left: 3 };
    for (let number = 0; number < 5; number++)
      await createDirtyCollector(store, { run: "r1", number }, room).keep([dirty("1"), dirty("2")], at(0));
    const lines = [...store.files.values()].flatMap((text) => text.trim().split("\n"));
    expect(lines).toHaveLength(3);
  });
});
