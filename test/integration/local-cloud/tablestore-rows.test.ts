import * as TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ignore,
  long,
  plain,
  plainKey,
  refusal,
  type SdkClient,
  startTablestore,
  type TestServer,
  tableOf,
} from "./tablestore-server.js";

let server: TestServer;
let client: SdkClient;
let next = 0;

beforeAll(async () => {
  server = await startTablestore();
  client = server.client();
  await client.createTable(tableOf("rows", { p: "STRING", n: "INTEGER" }));
  await client.createTable(tableOf("versions", { p: "STRING" }, { maxVersions: 3 }));
});
afterAll(() => server.stop());

const invalid = { code: "OTSParameterInvalid", status: 400 };
const failed = { code: "OTSConditionCheckFail", status: 403 };
const badKey = { code: "OTSInvalidPK", status: 400 };
const { EQUAL, NOT_EQUAL, GREATER_THAN, GREATER_EQUAL, LESS_THAN, LESS_EQUAL } = TableStore.ComparatorType;
const { EXPECT_EXIST, EXPECT_NOT_EXIST, IGNORE } = TableStore.RowExistenceExpectation;

/** A key that no other test uses. */
const fresh = (n = 0) => ({ tableName: "rows", primaryKey: [{ p: `row-${next++}` }, { n: long(n) }] });
const freshVersions = () => ({ tableName: "versions", primaryKey: [{ p: `row-${next++}` }] });
const put = (key: object, attributeColumns: object[] = [], more: object = {}) =>
  client.putRow({ ...key, condition: ignore(), attributeColumns, ...more });
const update = (key: object, updateOfAttributeColumns: object[], more: object = {}) =>
  client.updateRow({ ...key, condition: ignore(), updateOfAttributeColumns, ...more });
const read = async (key: object, more: object = {}) => (await client.getRow({ ...key, ...more })).row;
const single = (name: string, value: unknown, comparator: number, passIfMissing = false, latestOnly = true) =>
  new TableStore.SingleColumnCondition(name, value as string, comparator as 1, passIfMissing, latestOnly);
const all = (combinator: number, ...parts: TableStore.ColumnCondition[]) => {
  const composite = new TableStore.CompositeCondition(combinator as 1);
  for (const part of parts) composite.addSubCondition(part);
  return composite;
};
const when = (existence: number, column: TableStore.ColumnCondition | null = null) => ({
  condition: new TableStore.Condition(existence as 0, column),
});

