import TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { digest, remake } from "./mysql-copies.js";

let sluice: TestSluice;
let mysql: ScratchDatabase;
let pg: ScratchPostgres;

beforeAll(async () => {
  [sluice, mysql, pg] = await Promise.all([startSluice(), scratchDatabase(), scratchPostgres()]);
  await pg.query(`SET ROLE ${pg.source.username}`);
  const { accessKeyId, accessKeySecret } = sluice.cloud.credentials;
  const { endpoints } = sluice.cloud;
  const keys = { accessId: accessKeyId, accessKey: accessKeySecret };
  await sluice.bucket("shop");
  await sluice.register("mysql", "mysql", mysql.source);
  await sluice.register("pg", "postgresql", pg.source);
  await sluice.register("files", "oss", { endpoint: endpoints.oss, bucket: "shop", ...keys });
  await sluice.register("tables", "ots", { endpoint: endpoints.tablestore, instanceName: "shop", ...keys });
});
afterAll(async () => {
  await sluice.close();
  await Promise.all([mysql.drop(), pg.drop()]);
});

const setting = { speed: { concurrent: 2 } };
const all = { column: ["*"] };
const ofPg = (table: string, more: object = {}): [string, object] => [
  "postgresql",
  { datasource: "pg", table, ...all, ...more },
];
const ofMysql = (table: string, more: object = {}): [string, object] => [
  "mysql",
  { datasource: "mysql", table, ...all, ...more },
];

/** All rows of a table of PostgreSQL as the server prints them, in one digest. */
async function digestOf(table: string): Promise<string | null | undefined> {
  const rows = await pg.texts(`SELECT count(*) || md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM ${table} t`);
  return rows[0]?.[0];
}

