import * as TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ignore,
  long,
  plain,
  plainKey,
  refusal,
  type SdkClient,
  type SdkRow,
  startTablestore,
  type TestServer,
  tableOf,
} from "./tablestore-server.js";

let server: TestServer;
let client: SdkClient;

beforeAll(async () => {
  server = await startTablestore();
  client = server.client();
  await client.createTable(tableOf("batched", { p: "STRING" }));
});
afterAll(() => server.stop());

const invalid = { code: "OTSParameterInvalid", status: 400 };
const keyOf = (p: string) => ({ primaryKey: [{ p }] });
const must = new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_EXIST, null);
const putOf = (p: string, value: string, condition: object = ignore()) => ({
  type: "PUT",
  condition,
  ...keyOf(p),
  attributeColumns: [{ v: value }],
});
const write = (rows: object[], tableName = "batched") => client.batchWriteRow({ tables: [{ tableName, rows }] });
const read = (p: string) => client.getRow({ tableName: "batched", ...keyOf(p) });

describe("BatchWriteRow", () => {
  it("puts, updates and deletes, each row for itself, answering in order", async () => {
    await write([putOf("w1", "old"), putOf("w2", "old")]);
    const { tables } = await write([
      putOf("w0", "new"),
      { type: "UPDATE", condition: ignore(), ...keyOf("w1"), attributeColumns: [{ PUT: [{ u: "added" }] }] },
      putOf("w9", "never", must),
      { type: "DELETE", condition: ignore(), ...keyOf("w2") },
    ]);
    expect(tables.map((row) => row.errorCode ?? "ok")).toEqual(["ok", "ok", "OTSConditionCheckFail", "ok"]);
    expect(plain((await read("w0")).row)).toEqual({ v: "new" });
    expect(plain((await read("w1")).row)).toEqual({ v: "old", u: "added" });
    expect((await read("w2")).row).toEqual({});
    expect((await read("w9")).row).toEqual({});
  });

  it("fails only the row whose stored column is no integer to count", async () => {
    await write([putOf("text", "1")]);
    const { tables } = await write([
      { type: "UPDATE", condition: ignore(), ...keyOf("text"), attributeColumns: [{ INCREMENT: [{ v: long(1) }] }] },
      putOf("beside-text", "1"),
    ]);
    expect(tables.map((row) => row.errorCode)).toEqual(["OTSParameterInvalid", null]);
  });

  it("is refused as a whole, and writes nothing, when one row is wrong in itself", async () => {
    const wrong: [object, string][] = [
      [{ type: "PUT", condition: ignore(), primaryKey: [{ wrong: "x" }], attributeColumns: [] }, "OTSInvalidPK"],
      [{ ...putOf("bad", ""), attributeColumns: [{ "not-a-name": "1" }] }, "OTSParameterInvalid"],
      [{ ...putOf("bad", ""), attributeColumns: [{ p: "the key's name" }] }, "OTSParameterInvalid"],
      [putOf("k".repeat(1025), ""), "OTSParameterInvalid"],
      [putOf("bad", "v".repeat(2 * 1024 * 1024 + 1)), "OTSParameterInvalid"],
      [
        { ...putOf("bad", ""), attributeColumns: Array.from({ length: 1025 }, (_, at) => ({ [`c${at}`]: "1" })) },
        "OTSOutOfColumnCountLimit",
      ],
      [putOf("good", "twice the same key"), "OTSParameterInvalid"],
    ];
    for (const [row, code] of wrong) {
      expect(await refusal(write([putOf("good", "1"), row]))).toEqual({ code, status: 400 });
    }
    expect((await read("good")).row).toEqual({});
  });

  it("returns keys and counters when asked to", async () => {
    const row = {
      type: "UPDATE",
      condition: ignore(),
      ...keyOf("counter"),
      attributeColumns: [{ INCREMENT: [{ n: long(3) }] }],
      returnContent: { returnType: TableStore.ReturnType.AfterModify, returnColumns: ["n"] },
    };
    expect((await write([row])).tables.map(plain)).toEqual([{ n: "3n" }]);
  });

  it("is refused as a whole when a table is missing, has no rows, or is named twice", async () => {
    const beside = { tableName: "batched", rows: [putOf("beside", "1")] };
    const write = (...tables: object[]) => refusal(client.batchWriteRow({ tables: [beside, ...tables] }));
    expect(await write({ tableName: "nowhere", rows: [putOf("x", "1")] })).toEqual({
      code: "OTSObjectNotExist",
      status: 404,
    });
    expect(await write({ tableName: "batched", rows: [putOf("x", "1")] })).toEqual(invalid);
    expect(await write({ tableName: "empty", rows: [] })).toEqual(invalid);
    expect((await read("beside")).row).toEqual({});
  });

  it("takes 200 rows and refuses 201, none, and more than 4 MB", async () => {
    const rows = (count: number, value = "v") => Array.from({ length: count }, (_, at) => putOf(`many-${at}`, value));
    expect((await write(rows(200))).tables.every((row) => row.isOk)).toBe(true);
    expect(await refusal(write(rows(201)))).toEqual(invalid);
    expect(await refusal(write([]))).toEqual(invalid);
    expect(await refusal(write(rows(5, "v".repeat(900_000))))).toEqual(invalid);
  });
});