describe("PutRow and GetRow", () => {
  it("bring back every type of value unchanged, columns sorted by name", async () => {
    const key = fresh(-5);
    const answer = await put(key, [
      { s: "héllo 😀" },
      { empty: "" },
      { i: long("9223372036854775807") },
      { j: long("-9223372036854775808") },
      { d: 1.5 },
      { t: true },
      { f: false },
      { b: Buffer.from([0, 1, 255]) },
    ]);
    expect(answer.consumed.capacityUnit).toEqual({ read: 0, write: 1 });
    const row = await read(key);
    expect(row.attributes?.map((cell) => cell.columnName)).toEqual(["b", "d", "empty", "f", "i", "j", "s", "t"]);
    expect(plain(row)).toEqual({
      b: Buffer.from([0, 1, 255]),
      d: 1.5,
      empty: "",
      f: false,
      i: "9223372036854775807n",
      j: "-9223372036854775808n",
      s: "héllo 😀",
      t: true,
    });
    expect(plainKey(row)).toEqual([key.primaryKey[0]?.p, "-5n"]);
  });

  it("replace the whole row", async () => {
    const key = fresh();
    await put(key, [{ a: "1" }, { b: "2" }]);
    await put(key, [{ b: "3" }]);
    expect(plain(await read(key))).toEqual({ b: "3" });
  });

  it("keep a row without columns", async () => {
    const key = fresh();
    await put(key);
    expect(plainKey(await read(key))).toHaveLength(2);
  });

  it("answer a miss with an empty row", async () => {
    expect(await read(fresh())).toEqual({});
  });

  it("return the key when asked to", async () => {
    const key = fresh(7);
    const { row } = await put(key, [{ a: "1" }], { returnContent: { returnType: TableStore.ReturnType.Primarykey } });
    expect(plainKey(row)[1]).toBe("7n");
  });

  it("return only the requested columns, and no row when it has none of them", async () => {
    const key = fresh();
    await put(key, [{ a: "1" }, { b: "2" }]);
    expect(plain(await read(key, { columnsToGet: ["a", "z"] }))).toEqual({ a: "1" });
    expect(await read(key, { columnsToGet: ["z"] })).toEqual({});
    expect(plainKey(await read(key, { columnsToGet: ["p"] }))).toHaveLength(2);
  });

  it("refuse requested columns that no column can be called", async () => {
    const key = fresh();
    expect(await refusal(read(key, { columnsToGet: ["a", "not-a-name"] }))).toEqual(invalid);
  });

  it("return columns from a start to an end name", async () => {
    const key = fresh();
    await put(key, [{ a: "1" }, { b: "2" }, { c: "3" }, { d: "4" }]);
    expect(plain(await read(key, { startColumn: "b", endColumn: "d" }))).toEqual({ b: "2", c: "3" });
  });

  it("refuse keys that do not fit the table", async () => {
    const keyed = (primaryKey: object[]) => put({ tableName: "rows", primaryKey });
    expect(await refusal(keyed([{ p: "x" }]))).toEqual(badKey);
    expect(await refusal(keyed([{ q: "x" }, { n: long(1) }]))).toEqual(badKey);
    expect(await refusal(keyed([{ p: "x" }, { n: "1" }]))).toEqual(badKey);
    expect(await refusal(keyed([{ p: TableStore.INF_MIN }, { n: long(1) }]))).toEqual(badKey);
    expect(await refusal(read({ tableName: "rows", primaryKey: [{ p: "x" }] }))).toEqual(badKey);
    expect(await refusal(keyed([{ p: "k".repeat(1025) }, { n: long(1) }]))).toEqual(invalid);
    await keyed([{ p: "k".repeat(1024) }, { n: long(1) }]);
  });

  it("refuse columns beyond the limits", async () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => ({ [`c${at}`]: "v" }));
    const sized = (...sizes: number[]) => sizes.map((size, at) => ({ [`c${at}`]: "v".repeat(size) }));
    const MB = 1024 * 1024;
    await put(fresh(), many(1024));
    expect(await refusal(put(fresh(), many(1025)))).toEqual({ code: "OTSOutOfColumnCountLimit", status: 400 });
    await put(fresh(), sized(2 * MB));
    expect(await refusal(put(fresh(), sized(2 * MB + 1)))).toEqual(invalid);
    const tooWide = put(fresh(), sized(1.9 * MB, 1.9 * MB, 0.4 * MB));
    expect(await refusal(tooWide)).toEqual({ code: "OTSOutOfRowSizeLimit", status: 400 });
    const tooLarge = put(fresh(), sized(2 * MB, 2 * MB, 1.5 * MB));
    expect(await refusal(tooLarge)).toEqual({ code: "OTSRequestBodyTooLarge", status: 413 });
    expect(await refusal(put(fresh(), [{ "1a": "v" }]))).toEqual(invalid);
    expect(await refusal(put(fresh(), [{ p: "v" }]))).toEqual(invalid);
    const names = Array.from({ length: 129 }, (_, at) => `c${at}`);
    expect(await refusal(read(fresh(), { columnsToGet: names }))).toEqual(invalid);
  });

  it("of a missing table are refused with 404", async () => {
    const key = { tableName: "nowhere", primaryKey: [{ p: "x" }] };
    const missing = { code: "OTSObjectNotExist", status: 404 };
    expect(await refusal(put(key))).toEqual(missing);
    expect(await refusal(read(key))).toEqual(missing);
    expect(await refusal(update(key, [{ PUT: [{ a: "1" }] }]))).toEqual(missing);
    expect(await refusal(client.deleteRow({ ...key, condition: ignore() }))).toEqual(missing);
  });
});

