import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job } from "../servers/sluice.js";
import { digest, type MysqlStage, openMysqlStage } from "./mysql-copies.js";
import { type OdpsPlace, openOdps } from "./odps-place.js";

let stage: MysqlStage;
let odps: OdpsPlace;
beforeAll(async () => {
  stage = await openMysqlStage();
  odps = await openOdps(stage.sluice);
  await stage.source.query(
    "CREATE TABLE orders (id BIGINT PRIMARY KEY, name VARCHAR(60), amount DECIMAL(12,2), at DATETIME(6), paid BIT(1), raw VARBINARY(20), day CHAR(8))",
  );
  await stage.source.query(
    `INSERT INTO orders SELECT seq, IF(seq % 7 = 0, NULL, CONCAT('öрder ', seq)), seq / 8, TIMESTAMP('2024-01-01') + INTERVAL seq * 1001 MICROSECOND,
     seq % 2, UNHEX(LPAD(HEX(seq), 10, '0')), CONCAT('day', LPAD(seq % 200, 3, '0')) FROM seq_1_to_20000`,
  );
});
afterAll(() => stage.close());

const columns = "id bigint, name string, amount decimal(12,2), at timestamp, paid boolean, raw binary, day string";
const names = ["id", "name", "amount", "at", "paid", "raw", "day"];
const fromMysql = ["mysql", { datasource: "source", table: "orders", column: names, splitPk: "id" }] as const;

async function made(table: string, partitions = "", list = columns): Promise<void> {
  await odps.sql(`drop table if exists ${table}`);
  await odps.sql(`create table ${table} (${list}) ${partitions}`);
}

