import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Side, WriteSession } from "../../shared/connectors/contract.js";
import { ots } from "../../shared/connectors/ots/index.js";
import type { OtsSource } from "../../shared/connectors/ots/source.js";
import { type Batch, batchOf, type Column, type DataRecord, type DirtyRecord } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { startOfSplit } from "../../shared/model/progress.js";
import { agree } from "../conformance/drive.js";
import {
  plain,
  plainKey,
  type SdkClient,
  startTablestore,
  type TestServer,
  tableOf,
} from "./local-cloud/tablestore-server.js";

const reader = ots.reader!;
const writer = ots.writer!;
let server: TestServer;
let client: SdkClient;
let tables = 0;

beforeAll(async () => {
  server = await startTablestore();
  client = server.client();
});
beforeEach(() => void server.faults.splice(0));
afterAll(() => server.stop());

function sideOf<P>(schema: { parse(value: unknown): P }, parameter: JsonObject): Side<OtsSource, P> {
  const properties = { endpoint: `http://127.0.0.1:${server.port}`, instanceName: "unit" };
  const source = ots.source.schema.parse({ ...properties, accessId: "local-key", accessKey: "local-secret" });
  const signal = new AbortController().signal;
  return { source, sources: { main: source }, params: schema.parse(parameter), timeZone: null, signal };
}

async function newTable(key: Record<string, string>): Promise<string> {
  const name = `t${tables++}`;
  await client.createTable(tableOf(name, key));
  return name;
}

interface Session extends WriteSession {
  readonly dirty: DirtyRecord[];
  put(rows: readonly DataRecord[]): Promise<void>;
}

async function openWriter(parameter: JsonObject, types: readonly Column["type"][] = []): Promise<Session> {
  const side = sideOf(writer.params, parameter);
  const columns = (await writer.columns(side))!.map(({ name }, i): Column => ({ name, type: types[i] ?? "string" }));
  const run = { runId: "r", exactlyOnce: "auto", columns } as const;
  const prepared = await writer.prepare(side, run);
  const dirty: DirtyRecord[] = [];
  const keepDirty = async (records: readonly DirtyRecord[]) => void dirty.push(...records);
  const place = { split: 0, splits: 1, attempt: 1, progress: startOfSplit, keepDirty, agree };
  const session = await writer.open(side, { ...run, prepared, ...place });
  const put = async (rows: readonly DataRecord[]) => {
    await session.write(batchOf(rows, { columns, checkpoint: 1, dirty: [] }));
  };
  return { ...session, dirty, put };
}

async function readAll(
  parameter: JsonObject,
  advice = 1,
): Promise<{ batches: Batch[]; rows: DataRecord[]; splits: number }> {
  const side = sideOf(reader.params, parameter);
  const { splits } = await reader.split(side, advice);
  const batches: Batch[] = [];
  for (const { spec } of JSON.parse(JSON.stringify(splits)) as typeof splits) {
    for await (const batch of reader.read(side, spec, null)) batches.push(batch);
  }
  return { batches, rows: batches.flatMap((batch) => batch.rows), splits: splits.length };
}

async function rowsOf(table: string, key: string): Promise<Record<string, unknown>> {
  const { INF_MIN, INF_MAX } = await import("tablestore");
  const { rows } = await client.getRange({
    tableName: table,
    direction: "FORWARD",
    inclusiveStartPrimaryKey: [{ [key]: INF_MIN }],
    exclusiveEndPrimaryKey: [{ [key]: INF_MAX }],
  });
  return Object.fromEntries(rows.map((row) => [String(plainKey(row)[0]), plain(row)]));
}

const intKey = { primaryKey: [{ name: "id", type: "int" }] };