describe("UpdateRow", () => {
  it("puts, deletes and increments columns in one write", async () => {
    const key = fresh();
    await put(key, [{ keep: "1" }, { drop: "2" }, { count: long(5) }]);
    const changes = [{ PUT: [{ added: "3" }] }, { DELETE_ALL: ["drop"] }, { INCREMENT: [{ count: long(-2) }] }];
    await update(key, changes);
    expect(plain(await read(key))).toEqual({ keep: "1", added: "3", count: "3n" });
  });

  it("makes a row that was not there, counting from zero", async () => {
    const key = fresh();
    await update(key, [{ INCREMENT: [{ count: long(2) }] }]);
    expect(plain(await read(key))).toEqual({ count: "2n" });
  });

  it("makes no row when it only deletes", async () => {
    const key = fresh();
    await update(key, [{ DELETE_ALL: ["a"] }]);
    expect(await read(key)).toEqual({});
  });

  it("keeps a row whose last column it deletes", async () => {
    const key = fresh();
    await put(key, [{ a: "1" }]);
    await update(key, [{ DELETE_ALL: ["a"] }]);
    expect(plainKey(await read(key))).toHaveLength(2);
  });

  it("returns named columns as they are afterwards", async () => {
    const key = fresh();
    await put(key, [{ count: long(40) }, { other: "x" }]);
    const returnContent = { returnType: TableStore.ReturnType.AfterModify, returnColumns: ["count"] };
    const { row } = await update(key, [{ INCREMENT: [{ count: long(2) }] }], { returnContent });
    expect(plain(row)).toEqual({ count: "42n" });
  });

  it("counts exactly under concurrent increments", async () => {
    const key = fresh();
    await Promise.all(Array.from({ length: 50 }, () => update(key, [{ INCREMENT: [{ count: long(1) }] }])));
    expect(plain(await read(key))).toEqual({ count: "50n" });
  });

  it("refuses a count beyond 64 bits, and a counter that is changed otherwise in the same update", async () => {
    const key = fresh();
    const increment = { INCREMENT: [{ count: long(1) }] };
    await put(key, [{ count: long("9223372036854775807") }]);
    expect(await refusal(update(key, [increment]))).toEqual(invalid);
    expect(await refusal(update(key, [increment, increment]))).toEqual(invalid);
    expect(await refusal(update(key, [{ PUT: [{ count: long(1) }] }, increment]))).toEqual(invalid);
    expect(await refusal(update(key, [{ DELETE_ALL: ["count"] }, increment]))).toEqual(invalid);
    expect(plain(await read(key))).toEqual({ count: "9223372036854775807n" });
  });

  it("refuses to increment text, to increment by a double, and to change nothing", async () => {
    const key = fresh();
    await put(key, [{ text: "1" }]);
    expect(await refusal(update(key, [{ INCREMENT: [{ text: long(1) }] }]))).toEqual(invalid);
    expect(await refusal(update(key, [{ INCREMENT: [{ count: 1.5 }] }]))).toEqual(invalid);
    expect(await refusal(update(key, []))).toEqual(invalid);
    expect(plain(await read(key))).toEqual({ text: "1" });
  });
});

describe("DeleteRow", () => {
  it("removes a row, and a second time nothing", async () => {
    const key = fresh();
    await put(key, [{ a: "1" }]);
    await client.deleteRow({ ...key, condition: ignore() });
    expect(await read(key)).toEqual({});
    await client.deleteRow({ ...key, condition: ignore() });
    expect(await refusal(client.deleteRow({ ...key, ...when(EXPECT_EXIST) }))).toEqual(failed);
  });
});