describe("MaxCompute", () => {
  it("takes a table into a partition and gives it back, value for value", async () => {
    await made("there", "partitioned by (pt string, hh string)");
    await stage.target.query(
      "CREATE TABLE orders (id BIGINT PRIMARY KEY, name VARCHAR(60), amount DECIMAL(12,2), at DATETIME(6), paid BIT(1), raw VARBINARY(20), day CHAR(8))",
    );
    const write = { datasource: "mc", table: "THERE", partition: "pt=${bizdate},hh=00", truncate: true, column: ["*"] };
    for (const _ of [1, 2]) {
      const { run } = await stage.sluice.run(job([...fromMysql], ["odps", write], { speed: { concurrent: 2 } }), {
        bizdate: "20240229",
      });
      expect(run).toMatchObject({ state: "succeeded", delivery: "publish", counters: { written: 20_000, dirty: 0 } });
      expect(await odps.count("there", "pt = '20240229' and hh = '00'")).toBe(20_000);
    }
    const read = { datasource: "mc", table: "there", partition: ["pt=2024*,hh=?0"], column: names };
    const { run, splits } = await stage.sluice.run(
      job(["odps", read], ["mysql", { datasource: "target", table: "orders", column: ["*"] }], {
        speed: { concurrent: 2 },
      }),
    );
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 20_000, written: 20_000, dirty: 0 } });
    expect(splits.length).toBeGreaterThan(1);
    expect(await digest(stage.target, "orders")).toBe(await digest(stage.source, "orders"));
  });

  it("adds without truncate, and a failed run leaves nothing", async () => {
    await made("added", "", "id bigint, name varchar(5)");
    const write = { datasource: "mc", table: "added", truncate: "false", column: ["id", "name"] };
    const read = (where: string) =>
      ["mysql", { datasource: "source", table: "orders", column: ["id", "day"], where }] as const;
    const failed = await stage.sluice.run(job([...read("id < 100")], ["odps", write], { errorLimit: { record: "0" } }));
    expect(failed.run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" } });
    expect(await odps.count("added")).toBe(0);
    await odps.sql("drop table added");
    await made("added", "", "id bigint, name varchar(8)");
    for (const where of ["id <= 50", "id > 50 AND id <= 60"])
      await stage.sluice.run(job([...read(where)], ["odps", write]));
    expect(await odps.count("added")).toBe(60);
  });

  it("fills 200 partitions that records tell, in one run, and replaces only these", async () => {
    await made("daily", "partitioned by (day string)", "id bigint, name string");
    await odps.sql("alter table daily add partition (day='before')");
    const column = ["id", "name", "day"];
    const write = { datasource: "mc", table: "daily", truncate: true, column };
    // One split: each split has a session per partition, and a table 500 of them in five minutes.
    const querySql = ["SELECT id, name, day FROM orders"];
    const script = job(["mysql", { datasource: "source", querySql }], ["odps", write]);
    for (const _ of [1, 2]) {
      const { run } = await stage.sluice.run(script);
      expect(run).toMatchObject({ state: "succeeded", counters: { written: 20_000 } });
    }
    expect((await odps.sql("show partitions daily")).split("\n")).toHaveLength(201);
    expect(await odps.count("daily")).toBe(20_000);
    expect(await odps.rows("daily", "day=day007")).toHaveLength(100);
  });

  it("makes days of moments for the partition's name, as DataX's partitionColumnMapping has them", async () => {
    await made("by_day", "partitioned by (pt string)", "id bigint");
    const write = {
      ...{ datasource: "mc", table: "by_day", truncate: true, column: ["id", "pt"], supportDynamicPartition: true },
      partitionColumnMapping: [{ name: "pt", srcDateFormat: "yyyy-MM-dd HH:mm:ss", dateFormat: "yyyyMMdd" }],
    };
    const querySql = [
      "SELECT 1, TIMESTAMP('2024-02-29 23:59:59') UNION SELECT 2, TIMESTAMP('2024-03-01 00:00:00') UNION SELECT 3, TIMESTAMP('2024-03-01')",
    ];
    const { run } = await stage.sluice.run(job(["mysql", { datasource: "source", querySql }], ["odps", write]));
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 3 } });
    expect((await odps.sql("show partitions by_day")).split("\n")).toEqual(["pt=20240229", "pt=20240301"]);
    expect(await odps.rows("by_day", "pt=20240301")).toHaveLength(2);
  });

  it("leaves NULL what a narrower reader has nothing for, and says so", async () => {
    await made("narrow", "", "id bigint, name string, note string");
    const write = { datasource: "mc", table: "narrow", truncate: true, column: ["*"] };
    const read = (column: string[]) =>
      ["mysql", { datasource: "source", table: "orders", column, where: "id = 1" }] as const;
    const { run } = await stage.sluice.run(job([...read(["id", "name"])], ["odps", write]));
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 1 } });
    expect(JSON.stringify(run.warnings)).toContain("1 column of sluice_dev.narrow stay NULL: note");
    expect(await odps.rows("narrow")).toEqual([[1n, Buffer.from("öрder 1"), null]]);
    const wider = await stage.sluice.run(job([...read(["id", "name", "day", "paid"])], ["odps", write]));
    expect(wider.run).toMatchObject({ state: "failed", error: { code: "CONFIG_INVALID" } });
    expect(wider.run.error?.message).toMatch(/reader gives 4 columns.*the writer takes 3/);
    const named = { ...write, column: ["id", "name", "note"] };
    expect((await stage.sluice.run(job([...read(["id"])], ["odps", named]))).run).toMatchObject({ state: "succeeded" });
    await made("narrow_day", "partitioned by (pt string)", "id bigint, must string not null");
    const late = await stage.sluice.run(
      job([...read(["id", "name"])], ["odps", { ...write, table: "narrow_day", column: ["id", "must", "pt"] }]),
    );
    expect(late.run.error?.message).toMatch(/pt tells the partition, and the reader gives 2 columns only/);
    const must = await stage.sluice.run(
      job([...read(["id"])], ["odps", { ...write, table: "narrow_day", column: ["id", "must"], partition: "pt=1" }]),
    );
    expect(must.run.error?.message).toMatch(/must takes no NULL and is not written/);
  });

  it("runs a reader's statements before it looks at the table, and when all is written", async () => {
    const read = {
      ...{ datasource: "mc", table: "prepared", column: ["id"] },
      preSql: ["drop table if exists prepared", "create table prepared (id bigint)"],
      postSql: ["drop table prepared", "create table prepared_done (id bigint)"],
    };
    const script = job(["odps", read], ["stream", { print: false }]);
    expect((await stage.sluice.run(script)).run).toMatchObject({ state: "succeeded", counters: { read: 0 } });
    expect(await odps.count("prepared_done")).toBe(0);
    await expect(odps.count("prepared")).rejects.toThrow("Table not found");
    const broken = job(["odps", { ...read, preSql: ["drop table nobody_has_it"] }], ["stream", { print: false }]);
    const { run } = await stage.sluice.run(broken);
    expect(run.error?.message).toMatch(/preSql\[0\]/);
  });

  it("moves between OSS, Tablestore and MaxCompute", async () => {
    const bucket = await stage.sluice.bucket("lake");
    const { accessKeyId: accessId, accessKeySecret: accessKey } = stage.sluice.cloud.credentials;
    const { oss, tablestore } = stage.sluice.cloud.endpoints;
    await stage.sluice.register("lake", "oss", { endpoint: oss, bucket: "lake", accessId, accessKey });
    await stage.sluice.register("shop", "ots", { endpoint: tablestore, instanceName: "shop", accessId, accessKey });
    const tables = stage.sluice.tables();
    await tables.createTable({
      tableMeta: { tableName: "orders", primaryKey: [{ name: "id", type: "INTEGER" }] },
      tableOptions: { timeToLive: -1, maxVersions: 1 },
      reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    });
    const lines = Array.from({ length: 500 }, (_, i) => `${i},name ${i},2024-02-29 12:00:0${i % 10}`);
    await bucket.put("in/rows.csv", Buffer.from(`${lines.join("\n")}\n`));
    await made("via", "", "id bigint, name string, at datetime");
    await made("back", "", "id bigint, name string, at datetime");
    const typed = ["long", "string", "date"].map((type, index) => ({ index, type }));
    const via = { datasource: "mc", table: "via", truncate: true, column: ["*"] };
    const steps = [
      job(["oss", { datasource: "lake", object: "in/rows.csv", column: typed }], ["odps", via]),
      job(
        ["odps", { datasource: "mc", table: "via", column: ["id", "name", "at"] }],
        [
          "ots",
          {
            ...{ datasource: "shop", table: "orders", writeMode: "PutRow" },
            primaryKey: [{ name: "id", type: "int" }],
            column: ["name", "at"].map((name) => ({ name, type: "string" })),
          },
        ],
      ),
      job(
        ["ots", { datasource: "shop", table: "orders", column: ["id", "name", "at"] }],
        ["odps", { ...via, table: "back" }],
      ),
      job(
        ["odps", { datasource: "mc", table: "back", column: ["*"] }],
        ["oss", { datasource: "lake", object: "out/rows", fileFormat: "csv" }],
      ),
    ];
    for (const script of steps)
      expect((await stage.sluice.run(script)).run).toMatchObject({
        state: "succeeded",
        counters: { written: 500, dirty: 0 },
      });
    const { objects = [] } = await bucket.listV2({ prefix: "out/rows", "max-keys": "100" }, {});
    const texts = await Promise.all((objects ?? []).map(async ({ name }) => String((await bucket.get(name)).content)));
    expect(
      texts
        .join("")
        .split("\n")
        .filter((line) => line !== "")
        .sort(),
    ).toEqual([...lines].sort());
  });

  it("reads what a condition selects, with keys of partitions and constants among the columns", async () => {
    await made("chosen", "partitioned by (pt string)", "id bigint, name string");
    const write = { datasource: "mc", table: "chosen", truncate: true, column: ["id", "name", "pt"] };
    await stage.sluice.run(
      job(
        ["mysql", { datasource: "source", table: "orders", column: ["id", "name", "day"], where: "id <= 400" }],
        ["odps", write],
      ),
    );
    await stage.target.query("CREATE TABLE chosen (id BIGINT, pt VARCHAR(20), mark VARCHAR(9))");
    const target = ["mysql", { datasource: "target", table: "chosen", column: ["*"] }] as const;
    const read = (more: object) =>
      ["odps", { datasource: "mc", table: "chosen", column: ["id", "pt", "'x'"], ...more }] as const;
    const { run } = await stage.sluice.run(
      job([...read({ where: "id between 10 and 19 and name is not null" })], [...target]),
    );
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 9 } });
    const second = await stage.sluice.run(
      job([...read({ partition: "/*query*/ pt in ('day001', 'day002') or pt > 'day198'" })], [...target]),
    );
    expect(second.run).toMatchObject({ state: "succeeded", counters: { written: 6 } });
    const rows = await stage.target.query("SELECT DISTINCT pt, mark FROM chosen ORDER BY pt");
    expect(rows.map(String)).toContain("day199,x");
    const none = await stage.sluice.run(job([...read({ partition: "pt=1999*" })], [...target]));
    expect(none.run).toMatchObject({ state: "failed", error: { code: "SOURCE_OBJECT_MISSING" } });
  });

  it("runs DataX jobs as they are, and refuses what it cannot do with the reason", async () => {
    await made("datax", "partitioned by (pt string)", "id bigint, name string");
    const { endpoint: odpsServer, project, accessId, accessKey } = odps.properties;
    const connection = {
      project,
      accessId,
      accessKey,
      odpsServer,
      tunnelServer: odpsServer.replace(/\/api$/, ""),
      accountType: "aliyun",
    };
    const datax = (reader: object, writer: object) => ({
      job: { setting: { speed: { channel: 1 } }, content: [{ reader, writer }] },
    });
    const stream = {
      name: "streamreader",
      parameter: {
        sliceRecordCount: 10,
        column: [
          { type: "long", value: 7 },
          { type: "string", value: "seven" },
        ],
      },
    };
    const writer = {
      name: "odpswriter",
      parameter: {
        ...connection,
        table: "datax",
        partition: "pt='1'",
        column: ["id", "name"],
        truncate: true,
        isCompress: "true",
      },
    };
    expect((await stage.sluice.run(datax(stream, writer))).run).toMatchObject({
      state: "succeeded",
      counters: { written: 10 },
    });
    const parameter = {
      ...connection,
      table: "datax",
      partition: ["pt=1"],
      column: ["*"],
      splitMode: "record",
      isCompress: "true",
    };
    const { run } = await stage.sluice.run(
      datax({ name: "odpsreader", parameter }, { name: "streamwriter", parameter: { print: false } }),
    );
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 10 } });
    const refused = datax(
      { name: "odpsreader", parameter: { ...parameter, packageAuthorizedProject: "other" } },
      { name: "streamwriter", parameter: {} },
    );
    const { status, body } = await stage.sluice.call("POST", "/v1/runs", { script: refused });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("a package's table is read or written as the project that owns it");
  });

  it("moves 1,000 columns, and a value of 8 MB", async () => {
    const list = Array.from({ length: 1000 }, (_, i) => `c${i}`);
    await made("wide", "", list.map((name, i) => `${name} ${i % 2 ? "string" : "bigint"}`).join(", "));
    const column = list.map((_, i) => (i % 2 ? { type: "string", value: `v${i}` } : { type: "long", value: i }));
    const write = { datasource: "mc", table: "wide", truncate: true, column: ["*"] };
    const { run } = await stage.sluice.run(
      job(["stream", { sliceRecordCount: 20, column }], ["odps", write], { speed: { concurrent: 1 } }),
    );
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 20 } });
    expect((await odps.rows("wide"))[19]?.slice(997)).toEqual([Buffer.from("v997"), 998n, Buffer.from("v999")]);
    await made("long", "", "id bigint, text string");
    const bucket = await stage.sluice.bucket("long");
    const { accessKeyId: accessId, accessKeySecret: accessKey } = stage.sluice.cloud.credentials;
    await stage.sluice.register("long", "oss", {
      endpoint: stage.sluice.cloud.endpoints.oss,
      bucket: "long",
      accessId,
      accessKey,
    });
    const cell = (length: number) => "é".repeat(length / 2);
    await bucket.put("in.csv", Buffer.from(`1,${cell(8 * 1024 * 1024)}\n2,${cell(8 * 1024 * 1024 + 2)}\n`));
    const typed = ["long", "string"].map((type, index) => ({ index, type }));
    const ended = await stage.sluice.run(
      job(
        ["oss", { datasource: "long", object: "in.csv", fileFormat: "csv", column: typed }],
        ["odps", { ...write, table: "long" }],
        { errorLimit: { record: "1" } },
      ),
    );
    expect(ended.run).toMatchObject({ state: "succeeded", counters: { written: 1, dirty: 1 } });
    expect(await stage.sluice.dirty(ended.run.id)).toMatchObject([{ reason: "TOO_LONG", column: "text" }]);
    const [row] = await odps.rows("long");
    expect((row?.[1] as Buffer).length).toBe(8 * 1024 * 1024);
  });

  it("runs statements before and after, lists tables, and plans without beginning a session", async () => {
    const write = {
      ...{ datasource: "mc", table: "stated", truncate: false, column: ["id"] },
      preSql: ["drop table if exists stated", "create table stated (id bigint)"],
      postSql: ["drop table if exists stated_done", "create table stated_done (id bigint)"],
    };
    await made("stated", "", "id bigint");
    const script = job(
      ["mysql", { datasource: "source", table: "orders", column: ["id"], where: "id < 10" }],
      ["odps", write],
    );
    expect((await stage.sluice.run(script)).run).toMatchObject({ state: "succeeded", counters: { written: 9 } });
    expect(await odps.count("stated_done")).toBe(0);
    const tables = await stage.sluice.call("GET", "/v1/data-sources/mc/tables?search=stated");
    expect(tables.body.items.map(({ name }: { name: string }) => name)).toEqual(["stated", "stated_done"]);
    const read = job(
      ["odps", { datasource: "mc", table: "stated", column: ["*"] }],
      ["odps", { ...write, preSql: [], postSql: [] }],
    );
    const sessions = () => stage.sluice.cloud.calls().filter(({ operation }) => /Begin/.test(operation)).length;
    const before = sessions();
    const { status, body } = await stage.sluice.call("POST", "/v1/plan", { script: read });
    expect([status, body.writer?.type, sessions() - before]).toEqual([200, "odps", 0]);
  });
});