describe("BatchGetRow", () => {
  it("answers per row, in order, misses included, grouped by table", async () => {
    await client.createTable(tableOf("second", { p: "STRING" }));
    await write([putOf("g1", "1"), putOf("g2", "2")]);
    await write([putOf("g1", "s")], "second");
    const { tables } = await client.batchGetRow({
      tables: [
        { tableName: "batched", primaryKey: [[{ p: "g2" }], [{ p: "none" }], [{ p: "g1" }], [{ p: "g2" }]] },
        { tableName: "second", primaryKey: [[{ p: "g1" }]], columnsToGet: ["p"] },
      ],
    });
    expect(tables[0]?.map(plain)).toEqual([{ v: "2" }, {}, { v: "1" }, { v: "2" }]);
    expect(tables[0]?.[1]).toMatchObject({ isOk: true, primaryKey: null });
    expect(plain(tables[1]?.[0])).toEqual({});
    expect(plainKey(tables[1]?.[0])).toEqual(["g1"]);
  });

  it("is refused as a whole when a table or a row of the request is wrong", async () => {
    const good = { tableName: "batched", primaryKey: [[{ p: "g1" }]] };
    const get = (...tables: object[]) => refusal(client.batchGetRow({ tables: [good, ...tables] }));
    expect(await get({ tableName: "nowhere", primaryKey: [[{ p: "g1" }]] })).toEqual({
      code: "OTSObjectNotExist",
      status: 404,
    });
    expect(await get(good)).toEqual(invalid);
    expect(await get({ tableName: "second", primaryKey: [] })).toEqual(invalid);
    expect(await get({ tableName: "second", primaryKey: [[{ wrong: "g1" }]] })).toEqual({
      code: "OTSInvalidPK",
      status: 400,
    });
    expect(await get({ ...good, tableName: "second", columnsToGet: ["not-a-name"] })).toEqual(invalid);
  });

  it("applies a filter per table", async () => {
    await write([putOf("f1", "1"), putOf("f2", "2")]);
    const columnFilter = new TableStore.SingleColumnCondition("v", "2", TableStore.ComparatorType.EQUAL, false);
    const primaryKey = [[{ p: "f1" }], [{ p: "f2" }]];
    const { tables } = await client.batchGetRow({ tables: [{ tableName: "batched", primaryKey, columnFilter }] });
    expect(tables[0]?.map(plain)).toEqual([{}, { v: "2" }]);
  });

  it("takes 100 rows and refuses 101 and none", async () => {
    const get = (count: number) =>
      client.batchGetRow({
        tables: [{ tableName: "batched", primaryKey: Array.from({ length: count }, (_, at) => [{ p: `${at}` }]) }],
      });
    expect((await get(100)).tables[0]).toHaveLength(100);
    expect(await refusal(get(101))).toEqual(invalid);
    expect(await refusal(get(0))).toEqual(invalid);
  });
});