describe("Conditions", () => {
  it("on existence hold or refuse with 403", async () => {
    const key = fresh();
    expect(await refusal(put(key, [], when(EXPECT_EXIST)))).toEqual(failed);
    await put(key, [{ a: "1" }], when(EXPECT_NOT_EXIST));
    expect(await refusal(put(key, [{ a: "2" }], when(EXPECT_NOT_EXIST)))).toEqual(failed);
    await put(key, [{ a: "3" }], when(EXPECT_EXIST));
    expect(plain(await read(key))).toEqual({ a: "3" });
  });

  it("let exactly one of many concurrent writers in", async () => {
    const key = fresh();
    const writers = Array.from({ length: 20 }, (_, at) => put(key, [{ a: `${at}` }], when(EXPECT_NOT_EXIST)));
    const outcomes = await Promise.allSettled(writers);
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
  });

  it.each([
    ["=", EQUAL, [false, true, false]],
    ["≠", NOT_EQUAL, [true, false, true]],
    [">", GREATER_THAN, [false, false, true]],
    ["≥", GREATER_EQUAL, [false, true, true]],
    ["<", LESS_THAN, [true, false, false]],
    ["≤", LESS_EQUAL, [true, true, false]],
  ])("compare a column by %s with smaller, equal and greater values", async (_, comparator, expected) => {
    const key = fresh();
    for (const [at, value] of [4, 5, 6].entries()) {
      await put(key, [{ a: long(value) }]);
      const write = put(key, [{ a: long(0) }], when(IGNORE, single("a", long(5), comparator)));
      expect(
        await write.then(
          () => true,
          () => false,
        ),
      ).toBe(expected[at]);
    }
  });

  it("compare text by its bytes, and values of different types only by ≠", async () => {
    const key = fresh();
    await put(key, [{ a: "b" }]);
    const passes = (condition: TableStore.ColumnCondition) =>
      update(key, [{ PUT: [{ seen: true }] }], when(IGNORE, condition)).then(
        () => true,
        () => false,
      );
    expect(await passes(single("a", "a", GREATER_THAN))).toBe(true);
    expect(await passes(single("a", "B", LESS_THAN))).toBe(false);
    expect(await passes(single("a", long(1), GREATER_THAN))).toBe(false);
    expect(await passes(single("a", long(1), LESS_THAN))).toBe(false);
    expect(await passes(single("a", long(1), NOT_EQUAL))).toBe(true);
  });

  it("decide by passIfMissing when the column, or the row, is not there", async () => {
    const key = fresh();
    expect(await refusal(put(key, [{ b: "1" }], when(IGNORE, single("a", "x", EQUAL, false))))).toEqual(failed);
    await put(key, [{ b: "1" }], when(IGNORE, single("a", "x", EQUAL, true)));
    expect(await refusal(put(key, [{ b: "2" }], when(IGNORE, single("a", "x", EQUAL, false))))).toEqual(failed);
    await put(key, [{ b: "2" }], when(EXPECT_EXIST, single("a", "x", EQUAL, true)));
  });

  it("combine with AND, OR and NOT", async () => {
    const { AND, OR, NOT } = TableStore.LogicalOperator;
    const yes = single("a", long(1), EQUAL);
    const no = single("a", long(2), EQUAL);
    const key = fresh();
    await put(key, [{ a: long(1) }]);
    const passes = (condition: TableStore.ColumnCondition) =>
      update(key, [{ PUT: [{ seen: true }] }], when(EXPECT_EXIST, condition)).then(
        () => true,
        () => false,
      );
    expect(await passes(all(AND, yes, yes))).toBe(true);
    expect(await passes(all(AND, yes, no))).toBe(false);
    expect(await passes(all(OR, no, yes))).toBe(true);
    expect(await passes(all(OR, no, no))).toBe(false);
    expect(await passes(all(NOT, no))).toBe(true);
    expect(await passes(all(NOT, all(OR, no, yes)))).toBe(false);
    expect(await refusal(update(key, [{ PUT: [{ seen: true }] }], when(IGNORE, all(NOT, yes, no))))).toEqual(invalid);
    const many = Array.from({ length: 11 }, () => yes);
    expect(await refusal(update(key, [{ PUT: [{ seen: true }] }], when(IGNORE, all(AND, ...many))))).toEqual(invalid);
  });

  it("look at older versions only when latestVersionOnly is off", async () => {
    const key = freshVersions();
    const now = Date.now();
    await put(key, [{ a: "old", timestamp: now - 2000 }]);
    await update(key, [{ PUT: [{ a: "new", timestamp: now - 1000 }] }]);
    const guarded = (latestOnly: boolean) =>
      update(key, [{ PUT: [{ b: "1" }] }], when(IGNORE, single("a", "old", EQUAL, false, latestOnly)));
    expect(await refusal(guarded(true))).toEqual(failed);
    await guarded(false);
  });
});

