import * as TableStore from "tablestore";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

beforeEach(async () => {
  server = await startTablestore();
  client = server.client();
  await client.createTable(tableOf("local", { p: "STRING", n: "INTEGER" }));
});
afterEach(() => server.stop());

const conflict = { code: "OTSRowOperationConflict", status: 409 };
const ended = { code: "OTSSessionNotExist", status: 400 };
const invalid = { code: "OTSParameterInvalid", status: 400 };
const keyOf = (n: number, p = "a") => ({ tableName: "local", primaryKey: [{ p }, { n: long(n) }] });
const put = (n: number, value: string, more: object = {}) =>
  client.putRow({ ...keyOf(n), condition: ignore(), attributeColumns: [{ v: value }], ...more });
const read = async (n: number, more: object = {}) => plain((await client.getRow({ ...keyOf(n), ...more })).row);
const start = (p = "a") => client.startLocalTransaction({ tableName: "local", primaryKey: [{ p }] });

describe("A local transaction", () => {
  it("shows its changes to itself at once and to others after the commit", async () => {
    await put(1, "before");
    await put(2, "kept");
    const { transactionId } = await start();
    await put(1, "after", { transactionId });
    await client.deleteRow({ ...keyOf(2), condition: ignore(), transactionId });
    await client.batchWriteRow({
      transactionId,
      tables: [
        {
          tableName: "local",
          rows: [
            { type: "PUT", condition: ignore(), primaryKey: keyOf(3).primaryKey, attributeColumns: [{ v: "new" }] },
          ],
        },
      ],
    });
    expect([await read(1, { transactionId }), await read(2, { transactionId })]).toEqual([{ v: "after" }, {}]);
    expect([await read(1), await read(2), await read(3)]).toEqual([{ v: "before" }, { v: "kept" }, {}]);
    await client.commitTransaction({ transactionId });
    expect([await read(1), await read(2), await read(3)]).toEqual([{ v: "after" }, {}, { v: "new" }]);
    await server.reopen();
    expect(await read(3)).toEqual({ v: "new" });
  });

  it("reads ranges with its changes in their places, both ways", async () => {
    for (const n of [1, 3, 5]) await put(n, "old");
    const { transactionId } = await start();
    for (const n of [0, 2, 3, 9]) await put(n, "new", { transactionId });
    await client.deleteRow({ ...keyOf(5), condition: ignore(), transactionId });
    const low = [{ p: "a" }, { n: TableStore.INF_MIN }];
    const high = [{ p: "a" }, { n: TableStore.INF_MAX }];
    const range = async (direction: string, from: object[], to: object[]) => {
      const bounds = { inclusiveStartPrimaryKey: from, exclusiveEndPrimaryKey: to };
      const { rows } = await client.getRange({ tableName: "local", direction, transactionId, ...bounds });
      return rows.map((row) => `${plainKey(row)[1]}${plain(row).v}`);
    };
    expect(await range("FORWARD", low, high)).toEqual(["0nnew", "1nold", "2nnew", "3nnew", "9nnew"]);
    expect(await range("BACKWARD", high, low)).toEqual(["9nnew", "3nnew", "2nnew", "1nold", "0nnew"]);
  });

  it("keeps other writers out of its partition, and only of it", async () => {
    const { transactionId } = await start();
    expect(await refusal(put(1, "other"))).toEqual(conflict);
    expect(await refusal(start())).toEqual(conflict);
    const { tables } = await client.batchWriteRow({
      tables: [
        {
          tableName: "local",
          rows: ["a", "b"].map((p) => ({
            type: "PUT",
            condition: ignore(),
            primaryKey: keyOf(1, p).primaryKey,
            attributeColumns: [],
          })),
        },
      ],
    });
    expect(tables.map((row) => row.errorCode)).toEqual(["OTSRowOperationConflict", null]);
    await client.abortTransaction({ transactionId });
    await put(1, "free");
  });

  it("that is aborted leaves nothing", async () => {
    const { transactionId } = await start();
    await put(1, "never", { transactionId });
    expect(await client.abortTransaction({ transactionId })).toMatchObject({ transactionId });
    expect(await read(1)).toEqual({});
    expect(await refusal(put(1, "late", { transactionId }))).toEqual(ended);
    expect(await refusal(client.commitTransaction({ transactionId }))).toEqual(ended);
    expect(await refusal(client.abortTransaction({ transactionId }))).toEqual(ended);
  });

  it("ends by itself after 60 s", async () => {
    const { transactionId } = await start();
    await put(1, "never", { transactionId });
    server.clock.aheadMs = 60_001;
    expect(await refusal(client.commitTransaction({ transactionId }))).toEqual(ended);
    await put(1, "other");
    expect(await read(1)).toEqual({ v: "other" });
  });

  it("refuses rows outside its partition and more than 4 MB", async () => {
    const { transactionId } = await start();
    const outside = { ...keyOf(1, "b"), condition: ignore(), attributeColumns: [], transactionId };
    expect(await refusal(client.putRow(outside))).toEqual(invalid);
    for (const n of [1, 2]) await put(n, "x".repeat(1_900_000), { transactionId });
    expect(await refusal(put(3, "x".repeat(1_900_000), { transactionId }))).toEqual({
      code: "OTSOutOfTransactionDataSizeLimit",
      status: 400,
    });
    await client.commitTransaction({ transactionId });
    expect([Object.keys(await read(2)), await read(3)]).toEqual([["v"], {}]);
  });

  it("needs an existing table and a partition key of its type", async () => {
    expect(await refusal(client.startLocalTransaction({ tableName: "nowhere", primaryKey: [{ p: "a" }] }))).toEqual({
      code: "OTSObjectNotExist",
      status: 404,
    });
    expect(await refusal(client.startLocalTransaction({ tableName: "local", primaryKey: [{ p: long(1) }] }))).toEqual({
      code: "OTSInvalidPK",
      status: 400,
    });
  });
});