describe("GetRange", () => {
  const { INF_MIN, INF_MAX } = TableStore;
  const range = (tableName: string, from: object[], to: object[], more: object = {}) =>
    client.getRange({
      tableName,
      direction: TableStore.Direction.FORWARD,
      inclusiveStartPrimaryKey: from,
      exclusiveEndPrimaryKey: to,
      ...more,
    });
  const back = { direction: TableStore.Direction.BACKWARD };
  const keys = (rows: readonly SdkRow[]) => rows.map((row) => plainKey(row).join("/"));

  async function filled(name: string, key: Record<string, string>, rows: object[][]): Promise<void> {
    await client.createTable(tableOf(name, key));
    for (let at = 0; at < rows.length; at += 200) {
      const part = rows.slice(at, at + 200).map((primaryKey, n) => ({
        type: "PUT",
        condition: ignore(),
        primaryKey,
        attributeColumns: [{ v: long(at + n) }],
      }));
      const { tables } = await write(part, name);
      expect(tables.every((row) => row.isOk)).toBe(true);
    }
  }

  it("orders text by bytes and integers by value, both ways", async () => {
    const texts = ["", "a", "a\0", "a\0b", "aa", "b", "é", "😀"];
    const numbers = ["-9223372036854775808", "-2", "-1", "0", "1", "300", "9223372036854775807"];
    await filled(
      "texts",
      { p: "STRING" },
      [...texts].reverse().map((p) => [{ p }]),
    );
    await filled(
      "numbers",
      { p: "INTEGER" },
      [...numbers].reverse().map((p) => [{ p: long(p) }]),
    );
    const suffixed = numbers.map((number) => `${number}n`);
    for (const [table, expected] of [
      ["texts", texts],
      ["numbers", suffixed],
    ] as const) {
      const forward = await range(table, [{ p: INF_MIN }], [{ p: INF_MAX }]);
      expect(keys(forward.rows)).toEqual(expected);
      expect(forward.nextStartPrimaryKey).toBeNull();
      const backward = await range(table, [{ p: INF_MAX }], [{ p: INF_MIN }], back);
      expect(keys(backward.rows)).toEqual([...expected].reverse());
    }
  });

  it("includes the start and excludes the end in both directions", async () => {
    await filled(
      "bounds",
      { p: "INTEGER" },
      [1, 2, 3, 4, 5].map((n) => [{ p: long(n) }]),
    );
    const forward = await range("bounds", [{ p: long(2) }], [{ p: long(4) }]);
    expect(keys(forward.rows)).toEqual(["2n", "3n"]);
    const backward = await range("bounds", [{ p: long(4) }], [{ p: long(2) }], back);
    expect(keys(backward.rows)).toEqual(["4n", "3n"]);
  });

  it("keeps to one partition with minimum and maximum in the second column", async () => {
    const pairs = ["a", "b", "c"].flatMap((p) => [-1, 0, 1].map((n) => [{ p }, { n: long(n) }]));
    await filled("pairs", { p: "STRING", n: "INTEGER" }, pairs);
    const forward = await range("pairs", [{ p: "b" }, { n: INF_MIN }], [{ p: "b" }, { n: INF_MAX }]);
    expect(keys(forward.rows)).toEqual(["b/-1n", "b/0n", "b/1n"]);
    const backward = await range("pairs", [{ p: "b" }, { n: INF_MAX }], [{ p: "b" }, { n: INF_MIN }], back);
    expect(keys(backward.rows)).toEqual(["b/1n", "b/0n", "b/-1n"]);
  });

  it("hands out pages of `limit` rows that join without gap or overlap, both ways", async () => {
    await filled(
      "pages",
      { p: "INTEGER" },
      Array.from({ length: 25 }, (_, n) => [{ p: long(n) }]),
    );
    for (const [from, to, more] of [
      [INF_MIN, INF_MAX, {}],
      [INF_MAX, INF_MIN, back],
    ] as const) {
      const seen: string[] = [];
      let start: object[] | null = [{ p: from }];
      while (start) {
        const page: Awaited<ReturnType<typeof range>> = await range("pages", start, [{ p: to }], {
          limit: 10,
          ...more,
        });
        seen.push(...keys(page.rows));
        start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value })) ?? null;
      }
      expect(new Set(seen).size).toBe(25);
      expect(seen).toHaveLength(25);
    }
    const exact = await range("pages", [{ p: INF_MIN }], [{ p: INF_MAX }], { limit: 25 });
    expect(exact.nextStartPrimaryKey).toBeNull();
  });

  it("may empty a page by its filter and still says where to go on", async () => {
    await filled(
      "sparse",
      { p: "INTEGER" },
      Array.from({ length: 30 }, (_, n) => [{ p: long(n) }]),
    );
    const columnFilter = new TableStore.SingleColumnCondition("v", long(25) as unknown as string, 1, false);
    const first = await range("sparse", [{ p: INF_MIN }], [{ p: INF_MAX }], { limit: 10, columnFilter });
    expect(first.rows).toEqual([]);
    expect(plainKey({ primaryKey: first.nextStartPrimaryKey })).toEqual(["10n"]);
    const whole = await range("sparse", [{ p: INF_MIN }], [{ p: INF_MAX }], { columnFilter });
    expect(keys(whole.rows)).toEqual(["25n"]);
  });

  it("stops a page at 5,000 rows", async () => {
    await filled(
      "long",
      { p: "INTEGER" },
      Array.from({ length: 5001 }, (_, n) => [{ p: long(n) }]),
    );
    const page = await range("long", [{ p: INF_MIN }], [{ p: INF_MAX }], { limit: 6000 });
    expect(page.rows).toHaveLength(5000);
    expect(plainKey({ primaryKey: page.nextStartPrimaryKey })).toEqual(["5000n"]);
  });

  it("stops a page at 4 MB", async () => {
    await client.createTable(tableOf("wide", { p: "INTEGER" }));
    for (let n = 0; n < 6; n++) {
      const attributeColumns = [{ v: "x".repeat(1_000_000) }];
      await client.putRow({ tableName: "wide", primaryKey: [{ p: long(n) }], condition: ignore(), attributeColumns });
    }
    const page = await range("wide", [{ p: INF_MIN }], [{ p: INF_MAX }]);
    expect(keys(page.rows)).toEqual(["0n", "1n", "2n", "3n"]);
    expect(plainKey({ primaryKey: page.nextStartPrimaryKey })).toEqual(["4n"]);
    expect(page.consumed.capacityUnit.read).toBeGreaterThan(900);
  });

  it("projects columns and leaves out rows that have none of them", async () => {
    await client.createTable(tableOf("columns", { p: "STRING" }));
    await write([putOf("a", "1"), { ...putOf("b", ""), attributeColumns: [{ w: "2" }] }], "columns");
    const page = await range("columns", [{ p: INF_MIN }], [{ p: INF_MAX }], { columnsToGet: ["w"] });
    expect(keys(page.rows)).toEqual(["b"]);
    expect(page.rows.map(plain)).toEqual([{ w: "2" }]);
  });

  it("refuses bounds in the wrong order, incomplete keys and a negative limit", async () => {
    const wrong = (from: object[], to: object[], more: object = {}) => refusal(range("batched", from, to, more));
    expect(await wrong([{ p: "b" }], [{ p: "a" }])).toEqual(invalid);
    expect(await wrong([{ p: "a" }], [{ p: "a" }])).toEqual(invalid);
    expect(await wrong([{ p: "a" }], [{ p: "b" }], back)).toEqual(invalid);
    expect(await wrong([{ p: "a" }], [{ p: "b" }], { limit: -1 })).toEqual(invalid);
    expect(await wrong([], [{ p: "b" }])).toEqual({ code: "OTSInvalidPK", status: 400 });
    expect(await refusal(range("nowhere", [{ p: "a" }], [{ p: "b" }]))).toEqual({
      code: "OTSObjectNotExist",
      status: 404,
    });
  });
});
