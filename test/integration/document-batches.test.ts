import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Documents, DocumentTable } from "../../shared/platform/documents.js";
import { readEnvironment } from "../../shared/platform/environment.js";
import { createDocuments } from "../../shared/platform/tablestore-documents.js";
import { startSluice, type TestSluice } from "../servers/sluice.js";

const table: DocumentTable = {
  name: "sluice_batches",
  key: [
    { name: "part", type: "STRING" },
    { name: "number", type: "INTEGER" },
  ],
};
const key = (number: number) => ["p", number];

let sluice: TestSluice;
let documents: Documents;

/** Documents over the real SDK, against the local Tablestore. */
beforeAll(async () => {
  sluice = await startSluice();
  const { credentials, environment } = sluice.cloud;
  const context = { accountId: "1", region: sluice.cloud.region } as Parameters<typeof readEnvironment>[1];
  documents = createDocuments(readEnvironment(environment, context), { ...credentials, securityToken: "" });
  await documents.ensureTable(table);
});
afterAll(() => sluice.close());

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const newRows = (all: readonly number[]) => all.map((n) => ({ key: key(n), value: { n }, version: 0 }));

describe("documents that are written together", () => {
  it("are there once, each answering for itself, whatever number they are", async () => {
    const written = await documents.writeMany(table, newRows(numbers(450)));
    expect(written).toEqual(numbers(450).map(() => true));
    const again = await documents.writeMany(table, newRows(numbers(4, 448)));
    expect(again).toEqual([false, false, true, true]);
    const changed = await documents.writeMany(table, [
      { key: key(0), value: { n: -1 }, version: 1, brief: { of: 0 } },
      { key: key(1), value: { n: -1 }, version: 7 },
      { key: key(1000), value: { n: -1 }, version: 1 },
    ]);
    expect(changed).toEqual([true, false, false]);
    const found = await documents.getMany<{ n: number }>(table, [0, 1, 451, 1000].map(key));
    expect(found.map((one) => one && [one.value.n, one.version])).toEqual([[-1, 2], [1, 1], [451, 1], undefined]);
    expect((await documents.getBrief(table, key(0)))?.value).toEqual({ of: 0 });
  });

  it("are read in the order asked for, more than one call reads", async () => {
    const asked = numbers(250).reverse();
    const found = await documents.getMany<{ n: number }>(table, [...asked.map(key), key(9999)]);
    expect(found.slice(1, 249).map((one) => one?.key[1])).toEqual(asked.slice(1, 249));
    expect(found.at(-1)).toBeUndefined();
  });

  it("are known as written where the answer was lost, and as refused where another had written before", async () => {
    sluice.cloud.faults.add("tablestore", "BatchWriteRow", { kind: "dropResponse" });
    expect(await documents.writeMany(table, newRows([2000, 2001, 5]))).toEqual([true, true, false]);
    sluice.cloud.faults.add("tablestore", "BatchWriteRow", { kind: "dropRequest" });
    sluice.cloud.faults.add("tablestore", "BatchGetRow", { kind: "dropResponse" });
    expect(await documents.writeMany(table, newRows([2002]))).toEqual([true]);
    expect((await documents.getMany(table, [key(2002)]))[0]?.version).toBe(1);
  });

  it("are removed together, a version only if it is still that one", async () => {
    await documents.writeMany(table, newRows([3000, 3001]));
    await documents.removeMany(table, [
      { key: key(3000), version: 1 },
      { key: key(3001), version: 9 },
      { key: key(3002) },
    ]);
    const left = await documents.getMany(table, [key(3000), key(3001)]);
    expect(left.map((one) => one?.version)).toEqual([undefined, 1]);
  });

  it("are written in several calls where they are large", async () => {
    const rows = numbers(12, 4000).map((n) => ({ key: key(n), value: { text: "x".repeat(600_000) }, version: 0 }));
    expect(await documents.writeMany(table, rows)).toEqual(rows.map(() => true));
  });
});

describe("a range", () => {
  it("is listed from its end, with the same bounds", async () => {
    const listed = async (range: object) =>
      (await documents.list(table, { prefix: ["p"], limit: 3, ...range })).map((one) => one.key[1]);
    const between = { after: key(10), before: key(20) };
    expect(await listed(between)).toEqual([11, 12, 13]);
    expect(await listed({ ...between, order: "descending" })).toEqual([19, 18, 17]);
    expect(await listed({ ...between, order: "descending", limit: 100 })).toHaveLength(9);
    expect(await listed({ order: "descending", before: key(3) })).toEqual([2, 1, 0]);
  });
});
