import type OSS from "ali-oss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { type ScratchSqlserver, scratchSqlserver } from "../servers/scratch-sqlserver.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
let mysql: ScratchDatabase;
let server: ScratchSqlserver;
let files: OSS;

beforeAll(async () => {
  [sluice, mysql, server] = await Promise.all([startSluice(), scratchDatabase(), scratchSqlserver()]);
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  files = await sluice.bucket("shop");
  await sluice.register("mysql", "mysql", mysql.source);
  await sluice.register("mssql", "sqlserver", server.source);
  await sluice.register("files", "oss", { endpoint: sluice.cloud.endpoints.oss, bucket: "shop", accessId, accessKey });
});
afterAll(async () => {
  await sluice.close();
  await Promise.all([mysql.drop(), server.close()]);
});

const all = { column: ["*"] };

describe("SQL Server", () => {
  it("takes what MySQL has, gives it back the same, and writes it into files", async () => {
    const body =
      "(id BIGINT PRIMARY KEY, amount DECIMAL(38,10), at DATETIME(6), day DATE, note VARCHAR(200), raw BLOB)";
    await mysql.query(`CREATE TABLE orders ${body}`);
    await mysql.query(`CREATE TABLE orders_back ${body}`);
    await mysql.query(
      "INSERT INTO orders SELECT seq, seq * 12345678901234.5678901234, '2024-01-01' + INTERVAL seq SECOND, '2024-02-29', CONCAT('note ', seq, ' 你好 🦥'), UNHEX(MD5(seq)) FROM seq_1_to_3000",
    );
    await server.run(
      "CREATE TABLE orders (id bigint PRIMARY KEY, amount decimal(38,10), at datetime2(6), day date, note nvarchar(200), raw varbinary(max))",
    );
    const there = await sluice.run(
      job(
        ["mysql", { datasource: "mysql", table: "orders", ...all }],
        ["sqlserver", { datasource: "mssql", table: "orders", ...all }],
      ),
    );
    expect(there.run).toMatchObject({ state: "succeeded", delivery: "ledger", counters: { written: 3_000, dirty: 0 } });
    const back = await sluice.run(
      job(
        ["sqlserver", { datasource: "mssql", table: "dbo.orders", ...all }],
        ["mysql", { datasource: "mysql", table: "orders_back", ...all }],
      ),
    );
    expect(back.run).toMatchObject({ state: "succeeded", counters: { written: 3_000, dirty: 0 } });
    expect(back.splits.length).toBeGreaterThan(2);
    const different =
      "SELECT COUNT(*) FROM orders a LEFT JOIN orders_back b ON a.id = b.id AND a.amount <=> b.amount AND a.at <=> b.at AND a.day <=> b.day AND a.note <=> b.note AND a.raw <=> b.raw WHERE b.id IS NULL";
    expect(await mysql.query(different)).toEqual([["0"]]);
    const file = {
      datasource: "files",
      object: "orders",
      fileFormat: "csv",
      fieldDelimiter: ",",
      writeMode: "truncate",
    };
    const out = await sluice.run(
      job(
        [
          "sqlserver",
          { datasource: "mssql", querySql: "SELECT id, amount, note FROM orders WHERE id <= 2 ORDER BY id" },
        ],
        ["oss", file],
      ),
    );
    expect(out.run).toMatchObject({ state: "succeeded", delivery: "publish", counters: { written: 2, dirty: 0 } });
    const [object] = (await files.list({ prefix: "orders", "max-keys": 9 }, {})).objects ?? [];
    const { content } = await files.get(object?.name ?? "");
    expect(String(content).trim().split("\n")).toEqual([
      "1,12345678901234.5678901234,note 1 你好 🦥",
      "2,24691357802469.1357802468,note 2 你好 🦥",
    ]);
  });

  it("runs a DataX job as it is", async () => {
    await server.run("CREATE TABLE datax_in (id int PRIMARY KEY, name nvarchar(20))");
    await server.run("INSERT INTO datax_in VALUES (1, N'a'), (2, N'b'), (3, N'c')");
    await server.run("CREATE TABLE datax_out (id int PRIMARY KEY, name nvarchar(20))");
    await server.run("INSERT INTO datax_out VALUES (1, N'old'), (101, N'gone')");
    const { host, port, database, username, password, properties } = server.source;
    const url = `jdbc:sqlserver://${host}:${port};DatabaseName=${database};encrypt=${properties.encrypt};trustServerCertificate=true`;
    const account = { username, password, column: ["id", "name"] };
    const reader = {
      name: "sqlserverreader",
      parameter: {
        ...account,
        splitPk: "id",
        fetchSize: 1024,
        where: "id < 3",
        connection: [{ table: ["datax_in"], jdbcUrl: [url] }],
      },
    };
    const writer = {
      name: "sqlserverwriter",
      parameter: {
        ...account,
        preSql: ["delete from @table where id > 100"],
        connection: [{ table: ["[dbo].[datax_out]"], jdbcUrl: url }],
      },
    };
    const setting = { speed: { channel: 1 }, errorLimit: { record: 1 } };
    const { run } = await sluice.run({ job: { setting, content: [{ reader, writer }] } });
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 1, dirty: 1 } });
    expect((await sluice.dirty(run.id)).map(({ reason, cells }) => [reason, ...cells])).toEqual([
      ["DUPLICATE_KEY", "1", "a"],
    ]);
    expect(await server.run("SELECT id, name FROM datax_out ORDER BY id")).toEqual([
      ["1", "old"],
      ["2", "b"],
    ]);
  });

  it("runs a DataWorks script with conflictMode as it is", async () => {
    await server.run("CREATE TABLE upserted (id int PRIMARY KEY, name nvarchar(20), note nvarchar(20))");
    await server.run("INSERT INTO upserted VALUES (1, N'old', N'kept')");
    const writer = {
      ...{
        datasource: "mssql",
        table: "upserted",
        column: ["id", "name"],
        writeMode: "upsert",
        conflictMode: "replace",
      },
      ...{ uniqueIndexColumns: [["id"]], driverVersion: "12.10", batchSize: 1024, preSql: [], postSql: [] },
    };
    const source = { datasource: "mssql", querySql: "SELECT 1 AS id, N'new' AS name UNION ALL SELECT 2, N'two'" };
    const { run } = await sluice.run(job(["sqlserver", source], ["sqlserver", writer]));
    expect(run).toMatchObject({ state: "succeeded", delivery: "idempotent", counters: { written: 2, dirty: 0 } });
    expect(await server.run("SELECT id, name, note FROM upserted ORDER BY id")).toEqual([
      ["1", "new", "kept"],
      ["2", "two", null],
    ]);
  });
});