describe("writing to Tablestore", () => {
  it("writes a column named timestamp like any other, in both modes", async () => {
    const table = await newTable({ id: "INTEGER" });
    const parameter = {
      table,
      ...intKey,
      column: [
        { name: "timestamp", type: "string" },
        { name: "v", type: "int" },
      ],
    };
    const put = await openWriter({ ...parameter, writeMode: "PutRow" });
    await put.put([
      ["1", "2024-05-06", "7"],
      ["2", null, "8"],
    ]);
    const update = await openWriter({ ...parameter, writeMode: "UpdateRow" });
    await update.put([
      ["2", "later", null],
      ["3", "new", "9"],
    ]);
    expect(await rowsOf(table, "id")).toEqual({
      "1n": { timestamp: "2024-05-06", v: "7n" },
      "2n": { timestamp: "later" },
      "3n": { timestamp: "new", v: "9n" },
    });
    for (const session of [put, update]) await session.close();
  });

  it("replaces with PutRow, merges with UpdateRow, where null deletes a column", async () => {
    const table = await newTable({ id: "INTEGER" });
    const column = [
      { name: "a", type: "string" },
      { name: "b", type: "string" },
    ];
    const first = await openWriter({ table, ...intKey, column, writeMode: "PutRow" });
    await first.put([
      ["1", "a1", "b1"],
      ["2", "a2", "b2"],
    ]);
    const onlyA = { table, ...intKey, column: column.slice(0, 1) };
    const put = await openWriter({ ...onlyA, writeMode: "PutRow" });
    await put.put([["1", "new"]]);
    const update = await openWriter({ ...onlyA, writeMode: "UpdateRow" });
    await update.put([["2", null]]);
    expect(await rowsOf(table, "id")).toEqual({ "1n": { a: "new" }, "2n": { b: "b2" } });
    for (const session of [first, put, update]) await session.close();
  });

  it("lets the last of several records with one key win, also across batches of 200", async () => {
    const table = await newTable({ id: "INTEGER" });
    const session = await openWriter({ table, ...intKey, column: [{ name: "v", type: "int" }], writeMode: "PutRow" });
    await session.put(Array.from({ length: 2_000 }, (_, i) => [String(i % 450), String(i)]));
    const rows = await rowsOf(table, "id");
    expect(Object.keys(rows)).toHaveLength(450);
    for (let id = 0; id < 450; id++) {
      const last = id + 450 * Math.floor((1_999 - id) / 450);
      expect(rows[`${id}n`]).toEqual({ v: `${last}n` });
    }
    await session.close();
  });

  it("survives throttling, lost answers and doubled requests", async () => {
    const table = await newTable({ id: "INTEGER" });
    const session = await openWriter({ table, ...intKey, column: [{ name: "v", type: "int" }], writeMode: "PutRow" });
    server.faults.push(
      { kind: "status", status: 503 },
      { kind: "dropResponse" },
      { kind: "twice" },
      { kind: "status", status: 500 },
      { kind: "status", status: 429 },
    );
    await session.put(Array.from({ length: 900 }, (_, i) => [String(i), String(i)]));
    expect(server.faults).toEqual([]);
    expect(Object.keys(await rowsOf(table, "id"))).toHaveLength(900);
    expect(session.dirty).toEqual([]);
    await session.close();
  });

  it("refuses a key that is not the table's before any record is read", async () => {
    const table = await newTable({ a: "STRING", b: "INTEGER" });
    const wrong = { table, primaryKey: [{ name: "a", type: "string" }], column: [{ name: "b", type: "int" }] };
    await expect(openWriter({ ...wrong, writeMode: "PutRow" })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `primaryKey: a STRING given, but the key of table ${table} is a STRING, b INT`,
    });
    await expect(openWriter({ ...wrong, table: "nowhere", writeMode: "PutRow" })).rejects.toMatchObject({
      code: "SOURCE_OBJECT_MISSING",
    });
  });

  it("tells the key and column of every dirty record and writes the others", async () => {
    const table = await newTable({ id: "INTEGER" });
    const column = [
      { name: "v", type: "int" },
      { name: "s", type: "string" },
    ];
    const session = await openWriter({ table, ...intKey, column, writeMode: "PutRow" });
    await session.put([
      ["1", "1", "x"],
      ["2", "no", "x"],
      [null, "3", "x"],
      ["4", "9223372036854775808", "x"],
      ["5", "5", "x".repeat(2 * 1024 * 1024 + 1)],
      ["6", "1.9", "x"],
    ]);
    expect(session.dirty.map(({ reason, column: at, key }) => [reason, at, key])).toEqual([
      ["CONVERSION", "v", "id=2"],
      ["NOT_NULL", "id", "id=null"],
      ["OVERFLOW", "v", "id=4"],
      ["TOO_LARGE", "s", "id=5"],
    ]);
    expect(await rowsOf(table, "id")).toEqual({ "1n": { v: "1n", s: "x" }, "6n": { v: "1n", s: "x" } });
    await session.close();
  });
});

