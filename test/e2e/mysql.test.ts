import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sequence } from "../servers/sequence.js";
import { fresh } from "./fresh.js";
import { copy, count, digest, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
});
afterAll(() => stage.close());

describe("MySQL to MySQL", () => {
  it("carries many rows, five splits a shard, every row once", async () => {
    const { sluice, source, target, inBoth } = stage;
    await inBoth("many", "(id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL, amount DECIMAL(12,2), at DATETIME(3))");
    await source.query(
      "INSERT INTO many SELECT seq, CONCAT('name ', seq), seq / 7, '2024-01-01' + INTERVAL seq SECOND FROM seq_1_to_250000",
    );
    await target.query("DROP TABLE IF EXISTS sluice_ledger");
    const { run, splits } = await sluice.run(copy("many"));
    expect(run).toMatchObject({
      state: "succeeded",
      delivery: "ledger",
      counters: { read: 250_000, written: 250_000, dirty: 0 },
    });
    expect(splits.length).toBeGreaterThanOrEqual(10);
    expect(await digest(target, "many")).toBe(await digest(source, "many"));
    expect(await count(target, "sluice_ledger")).toBe(0);
  });

  it("brings every kind of column unchanged", async () => {
    const { sluice, source, target, inBoth } = stage;
    await inBoth(
      "kinds",
      `(id INT PRIMARY KEY, ub BIGINT UNSIGNED, d DECIMAL(38,10), dt DATETIME(6), ts TIMESTAMP(6) NULL, t TIME(6), y YEAR,
        b1 BIT(1), b BIT(13), bl BLOB, tx TEXT CHARACTER SET utf8mb4, j JSON, z DATETIME, zd DATE, e ENUM('a','ö'), s SET('x','y'),
        f FLOAT, db DOUBLE, vb VARBINARY(300), c CHAR(4))`,
    );
    const allBytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const rows = [
      [
        1,
        "18446744073709551615",
        "-9999999999999999999999999999.0123456789",
        "9999-12-31 23:59:59.999999",
        "2038-01-19 03:14:07.999999",
        "-838:59:59.000000",
        2155,
        1,
        8191,
        allBytes,
        "emoji 😀 tab\t nl\n back\\slash",
        '{"a": [1, "ü"]}',
        "0000-00-00 00:00:00",
        "0000-00-00",
        "ö",
        "x,y",
        1.5,
        0.1,
        allBytes,
        "ab",
      ],
      [2, ...Array.from({ length: 19 }, () => null)],
      [
        3,
        "0",
        "0.0000000001",
        "1000-01-01 00:00:00.000001",
        "1970-01-01 00:00:01.000000",
        "838:59:59.000000",
        1901,
        0,
        0,
        Buffer.alloc(0),
        "",
        "null",
        "2024-02-29 00:00:00",
        "0001-01-01",
        "a",
        "",
        -0.25,
        1e300,
        Buffer.from([0, 92, 10, 9, 13, 26, 39, 34]),
        "",
      ],
      [
        4,
        "9007199254740993",
        "1.0000000000",
        "2024-01-01 00:00:00.000000",
        null,
        "00:00:00.000001",
        2000,
        1,
        4096,
        Buffer.from("\\N"),
        "\\N",
        '"\\\\N"',
        "0000-00-00 00:00:00",
        "2024-12-31",
        "a",
        "x",
        3.25,
        -1e-300,
        Buffer.from("\\N"),
        "\\N",
      ],
    ];
    await source.query("SET sql_mode = ''");
    for (const row of rows) await source.query(`INSERT INTO kinds VALUES (${row.map(() => "?").join(",")})`, row);
    const { run } = await sluice.run(copy("kinds"));
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 4, written: 4, dirty: 0 } });
    expect(await target.query("SELECT * FROM kinds ORDER BY id")).toEqual(
      await source.query("SELECT * FROM kinds ORDER BY id"),
    );
    expect(await digest(target, "kinds")).toBe(await digest(source, "kinds"));
  });

  it("cancels long before the end and leaves no query running on the source", async () => {
    const { sluice, source, target } = stage;
    await remake(target, "slow", "(id BIGINT PRIMARY KEY)");
    const id = await sluice.start({
      script: copy(
        "slow",
        {},
        { table: undefined, column: undefined, querySql: [`SELECT seq + SLEEP(0.001) FROM ${sequence(1e8)}`] },
      ),
    });
    const queries = async () =>
      (
        await source.query(
          "SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT seq + SLEEP(0.001) FROM%' AND INFO NOT LIKE '%PROCESSLIST%'",
        )
      ).length;
    await expect.poll(queries).toBe(1);
    await sluice.call("POST", `/v1/runs/${id}/cancel`);
    // The query alone takes more than a day.
    const { run } = await sluice.ended(id);
    expect(run.state).toBe("cancelled");
    await expect.poll(queries).toBe(0);
  });

  it("runs preSql before the first and postSql after the last record, each once", async () => {
    const { sluice, source, target, inBoth } = stage;
    await inBoth("hooked", "(id INT PRIMARY KEY)");
    await source.query("INSERT INTO hooked SELECT seq FROM seq_1_to_5000");
    await remake(target, "hooks", "(what VARCHAR(20), seen INT)");
    await target.query("INSERT INTO hooked VALUES (1)");
    const { run } = await sluice.run(
      copy(
        "hooked",
        {},
        {},
        {
          preSql: ["DELETE FROM @table", "INSERT INTO hooks SELECT 'pre', COUNT(*) FROM @table"],
          postSql: "INSERT INTO hooks SELECT 'post', COUNT(*) FROM @table",
        },
      ),
    );
    expect(run.state).toBe("succeeded");
    expect(await target.query("SELECT * FROM hooks ORDER BY seen")).toEqual([
      ["pre", "0"],
      ["post", "5000"],
    ]);
  });

  it("shows a plan and moves nothing", async () => {
    const { sluice, source, target, inBoth } = stage;
    await inBoth("planned", "(id INT PRIMARY KEY, name VARCHAR(10))");
    await source.query("INSERT INTO planned SELECT seq, 'x' FROM seq_1_to_50000");
    const { status, body } = await sluice.call("POST", "/v1/plan", { script: copy("planned") });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      delivery: "ledger",
      concurrent: 2,
      reader: { type: "mysql", dataSources: ["source"] },
    });
    expect(body.splits[0].describe).toMatch(/^SELECT .* FROM .*planned/);
    expect(body.mapping.map((pair: { from: string; to: string }) => [pair.from, pair.to])).toEqual([
      ["id", "id"],
      ["name", "name"],
    ]);
    expect(await count(target, "planned")).toBe(0);
  });

  it("upserts in update mode, narrowed by updateColumn, and replaces in replace mode", async () => {
    const { sluice, source, target, inBoth } = stage;
    await inBoth("upserted", "(id INT PRIMARY KEY, a VARCHAR(9), b VARCHAR(9))");
    await source.query("INSERT INTO upserted VALUES (1, 'new', 'new'), (2, 'new', 'new')");
    await target.query("INSERT INTO upserted VALUES (1, 'old', 'old')");
    const update = await sluice.run(copy("upserted", {}, {}, { writeMode: "update", updateColumn: ["a"] }));
    expect(update.run).toMatchObject({ state: "succeeded", delivery: "idempotent" });
    expect(await target.query("SELECT * FROM upserted ORDER BY id")).toEqual([
      ["1", "new", "old"],
      ["2", "new", "new"],
    ]);
    await sluice.run(copy("upserted", {}, {}, { writeMode: "replace" }));
    expect(await target.query("SELECT * FROM upserted ORDER BY id")).toEqual([
      ["1", "new", "new"],
      ["2", "new", "new"],
    ]);
  });

  it("says what to do when the password is wrong, the table is missing, or the widths differ", async () => {
    const { sluice, source } = stage;
    await remake(source, "lonely", "(id INT PRIMARY KEY, a INT)");
    await stage.target.query("DROP TABLE IF EXISTS lonely");
    const datasource = fresh("locked");
    await sluice.register(datasource, "mysql", { ...source.source, password: "not-the-password" });
    const locked = await sluice.run(copy("lonely", {}, { datasource }));
    expect(locked.run).toMatchObject({ state: "failed", error: { code: "ACCESS_DENIED" } });
    expect(JSON.stringify(locked)).not.toContain("not-the-password");
    const missing = await sluice.run(copy("lonely"));
    expect(missing.run).toMatchObject({
      state: "failed",
      error: { code: "SOURCE_OBJECT_MISSING", message: expect.stringContaining("lonely") },
    });
    await remake(stage.target, "lonely", "(id INT PRIMARY KEY)");
    const wide = await sluice.run(copy("lonely"));
    expect(wide.run).toMatchObject({
      state: "failed",
      error: { code: "CONFIG_INVALID", message: expect.stringContaining("2 columns (id, a)") },
    });
  });

  it("runs a DataX job with inline connections, and keeps its password to itself", async () => {
    const { sluice, source, target, inBoth } = stage;
    await inBoth("datax", "(id INT PRIMARY KEY)");
    await source.query("INSERT INTO datax SELECT seq FROM seq_1_to_100");
    const side = (database: typeof source, url: (text: string) => unknown) => ({
      username: database.source.username,
      password: database.source.password,
      column: ["*"],
      connection: [
        {
          jdbcUrl: url(`jdbc:mysql://${database.source.host}:${database.source.port}/${database.name}?useSSL=false`),
          table: ["datax"],
        },
      ],
    });
    const script = {
      job: {
        setting: { speed: { channel: 1 }, errorLimit: { record: 0 } },
        content: [
          {
            reader: { name: "mysqlreader", parameter: side(source, (url) => [url]) },
            writer: { name: "mysqlwriter", parameter: { ...side(target, (url) => url), writeMode: "insert" } },
          },
        ],
      },
    };
    const { run } = await sluice.run(script);
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 100 } });
    expect(sluice.logs.join("\n")).not.toContain(source.source.password);
  });
});
