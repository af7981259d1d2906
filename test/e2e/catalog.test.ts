import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
let database: ScratchDatabase;
beforeAll(async () => {
  [sluice, database] = await Promise.all([startSluice(), scratchDatabase()]);
  await database.query("CREATE TABLE orders (shop INT, id BIGINT, name VARCHAR(20) NOT NULL, PRIMARY KEY (shop, id))");
  await database.query("CREATE TABLE Customers (id INT PRIMARY KEY, name TEXT)");
  await database.query("CREATE TABLE z_last (a INT)");
  await database.query("CREATE VIEW order_names AS SELECT name FROM orders");
  await database.query("INSERT INTO orders SELECT 1, seq, 'x' FROM seq_1_to_1000");
  await database.query("ANALYZE TABLE orders");
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  await sluice.register("shop", "mysql", database.source);
  const { tablestore, oss } = sluice.cloud.endpoints;
  await sluice.register("tables", "ots", { endpoint: tablestore, instanceName: "shop", accessId, accessKey });
  await sluice.register("lake", "oss", { endpoint: oss, bucket: "lake", accessId, accessKey });
  await sluice.register("rows", "stream", {});
  await sluice.tables().createTable({
    tableMeta: {
      tableName: "events",
      primaryKey: [{ name: "id", type: "INTEGER" }],
      definedColumn: [{ name: "city", type: 4 }],
    },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  } as never);
  const bucket = await sluice.bucket("lake");
  for (const name of ["in/a.csv", "in/b.csv", "out/c.csv"]) await bucket.put(name, Buffer.from("1,2"));
});
afterAll(async () => {
  await database.drop();
  await sluice.close();
});

const names = (body: { items: { name: string }[] }) => body.items.map(({ name }) => name);
const get = async (path: string) => (await sluice.call("GET", `/v1/data-sources/${path}`)).body;

describe("the catalog of a MySQL data source", () => {
  it("lists tables and views with estimates, by page and by search", async () => {
    const first = await get("shop/tables?limit=2");
    expect(names(first)).toEqual(["Customers", "order_names"]);
    const second = await get(`shop/tables?limit=2&page=${first.nextPage}`);
    expect(names(second)).toEqual(["orders", "z_last"]);
    expect(second.nextPage).toBeNull();
    expect(second.items[0]).toMatchObject({ kind: "table", rows: 1000 });
    expect(first.items[1].kind).toBe("view");
    expect(names(await get("shop/tables?search=ORDER"))).toEqual(["order_names", "orders"]);
    expect(names(await get(`shop/tables?search=${encodeURIComponent("'%_\\")}`))).toEqual([]);
  });

  it("describes columns with their types and keys", async () => {
    const { columns } = await get("shop/tables/orders");
    expect(columns).toEqual([
      { name: "shop", type: "long", declared: expect.stringMatching(/^int/), nullable: false, key: 1 },
      { name: "id", type: "long", declared: expect.stringMatching(/^bigint/), nullable: false, key: 2 },
      { name: "name", type: "string", declared: "varchar(20)", nullable: false, key: null },
    ]);
    expect(await sluice.call("GET", "/v1/data-sources/shop/tables/nothing")).toMatchObject({
      status: 400,
      body: { code: "SOURCE_OBJECT_MISSING" },
    });
  });
});

describe("other catalogs", () => {
  it("know Tablestore's tables and declared columns, and the objects of a bucket", async () => {
    expect(names(await get("tables/tables"))).toEqual(["events"]);
    expect((await get("tables/tables/events")).columns).toMatchObject([
      { name: "id", type: "long", key: 1 },
      { name: "city", type: "string", key: null },
    ]);
    const first = await get("lake/tables?search=in/&limit=1");
    expect(first.items).toMatchObject([{ name: "in/a.csv", kind: "object", bytes: 3 }]);
    expect(names(await get(`lake/tables?search=in/&limit=1&page=${encodeURIComponent(first.nextPage)}`))).toEqual([
      "in/b.csv",
    ]);
  });

  it("say so where there is nothing to look into", async () => {
    for (const path of ["rows/tables", "lake/tables/in%2Fa.csv"])
      expect(await get(path)).toMatchObject({ code: "UNSUPPORTED" });
  });
});

describe("a template about real tables", () => {
  it("names their columns and is a job that validates", async () => {
    const query = "readerSource=shop&readerTable=Customers&writerSource=tables&writerTable=events";
    const { body } = await sluice.call("GET", `/v1/templates/mysql/ots?${query}`);
    const [reader, writer] = JSON.parse(body.script).steps;
    expect(reader.parameter).toMatchObject({
      ...{ datasource: "shop", table: ["Customers"], column: ["id", "name"], splitPk: "id" },
    });
    expect(writer.parameter).toMatchObject({
      ...{ datasource: "tables", table: "events", primaryKey: [{ name: "id", type: "INT" }] },
      column: [{ name: "city", type: "STRING" }],
    });
    expect((await sluice.call("POST", "/v1/validate", { script: body.script })).status).toBe(200);
    const wrong = await sluice.call("GET", "/v1/templates/mysql/ots?readerSource=lake");
    expect(wrong).toMatchObject({ status: 400, body: { path: "readerSource" } });
  });
});
