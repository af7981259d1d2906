import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ignore,
  long,
  plain,
  refusal,
  type SdkClient,
  startTablestore,
  type TestServer,
  tableOf,
} from "./tablestore-server.js";

let server: TestServer;
let client: SdkClient;

beforeAll(async () => {
  server = await startTablestore();
  client = server.client();
});
afterAll(() => server.stop());

const invalid = { code: "OTSParameterInvalid", status: 400 };
const json = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("CreateTable and DescribeTable", () => {
  it("describe a table as it was made, with option only on the auto-increment column", async () => {
    const made = tableOf("described", { a: "STRING", b: "BINARY" }, { maxVersions: 3, maxTimeDeviation: 100_000 });
    const meta = (made as { tableMeta: { primaryKey: object[]; definedColumn?: object[] } }).tableMeta;
    meta.primaryKey.push({ name: "c", type: "INTEGER", option: "AUTO_INCREMENT" });
    meta.definedColumn = [{ name: "d", type: 4 }];
    await client.createTable(made);
    expect(json(await client.describeTable({ tableName: "described" }))).toMatchObject({
      tableMeta: {
        tableName: "described",
        primaryKey: [
          { name: "a", type: "STRING" },
          { name: "b", type: "BINARY" },
          { name: "c", type: "INTEGER", option: "AUTO_INCREMENT" },
        ],
        definedColumn: [{ name: "d", type: "DCT_STRING" }],
      },
      reservedThroughputDetails: { capacityUnit: { read: 0, write: 0 }, lastIncreaseTime: expect.any(String) },
      tableOptions: { timeToLive: -1, maxVersions: 3, deviationCellVersionInSec: "100000", allowUpdate: true },
      tableStatus: "ACTIVE",
    });
  });

  it("refuse a second table of the same name with 409", async () => {
    await client.createTable(tableOf("taken", { a: "STRING" }));
    expect(await refusal(client.createTable(tableOf("taken", { b: "INTEGER" })))).toEqual({
      code: "OTSObjectAlreadyExist",
      status: 409,
    });
  });

  it.each([
    ["a bad table name", tableOf("1st", { a: "STRING" })],
    ["no key column", tableOf("bad", {})],
    ["five key columns", tableOf("bad", { a: "STRING", b: "STRING", c: "STRING", d: "STRING", e: "STRING" })],
    ["a bad column name", tableOf("bad", { "a-b": "STRING" })],
    ["a time to live under a day", tableOf("bad", { a: "STRING" }, { timeToLive: 60 })],
    ["no versions", tableOf("bad", { a: "STRING" }, { maxVersions: -1 })],
  ])("refuse %s", async (_, params) => {
    expect(await refusal(client.createTable(params))).toEqual(invalid);
  });

  it("refuse an auto-increment partition key, or one that is no integer", async () => {
    for (const primaryKey of [
      [{ name: "a", type: "INTEGER", option: "AUTO_INCREMENT" }],
      [
        { name: "a", type: "STRING" },
        { name: "b", type: "STRING", option: "AUTO_INCREMENT" },
      ],
    ]) {
      const params = { ...tableOf("bad", {}), tableMeta: { tableName: "bad", primaryKey } };
      expect(await refusal(client.createTable(params))).toEqual(invalid);
    }
  });

  it("refuse the 65th table of an instance", async () => {
    const crowded = server.client({ instancename: "crowded" });
    for (let n = 0; n < 64; n++) await crowded.createTable(tableOf(`t${n}`, { a: "STRING" }));
    expect(await refusal(crowded.createTable(tableOf("t64", { a: "STRING" })))).toEqual({
      code: "OTSQuotaExhausted",
      status: 403,
    });
    await crowded.deleteTable({ tableName: "t0" });
    await crowded.createTable(tableOf("t64", { a: "STRING" }));
  });
});

describe("ListTable", () => {
  it("lists the tables of its own instance only, sorted", async () => {
    const other = server.client({ instancename: "other" });
    expect((await other.listTable({})).tableNames).toEqual([]);
    await other.createTable(tableOf("b", { a: "STRING" }));
    await other.createTable(tableOf("a", { a: "STRING" }));
    expect((await other.listTable({})).tableNames).toEqual(["a", "b"]);
    expect(await refusal(client.describeTable({ tableName: "b" }))).toEqual({ code: "OTSObjectNotExist", status: 404 });
  });
});

