import type OSS from "ali-oss";
import TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MysqlServer, mysqlUrl, startMariadb, urlVariable } from "../servers/mariadb.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

// A server of its own, since its global zone changes under way.
let server: MysqlServer;
let database: ScratchDatabase;
let sluice: TestSluice;
let bucket: OSS;

const NEW_YORK = "America/New_York";
/** Half past one came twice there on 3 November 2024. */
const moments = [
  [1, "1710027000.000"],
  [2, "1730611800.123"],
  [3, "1730615400.123"],
] as const;

beforeAll(async () => {
  server = await startMariadb([], "+08:00");
  [database, sluice] = await Promise.all([scratchDatabase(mysqlUrl(server)), startSluice()]);
  bucket = await sluice.bucket("shop");
  await database.query("CREATE TABLE s (id INT PRIMARY KEY, ts TIMESTAMP(3) NULL, dt DATETIME(3) NULL)");
  for (const [id, seconds] of moments)
    await database.query(`INSERT INTO s VALUES (${id}, FROM_UNIXTIME(${seconds}), '2024-11-03 01:30:00.5')`);
  await database.query("INSERT INTO s VALUES (9, '0000-00-00 00:00:00', NULL)");
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const { oss, tablestore } = sluice.cloud.endpoints;
  await sluice.register("files", "oss", { endpoint: oss, bucket: "shop", accessId, accessKey });
  await sluice.register("tables", "ots", { endpoint: tablestore, instanceName: "shop", accessId, accessKey });
  await sluice.register("db", "mysql", database.source);
  await sluice.register("utc", "mysql", { ...database.source, timeZone: "UTC" });
  await sluice.tables().createTable({
    tableMeta: { tableName: "moments", primaryKey: [{ name: "id", type: "INTEGER" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  } as never);
  await bucket.put(
    "in/a.csv",
    Buffer.from("1,2024-03-10T07:30:00+0800,2024-03-10 07:30:00\n2,2024-03-09T23:30:00Z,2024-03-10 07:30:00\n"),
  );
  await bucket.put(
    "in/a.jsonl",
    Buffer.from('{"id":1,"t":1710027000000}\n{"id":2,"t":1730611800123}\n{"id":3,"t":1730615400123}\n'),
  );
});
afterAll(async () => {
  await sluice.close();
  await database.drop();
  await server.stop();
});

async function succeeds(script: object): Promise<string> {
  const { run } = await sluice.run(script);
  expect(run).toMatchObject({ state: "succeeded", error: null });
  return JSON.stringify(run);
}

async function target(body: string): Promise<void> {
  await database.query("DROP TABLE IF EXISTS t");
  await database.query(`CREATE TABLE t (${body})`);
}

const seconds = async (column = "ts") =>
  (await database.query(`SELECT id, UNIX_TIMESTAMP(${column}) FROM t ORDER BY id`)).map(([id, at]) => [
    Number(id),
    String(at),
  ]);
const fromTable = (column: readonly string[], more: object = {}): [string, object] => [
  "mysql",
  { datasource: "db", table: "s", column, where: "id < 9", ...more },
];
const toTable = (column: readonly string[], more: object = {}): [string, object] => [
  "mysql",
  { datasource: "db", table: "t", column, writeMode: "insert", ...more },
];

describe.skipIf(process.env[urlVariable] !== undefined).each([
  ["+08:00", "+08:00", "2024-03-10 07:30:00.000"],
  [NEW_YORK, NEW_YORK, "2024-03-09 18:30:00.000"],
  ["+00:00", "+00:00", "2024-03-09 23:30:00.000"],
])("a server in %s", (zone, serverZone, first) => {
  beforeAll(async () => {
    await database.query(`SET GLOBAL time_zone = '${zone}'`);
  });

  test("moments stay between tables, whatever zone the other side is in, and its own default shows its clock", async () => {
    for (const datasource of ["db", "utc"]) {
      await target("id INT PRIMARY KEY, ts TIMESTAMP(3) NULL, dt DATETIME(3), made DATETIME DEFAULT CURRENT_TIMESTAMP");
      await succeeds(
        job(
          fromTable(["id", "ts", "dt"], { where: "" }),
          toTable(["id", "ts", "dt"], {
            datasource,
            postSql: ["UPDATE t SET made = NULL WHERE ABS(TIMESTAMPDIFF(SECOND, made, NOW())) < 600"],
          }),
        ),
      );
      const rows = (await seconds()).filter(([id]) => id !== 9);
      expect(rows).toEqual(moments.map(([id, at]) => [id, at]));
      expect(await database.query("SELECT COUNT(*), SUM(ts = 0) FROM t WHERE made IS NULL")).toEqual([["4", "1"]]);
      expect(await database.query("SELECT DISTINCT dt FROM t WHERE dt IS NOT NULL")).toEqual([
        ["2024-11-03 01:30:00.500"],
      ]);
    }
  });

  test("moments stay in Tablestore, and a statement's as well", async () => {
    const writer: [string, object] = [
      "ots",
      {
        ...{ datasource: "tables", table: "moments", writeMode: "PutRow" },
        ...{ primaryKey: [{ name: "id", type: "INT" }], column: [{ name: "ms", type: "INT" }] },
      },
    ];
    await succeeds(job(["mysql", { datasource: "db", querySql: ["SELECT id, ts FROM s WHERE id < 9"] }], writer));
    for (const [id, at] of moments) {
      const { row } = (await sluice.tables().getRow({
        tableName: "moments",
        primaryKey: [{ id: TableStore.Long.fromNumber(id) }],
      })) as unknown as { row: { attributes: { columnValue: unknown }[] } };
      expect(String(row.attributes[0]?.columnValue)).toBe(String(Number(at) * 1000));
    }
    await target("id INT PRIMARY KEY, ts TIMESTAMP(3) NULL");
    const column = [
      { name: "id", type: "int" },
      { name: "ms", type: "int" },
    ];
    await succeeds(job(["ots", { datasource: "tables", table: "moments", column }], toTable(["id", "ts"])));
    expect(await seconds()).toEqual(moments.map(([id, at]) => [id, at]));
  });

  test("generated dates count by the clock of the workspace, and the run says so where the target is in another zone", async () => {
    await target("id INT PRIMARY KEY, ts TIMESTAMP NULL");
    const column = [
      { type: "long", value: "1" },
      { type: "date", value: "2024-03-10 07:30:00" },
    ];
    const warnings = await succeeds(job(["stream", { sliceRecordCount: 1, column }], toTable(["id", "ts"])));
    expect((await seconds()).map(([, at]) => Number(at))).toEqual([1710027000]);
    expect(/dates without an offset become moments by the clock of the reader, \+08:00/.test(warnings)).toBe(
      serverZone !== "+08:00",
    );
  });

  test("text is as the server prints it, its SQL runs in its zone, and a plan names both zones", async () => {
    const now = `CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', '${zone}')`;
    const where = `ts >= '${first}' AND ts < '${first}' + INTERVAL 1 MINUTE AND ABS(TIMESTAMPDIFF(SECOND, NOW(), ${now})) < 600`;
    const script = job(fromTable(["id", "ts"], { where }), [
      "oss",
      { datasource: "files", object: `out/${zone}`, fileFormat: "csv", writeMode: "truncate" },
    ]);
    const { body } = await sluice.call("POST", "/v1/plan", { script });
    expect(body.reader.timeZone).toEqual({ zone: serverZone, from: "the server's own" });
    expect(body.writer.timeZone).toEqual({ zone: "+08:00", from: "the workspace's default: Asia/Shanghai" });
    await succeeds(script);
    const { objects = [] } = await bucket.list({ prefix: `out/${zone}`, "max-keys": 10 }, {});
    const texts = await Promise.all(objects.map(async ({ name }) => String((await bucket.get(name)).content)));
    expect(texts.join("").trim()).toBe(`1,${first}`);
  });

  test("file cells that name a moment keep it, and texts mean what they say on the server", async () => {
    await target("id INT PRIMARY KEY, ts TIMESTAMP NULL, said TIMESTAMP NULL");
    const column = [
      { index: 0, type: "long" },
      { index: 1, type: "date", format: "yyyy-MM-dd'T'HH:mm:ss" },
      { index: 2, type: "string" },
    ];
    await succeeds(
      job(
        ["oss", { datasource: "files", object: ["in/a.csv"], fileFormat: "csv", column }],
        toTable(["id", "ts", "said"]),
      ),
    );
    expect((await seconds()).map(([, at]) => Number(at))).toEqual([1710027000, 1710027000]);
    const local = await database.query(`SELECT DISTINCT CONVERT_TZ(said, '+00:00', '${zone}') FROM t`);
    expect(local).toEqual([["2024-03-10 07:30:00"]]);
    await target("id INT PRIMARY KEY, ts TIMESTAMP(3) NULL");
    const names = [
      { name: "id", type: "long" },
      { name: "t", type: "date" },
    ];
    await succeeds(
      job(
        ["oss", { datasource: "files", object: ["in/a.jsonl"], fileFormat: "jsonl", column: names }],
        toTable(["id", "ts"]),
      ),
    );
    expect(await seconds()).toEqual(moments.map(([id, at]) => [id, at]));
  });
});