describe("reading from Tablestore", () => {
  async function filled(): Promise<string> {
    const table = await newTable({ user: "STRING", seq: "INTEGER" });
    const parameter = {
      table,
      primaryKey: [
        { name: "user", type: "string" },
        { name: "seq", type: "int" },
      ],
    };
    const session = await openWriter({ ...parameter, column: [{ name: "v", type: "double" }], writeMode: "PutRow" });
    const users = ["ann", "bob", "zoë", "zz", "😀"];
    await session.put(
      users.flatMap((user) => Array.from({ length: 30 }, (_, i) => [user, String(i - 5), i === 3 ? null : `${i}.5`])),
    );
    await session.close();
    return table;
  }
  const string = (value: string) => ({ type: "string", value });
  const int = (value: number) => ({ type: "int", value });

  it("reads keys, attributes and constants with the types it finds", async () => {
    const table = await filled();
    const column = ["seq", "v", "user", { type: "int", value: "42" }, { name: "absent" }];
    const { batches, rows } = await readAll({ table, column });
    expect(batches[0]?.columns).toEqual([
      { name: "seq", type: "long" },
      { name: "v", type: "double" },
      { name: "user", type: "string" },
      { name: "constant_3", type: "long" },
      { name: "absent", type: "string" },
    ]);
    expect(rows).toHaveLength(150);
    expect(rows[0]).toEqual(["-5", "0.5", "ann", "42", null]);
    expect(rows[3]).toEqual(["-2", null, "ann", "42", null]);
  });

  it.each([
    [{ begin: [string("bob")], end: [string("zz")] }, 60, "bob -5", "zoë 24"],
    [{ begin: [string("bob"), int(0)], end: [string("bob"), int(3)] }, 3, "bob 0", "bob 2"],
    [{ begin: [string("zz")], end: [string("bob")] }, 60, "zz 24", "zoë -5"],
    [{ begin: [{ type: "INF_MAX" }], end: [{ type: "INF_MIN" }] }, 150, "😀 24", "ann -5"],
    [{ split: [string("b"), string("z")] }, 150, "ann -5", "😀 24"],
  ])("reads the range %j in its order", async (range, count, first, last) => {
    const table = await filled();
    for (const advice of [1, 4]) {
      const { rows } = await readAll({ table, column: ["user", "seq"], range }, advice);
      expect(rows).toHaveLength(count);
      expect([rows[0]?.join(" "), rows.at(-1)?.join(" ")]).toEqual([first, last]);
      expect(new Set(rows.map(String)).size).toBe(count);
    }
  });

  it("cuts by the user's points, else by the values that are there, also backward and over bytes", async () => {
    const table = await filled();
    const points = { split: [string("b"), string("z")] };
    expect((await readAll({ table, column: ["user"], range: points }, 20)).splits).toBe(3);
    expect((await readAll({ table, column: ["user"] }, 20)).splits).toBe(5);
    const back = { begin: [{ type: "INF_MAX" }], end: [{ type: "INF_MIN" }] };
    const backward = await readAll({ table, column: ["user", "seq"], range: back }, 4);
    expect(backward.splits).toBeGreaterThan(2);
    expect(new Set(backward.rows.map(String)).size).toBe(150);

    const bytes = await newTable({ id: "BINARY" });
    const key = { primaryKey: [{ name: "id", type: "binary" }] };
    const session = await openWriter({ table: bytes, ...key, column: [], writeMode: "PutRow" }, ["bytes"]);
    await session.put(Array.from({ length: 256 }, (_, i) => [Buffer.from([i, 255 - i])]));
    const { rows, splits } = await readAll({ table: bytes, column: ["id"] }, 8);
    expect(splits).toBeGreaterThan(5);
    expect(new Set(rows.map(([id]) => (id as Buffer).toString("hex"))).size).toBe(256);
    await session.close();
  });

  it("calls a value of another type dirty unless the script names a type", async () => {
    const table = await newTable({ id: "INTEGER" });
    const write = async (id: string, type: string, value: string) => {
      const session = await openWriter({ table, ...intKey, column: [{ name: "v", type }], writeMode: "PutRow" });
      await session.put([[id, value]]);
      await session.close();
    };
    for (let id = 0; id < 101; id++) await write(String(id), "int", "1");
    await write("200", "double", "2.75");
    const guessed = await readAll({ table, column: ["id", "v"] });
    expect(guessed.batches.flatMap((batch) => batch.dirty)).toMatchObject([
      {
        side: "reader",
        reason: "CONVERSION",
        column: "v",
        key: "id=200",
        message: expect.stringContaining("name its type"),
      },
    ]);
    expect(guessed.rows).toHaveLength(101);
    const asked = await readAll({ table, column: ["id", { name: "v", type: "int" }] });
    expect(asked.rows.at(-1)).toEqual(["200", "2"]);
    const text = await readAll({ table, column: ["id", { name: "v", type: "string" }] });
    expect(text.rows.at(-1)).toEqual(["200", "2.75"]);
  });

  it("goes on after throttling and broken connections", async () => {
    const table = await filled();
    server.faults.push({ kind: "status", status: 503 }, { kind: "dropResponse" }, { kind: "status", status: 429 });
    expect((await readAll({ table, column: ["user"] })).rows).toHaveLength(150);
    expect(server.faults).toEqual([]);
  });

  it("says which table is missing", async () => {
    await expect(readAll({ table: "nowhere", column: ["a"] })).rejects.toMatchObject({
      code: "SOURCE_OBJECT_MISSING",
      message: expect.stringContaining("table nowhere: OTSObjectNotExist"),
    });
  });
});
