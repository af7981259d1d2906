import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { type OdpsPlace, openOdps } from "./odps-place.js";

let sluice: TestSluice;
let pg: ScratchPostgres;
let odps: OdpsPlace;
beforeAll(async () => {
  [sluice, pg] = await Promise.all([startSluice(), scratchPostgres()]);
  odps = await openOdps(sluice);
  await pg.query(`SET ROLE ${pg.source.username}`);
  await sluice.register("pg", "postgresql", pg.source);
});
afterAll(async () => {
  await sluice.close();
  await pg.drop();
});

const body = `(id BIGINT PRIMARY KEY, name TEXT, amount NUMERIC(30,10), at TIMESTAMP(6), moment TIMESTAMPTZ(6), day DATE, ok BOOLEAN,
  raw BYTEA, doc JSONB, small SMALLINT, big DOUBLE PRECISION)`;
const columns = `id bigint, name string, amount decimal(30,10), at timestamp_ntz, moment timestamp, day date, ok boolean,
  raw binary, doc json, small smallint, big double`;

describe("PostgreSQL and MaxCompute", () => {
  it("give each other all they have, value for value", async () => {
    await pg.query(`CREATE TABLE orders ${body}; CREATE TABLE back ${body}`);
    await pg.query(`INSERT INTO orders SELECT n, CASE WHEN n % 7 = 0 THEN NULL ELSE 'öрder 😀 ' || n END, n::numeric / 1024 - 3,
      TIMESTAMP '1969-12-31 23:59:59.999999' + n * INTERVAL '1001 seconds 1 microsecond', TIMESTAMPTZ '2024-02-29 23:00:00.5+00' + n * INTERVAL '1 hour',
      DATE '0001-01-01' + n, n % 2 = 0, decode(lpad(to_hex(n), 10, '0'), 'hex'), jsonb_build_object('n', n, 'list', jsonb_build_array(1, NULL, 'é')),
      n % 30000 - 15000, CASE WHEN n % 11 = 0 THEN NULL ELSE n / 3.0 END FROM generate_series(1, 5000) n`);
    await odps.sql(`create table orders (${columns}) partitioned by (pt string)`);
    const setting = { speed: { concurrent: 2 } };
    const there = job(
      ["postgresql", { datasource: "pg", table: "orders", column: ["*"], splitPk: "id" }],
      ["odps", { datasource: "mc", table: "orders", partition: "pt=20240229", truncate: true, column: ["*"] }],
      setting,
    );
    for (const _ of [1, 2])
      expect((await sluice.run(there)).run).toMatchObject({
        state: "succeeded",
        counters: { written: 5000, dirty: 0 },
      });
    expect(await odps.count("orders")).toBe(5000);
    const again = job(
      ["odps", { datasource: "mc", table: "orders", partition: ["pt=2024*"], column: ["*"] }],
      ["postgresql", { datasource: "pg", table: "back", column: ["*"] }],
      setting,
    );
    expect((await sluice.run(again)).run).toMatchObject({ state: "succeeded", counters: { written: 5000, dirty: 0 } });
    const differing = await pg.texts("SELECT count(*) FROM (SELECT * FROM orders EXCEPT SELECT * FROM back) d");
    expect(differing).toEqual([["0"]]);
    expect(await pg.texts("SELECT count(*) FROM back")).toEqual([["5000"]]);
  });

  it("fills partitions that PostgreSQL's records tell, and takes what a condition selects", async () => {
    await odps.sql("create table daily (id bigint, name string) partitioned by (day string)");
    const querySql = ["SELECT n AS id, 'name ' || n, DATE '2024-02-27' + n % 5 FROM generate_series(1, 1000) n"];
    const write = {
      ...{ datasource: "mc", table: "daily", truncate: true, column: ["id", "name", "day"] },
      partitionColumnMapping: [{ name: "day", dateFormat: "yyyyMMdd" }],
      preSql: ["alter table daily add if not exists partition (day='20240229')"],
      postSql: ["insert into daily partition (day='20240229') values (0, 'added')"],
    };
    const { run } = await sluice.run(job(["postgresql", { datasource: "pg", querySql }], ["odps", write]));
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 1000 } });
    expect((await odps.sql("show partitions daily")).split("\n")).toEqual(
      ["20240227", "20240228", "20240229", "20240301", "20240302"].map((day) => `day=${day}`),
    );
    await pg.query("CREATE TABLE chosen (id BIGINT, name TEXT, day TEXT)");
    const read = {
      datasource: "mc",
      table: "daily",
      column: ["id", "name", "day"],
      where: "day = '20240229' and id < 10",
    };
    await sluice.run(job(["odps", read], ["postgresql", { datasource: "pg", table: "chosen", column: ["*"] }]));
    expect(await pg.texts("SELECT id, name, day FROM chosen ORDER BY id")).toEqual([
      ["0", "added", "20240229"],
      ["2", "name 2", "20240229"],
      ["7", "name 7", "20240229"],
    ]);
  });
});