describe("Filters of GetRow", () => {
  it("hide a row that does not match, and see only requested columns", async () => {
    const key = fresh();
    await put(key, [{ a: "1" }, { b: "2" }]);
    const filtered = (columnFilter: TableStore.ColumnCondition, columnsToGet?: string[]) =>
      read(key, { columnFilter, ...(columnsToGet ? { columnsToGet } : {}) });
    expect(plain(await filtered(single("a", "1", EQUAL)))).toEqual({ a: "1", b: "2" });
    expect(await filtered(single("a", "2", EQUAL))).toEqual({});
    expect(await filtered(single("a", "1", EQUAL), ["b"])).toEqual({});
    expect(plain(await filtered(single("a", "1", EQUAL, true), ["b"]))).toEqual({ b: "2" });
  });

  it("page through the columns of a row", async () => {
    const key = fresh();
    await put(key, [{ a: "1" }, { b: "2" }, { c: "3" }]);
    const columnFilter = new TableStore.ColumnPaginationFilter(2, 1);
    expect(plain(await read(key, { columnFilter }))).toEqual({ b: "2", c: "3" });
    expect(await refusal(put(key, [], when(IGNORE, columnFilter as unknown as TableStore.ColumnCondition)))).toEqual(
      invalid,
    );
  });
});

describe("Versions", () => {
  const versionsOf = (row: { attributes?: readonly { columnValue: unknown }[] | null }) =>
    row.attributes?.map((cell) => cell.columnValue);

  it("are kept newest first up to maxVersions; the same time overwrites", async () => {
    const key = freshVersions();
    const now = Date.now();
    await put(key, [{ a: "1", timestamp: now - 4000 }]);
    for (const [at, value] of ["2", "3", "4"].entries()) {
      await update(key, [{ PUT: [{ a: value, timestamp: now - 3000 + at * 1000 }] }]);
    }
    await update(key, [{ PUT: [{ a: "three", timestamp: now - 2000 }] }]);
    expect(versionsOf(await read(key, { maxVersions: 10 }))).toEqual(["4", "three", "2"]);
    expect(versionsOf(await read(key, { maxVersions: 2 }))).toEqual(["4", "three"]);
    expect(versionsOf(await read(key))).toEqual(["4"]);
    await update(key, [{ DELETE: [{ a: now - 1000 }] }]);
    expect(versionsOf(await read(key, { maxVersions: 10 }))).toEqual(["three", "2"]);
  });

  it("are selected by a time range or one time", async () => {
    const key = freshVersions();
    const now = Date.now();
    await put(key, [{ a: "old", timestamp: now - 3000 }]);
    await update(key, [{ PUT: [{ a: "new", timestamp: now - 1000 }] }]);
    const ranged = async (timeRange: object) => versionsOf(await read(key, { maxVersions: 10, timeRange }));
    expect(await ranged({ startTime: now - 3000, endTime: now - 1000 })).toEqual(["old"]);
    expect(await ranged({ startTime: now - 2999, endTime: now })).toEqual(["new"]);
    expect(await ranged({ specificTime: now - 1000 })).toEqual(["new"]);
    expect(await refusal(read(key, { timeRange: { startTime: 5, endTime: 5 } }))).toEqual(invalid);
  });

  it("beyond a lowered maxVersions are no longer shown", async () => {
    await client.createTable(tableOf("lowered", { p: "STRING" }, { maxVersions: 2 }));
    const key = { tableName: "lowered", primaryKey: [{ p: "x" }] };
    const now = Date.now();
    await put(key, [{ a: "1", timestamp: now - 2000 }]);
    await update(key, [{ PUT: [{ a: "2", timestamp: now - 1000 }] }]);
    await client.updateTable({ tableName: "lowered", tableOptions: { maxVersions: 1 } });
    expect(versionsOf(await read(key, { maxVersions: 5 }))).toEqual(["2"]);
  });

  it("cannot be written far from the present", async () => {
    const key = freshVersions();
    const DAY = 86_400_000;
    expect(await refusal(put(key, [{ a: "1", timestamp: Date.now() - DAY - 1000 }]))).toEqual(invalid);
    expect(await refusal(put(key, [{ a: "1", timestamp: Date.now() + DAY + 60_000 }]))).toEqual(invalid);
    await put(key, [{ a: "1", timestamp: Date.now() - DAY + 60_000 }]);
  });
});