describe("UpdateTable", () => {
  it("changes options and throughput and reports them", async () => {
    await client.createTable(tableOf("changed", { a: "STRING" }));
    const answer = await client.updateTable({
      tableName: "changed",
      tableOptions: { maxVersions: 5, timeToLive: 86_400 },
      reservedThroughput: { capacityUnit: { read: 1, write: 0 } },
    });
    expect(json(answer)).toMatchObject({
      tableOptions: { timeToLive: 86_400, maxVersions: 5, allowUpdate: true },
      reservedThroughputDetails: { capacityUnit: { read: 1, write: 0 } },
    });
    const lowered = await client.updateTable({
      tableName: "changed",
      tableOptions: {},
      reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    });
    expect(json(lowered).reservedThroughputDetails).toHaveProperty("lastDecreaseTime");
    expect(json(await client.describeTable({ tableName: "changed" })).tableOptions.maxVersions).toBe(5);
  });

  it("refuses bad options, an empty change and a missing table", async () => {
    await client.createTable(tableOf("unchanged", { a: "STRING" }));
    const update = (tableOptions: object, tableName = "unchanged") => client.updateTable({ tableName, tableOptions });
    expect(await refusal(update({ timeToLive: 1 }))).toEqual(invalid);
    expect(await refusal(update({}))).toEqual(invalid);
    expect(await refusal(update({ maxVersions: 2 }, "nowhere"))).toEqual({ code: "OTSObjectNotExist", status: 404 });
  });

  it("with allowUpdate off lets rows be put but not updated", async () => {
    await client.createTable(tableOf("frozen", { a: "STRING" }));
    await client.updateTable({ tableName: "frozen", tableOptions: { allowUpdate: false } });
    const row = { tableName: "frozen", primaryKey: [{ a: "x" }], condition: ignore() };
    await client.putRow({ ...row, attributeColumns: [{ v: "1" }] });
    expect(await refusal(client.updateRow({ ...row, updateOfAttributeColumns: [{ PUT: [{ v: "2" }] }] }))).toEqual(
      invalid,
    );
  });
});

describe("DeleteTable", () => {
  it("takes the rows along: a table made anew is empty", async () => {
    const made = tableOf("gone", { a: "INTEGER" });
    const key = { tableName: "gone", primaryKey: [{ a: long(1) }] };
    await client.createTable(made);
    await client.putRow({ ...key, condition: ignore(), attributeColumns: [{ v: "old" }] });
    await client.deleteTable({ tableName: "gone" });
    expect(await refusal(client.getRow(key))).toEqual({ code: "OTSObjectNotExist", status: 404 });
    await client.createTable(made);
    expect((await client.getRow(key)).row).toEqual({});
    await client.putRow({ ...key, condition: ignore(), attributeColumns: [{ v: "new" }] });
    await server.reopen();
    expect(plain((await client.getRow(key)).row)).toEqual({ v: "new" });
  });

  it("of a missing table is refused with 404", async () => {
    expect(await refusal(client.deleteTable({ tableName: "nowhere" }))).toEqual({
      code: "OTSObjectNotExist",
      status: 404,
    });
  });
});

describe("Streams", () => {
  it("may be switched on and are described", async () => {
    const streamSpecification = { enableStream: true, expirationTime: 24 };
    await client.createTable({ ...tableOf("streamed", { a: "STRING" }), streamSpecification });
    expect(json(await client.describeTable({ tableName: "streamed" })).streamDetails).toMatchObject(
      streamSpecification,
    );
    const off = { tableName: "streamed", tableOptions: {}, streamSpecification: { enableStream: false } };
    await client.updateTable(off);
    expect(json(await client.describeTable({ tableName: "streamed" }))).not.toHaveProperty("streamDetails");
  });
});

describe("Indexes", () => {
  it("are refused", async () => {
    const indexMeta = { name: "i", primaryKey: ["a"], definedColumn: [] };
    const made = { ...tableOf("plainly", { a: "STRING" }), indexMetas: [indexMeta] };
    expect(await refusal(client.createTable(made))).toEqual(invalid);
    expect(await refusal(client.createIndex({ mainTableName: "plainly", indexMeta }))).toEqual(invalid);
  });
});