describe("PostgreSQL", () => {
  it("takes all that MySQL has, and gives it back the same", async () => {
    const body = `(id BIGINT PRIMARY KEY, ub BIGINT UNSIGNED, d DECIMAL(38,10), dt DATETIME(6), ts TIMESTAMP(6) NULL, t TIME(6), y YEAR,
      b1 BIT(1), b BIT(13), bl BLOB, tx TEXT, j JSON, da DATE, e ENUM('a','ö'), f FLOAT, db DOUBLE, c CHAR(4))`;
    await remake(mysql, "kinds", body);
    await remake(mysql, "kinds_back", body);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    await mysql.connection.query("INSERT INTO kinds VALUES ?", [
      [
        [
          1,
          "18446744073709551615",
          "-9999999999999999999999999999.0123456789",
          "9999-12-31 23:59:59.999999",
          "2038-01-19 03:14:07.999999",
          "23:59:59.999999",
          2155,
          1,
          8191,
          bytes,
          "emoji 😀 tab\t nl\n cr\r back\\slash \\N",
          '{"a": [1, "ü"]}',
          "1000-01-01",
          "ö",
          1.5,
          0.1,
          "ab",
        ],
        [2, ...Array.from({ length: 16 }, () => null)],
        [
          3,
          "0",
          "0.0000000001",
          "1000-01-01 00:00:00.000001",
          "1970-01-01 00:00:01",
          "00:00:00",
          1901,
          0,
          0,
          Buffer.alloc(0),
          "",
          "null",
          "2024-02-29",
          "a",
          -0.25,
          1e300,
          "",
        ],
      ],
    ]);
    await mysql.query("INSERT INTO kinds (id, tx, db) SELECT seq, CONCAT('row ', seq), seq / 7 FROM seq_10_to_6000");
    await pg.query(`CREATE TABLE kinds (id bigint PRIMARY KEY, ub numeric(20), d numeric(38,10), dt timestamp, ts timestamptz, t time, y smallint,
      b1 boolean, b bytea, bl bytea, tx text, j json, da date, e varchar(3), f real, db double precision, c varchar(4))`);
    const there = await sluice.run(job(ofMysql("kinds"), ofPg("kinds"), setting));
    expect(there.run).toMatchObject({
      state: "succeeded",
      delivery: "ledger",
      counters: { written: 5_994, dirty: 0 },
    });
    expect(await pg.texts("SELECT ts, b1, encode(bl, 'hex') FROM kinds WHERE id = 1")).toEqual([
      ["2038-01-19 03:14:07.999999+00", "t", bytes.toString("hex")],
    ]);
    const back = await sluice.run(job(ofPg("kinds"), ofMysql("kinds_back", { writeMode: "insert" }), setting));
    expect(back.run).toMatchObject({ state: "succeeded", counters: { written: 5_994, dirty: 0 } });
    expect(await digest(mysql, "kinds_back")).toBe(await digest(mysql, "kinds"));
  });

  it("keeps bits what they are on the way to MySQL, where text of digits is a number", async () => {
    await pg.query(
      "CREATE TABLE bits (id int PRIMARY KEY, b bit(8)); INSERT INTO bits VALUES (1, '00000101'), (2, '11111111')",
    );
    await remake(mysql, "bits", "(id INT PRIMARY KEY, b BIT(8))");
    const { run } = await sluice.run(job(ofPg("bits"), ofMysql("bits", { writeMode: "insert" })));
    expect(run).toMatchObject({ state: "succeeded", counters: { dirty: 0 } });
    expect(await mysql.query("SELECT id, b + 0 FROM bits ORDER BY id")).toEqual([
      ["1", "5"],
      ["2", "255"],
    ]);
  });

  it("takes all that PostgreSQL has, through files too, and Tablestore takes what it can", async () => {
    const columns = `id bigint PRIMARY KEY, amount numeric(20,4), at timestamptz, day date, span interval, flag boolean, raw bytea, tags text[],
      doc jsonb, mood varchar(20), u uuid, r int4range, x real`;
    await pg.query(`CREATE TABLE shop (${columns}); CREATE TABLE shop_copy (LIKE shop INCLUDING ALL); CREATE TABLE shop_files (LIKE shop INCLUDING ALL);
      INSERT INTO shop SELECT n, n / 7.0, timestamptz '2024-01-01 00:00+00' + n * interval '1.000001 s', date '2024-01-01' + n % 366, n * interval '1 min', n % 2 = 0,
        decode(md5(n::text), 'hex'), ARRAY['a,' || n, NULL, 'q"'], jsonb_build_object('n', n), NULLIF('x' || n % 5, 'x0'), md5(n::text)::uuid, int4range(n::int, n::int + 5), n / 3.0
        FROM generate_series(1, 12000) n;
      INSERT INTO shop (id, at, day, amount) VALUES (-1, 'infinity', '-infinity', 'NaN'), (-2, '0044-03-15 00:00+00 BC', '10000-01-01', 0)`);
    const copied = await sluice.run(job(ofPg("shop"), ofPg("shop_copy"), setting));
    expect(copied.run).toMatchObject({
      state: "succeeded",
      delivery: "ledger",
      counters: { written: 12_002, dirty: 0 },
    });
    expect(copied.splits.length).toBeGreaterThanOrEqual(10);
    const wanted = await digestOf("shop");
    expect(await digestOf("shop_copy")).toBe(wanted);
    const names = columns.split(/,\s+(?=\w+ )/).map((one) => one.split(" ")[0]);
    const file = {
      datasource: "files",
      object: "shop/part",
      fileFormat: "csv",
      fieldDelimiter: ",",
      nullFormat: "\\N",
      compress: "gzip",
    };
    const listed = { column: names };
    const asHex = { column: names.map((name) => (name === "raw" ? "encode(raw, 'hex') AS raw" : name)) };
    const out = await sluice.run(job(ofPg("shop", asHex), ["oss", { ...file, writeMode: "truncate" }], setting));
    expect(out.run).toMatchObject({ state: "succeeded", counters: { written: 12_002, dirty: 0 } });
    await pg.query(
      "CREATE TABLE shop_text (LIKE shop INCLUDING ALL); ALTER TABLE shop_text ALTER raw TYPE text USING NULL",
    );
    const read = {
      ...file,
      object: "shop/*",
      compress: "gzip",
      column: names.map((_, index) => ({ index, type: "string" })),
    };
    const into = await sluice.run(job(["oss", read], ofPg("shop_text", listed), setting));
    expect(into.run).toMatchObject({ state: "succeeded", counters: { written: 12_002, dirty: 0 } });
    await pg.query(
      "INSERT INTO shop_files SELECT id, amount, at, day, span, flag, decode(raw, 'hex'), tags, doc, mood, u, r, x FROM shop_text",
    );
    expect(await digestOf("shop_files")).toBe(wanted);
    await sluice.tables().createTable({
      tableMeta: { tableName: "shop", primaryKey: [{ name: "id", type: "INTEGER" }] },
      reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
      tableOptions: { timeToLive: -1, maxVersions: 1 },
    } as never);
    const ots = {
      datasource: "tables",
      table: "shop",
      primaryKey: [{ name: "id", type: "INT" }],
      column: [
        { name: "mood", type: "STRING" },
        { name: "raw", type: "BINARY" },
      ],
      writeMode: "PutRow",
    };
    const kept = await sluice.run(
      job(ofPg("shop", { column: ["id", "mood", "raw"], where: "id BETWEEN 1 AND 500" }), ["ots", ots]),
    );
    expect(kept.run).toMatchObject({ state: "succeeded", counters: { written: 500, dirty: 0 } });
    const { row } = await sluice
      .tables()
      .getRow({ tableName: "shop", primaryKey: [{ id: TableStore.Long.fromNumber(7) }], maxVersions: 1 } as never);
    const attributes = (row as unknown as { attributes: { columnName: string; columnValue: unknown }[] }).attributes;
    expect(attributes.find(({ columnName }) => columnName === "mood")?.columnValue).toBe("x2");
  });

  it("runs a DataX job as it is, and one of Hologres by its own default", async () => {
    await pg.query(`CREATE TABLE datax_in (id int PRIMARY KEY, name text); INSERT INTO datax_in VALUES (1, 'a'), (2, 'b'), (3, 'c');
      CREATE TABLE datax_out (id int PRIMARY KEY, name text); INSERT INTO datax_out VALUES (1, 'old')`);
    const { host, port, database, username, password } = pg.source;
    const url = `jdbc:postgresql://${host}:${port}/${database}?sslmode=disable`;
    const reader = {
      name: "postgresqlreader",
      parameter: {
        username,
        password,
        column: ["id", "name"],
        splitPk: "id",
        fetchSize: 1000,
        where: "id < 3",
        connection: [{ table: ["datax_in"], jdbcUrl: [url] }],
      },
    };
    const writerOf = (name: string) => ({
      name,
      parameter: {
        username,
        password,
        column: ["id", "name"],
        preSql: ["delete from @table where id > 100"],
        connection: [{ table: ["datax_out"], jdbcUrl: url }],
      },
    });
    const jobOf = (name: string) => ({
      job: {
        setting: { speed: { channel: 2 }, errorLimit: { record: 1 } },
        content: [{ reader, writer: writerOf(name) }],
      },
    });
    const plain = await sluice.run(jobOf("postgresqlwriter"));
    expect(plain.run).toMatchObject({ state: "succeeded", counters: { written: 1, dirty: 1 } });
    expect((await sluice.dirty(plain.run.id)).map(({ reason, cells }) => [reason, ...cells])).toEqual([
      ["DUPLICATE_KEY", "1", "a"],
    ]);
    const replaced = await sluice.run(jobOf("hologresjdbcwriter"));
    expect(replaced.run).toMatchObject({
      state: "succeeded",
      delivery: "idempotent",
      counters: { written: 2, dirty: 0 },
    });
    expect(await pg.texts("SELECT * FROM datax_out ORDER BY id")).toEqual([
      ["1", "a"],
      ["2", "b"],
    ]);
  });

  it("loses and repeats nothing when its shards are killed", async () => {
    await pg.query(
      "CREATE TABLE big (id bigint PRIMARY KEY, v text); INSERT INTO big SELECT n, repeat('x', 40) FROM generate_series(1, 60000) n; CREATE TABLE big_out (id bigint, v text)",
    );
    const speed = { concurrent: 2, throttle: true, mbps: "1" };
    const id = await sluice.start({ script: job(ofPg("big"), ofPg("big_out"), { speed }) });
    for (let kills = 0; kills < 5; ) {
      const { body } = await sluice.call("GET", `/v1/runs/${id}`);
      if (body.run.endedAt !== null) throw new Error(`the run ${body.run.state} too early`);
      const isWorking = body.splits.some(({ state }: { state: string }) => state === "claimed");
      if (isWorking && sluice.cloud.killInstances("sluice-dev-shard") > 0) kills++;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const { run } = await sluice.ended(id);
    expect(run).toMatchObject({
      state: "succeeded",
      delivery: "ledger",
      counters: { read: 60_000, written: 60_000, dirty: 0 },
    });
    expect(await digestOf("big_out")).toBe(await digestOf("big"));
    expect(await pg.texts("SELECT count(*) FROM sluice_ledger")).toEqual([["0"]]);
  });
});