describe("Auto-increment keys", () => {
  it("grow with each put and come back only when asked for", async () => {
    const primaryKey = [
      { name: "p", type: "STRING" },
      { name: "id", type: "INTEGER", option: "AUTO_INCREMENT" },
    ];
    await client.createTable({ ...tableOf("counted", {}), tableMeta: { tableName: "counted", primaryKey } });
    const key = { tableName: "counted", primaryKey: [{ p: "x" }, { id: TableStore.PK_AUTO_INCR }] };
    const returnContent = { returnType: TableStore.ReturnType.Primarykey };
    const ids: bigint[] = [];
    for (let n = 0; n < 3; n++) {
      const { row } = await put(key, [{ v: `${n}` }], { returnContent });
      ids.push(BigInt(String(plainKey(row)[1]).replace("n", "")));
    }
    await server.reopen();
    const { row } = await put(key, [{ v: "after" }], { returnContent });
    ids.push(BigInt(String(plainKey(row)[1]).replace("n", "")));
    expect([...ids].sort((a, b) => Number(a - b))).toEqual(ids);
    expect(new Set(ids).size).toBe(4);
    const at = (id: bigint | undefined) => ({
      tableName: "counted",
      primaryKey: [{ p: "x" }, { id: long(String(id)) }],
    });
    expect(plain(await read(at(ids[1])))).toEqual({ v: "1" });
    expect(await refusal(client.deleteRow({ ...key, condition: ignore() }))).toEqual(badKey);
  });
});

describe("Time to live", () => {
  it("hides cells one by one as they age, then the row, also from conditions", async () => {
    const own = await startTablestore();
    try {
      const sdk = own.client();
      await sdk.createTable(tableOf("aging", { p: "STRING" }, { timeToLive: 86_400 }));
      const key = { tableName: "aging", primaryKey: [{ p: "x" }] };
      await sdk.putRow({ ...key, condition: ignore(), attributeColumns: [{ first: "1" }] });
      own.clock.aheadMs = 50_000_000;
      await sdk.updateRow({ ...key, condition: ignore(), updateOfAttributeColumns: [{ PUT: [{ second: "2" }] }] });
      own.clock.aheadMs = 90_000_000;
      expect(plain((await sdk.getRow(key)).row)).toEqual({ second: "2" });
      own.clock.aheadMs = 140_000_000;
      expect((await sdk.getRow(key)).row).toEqual({});
      await sdk.putRow({ ...key, ...when(EXPECT_NOT_EXIST), attributeColumns: [] });
      expect(plainKey((await sdk.getRow(key)).row)).toEqual(["x"]);
    } finally {
      await own.stop();
    }
  });
});
