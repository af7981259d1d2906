import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { type ScratchOracle, scratchOracle } from "../servers/scratch-oracle.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { digest, remake } from "./mysql-copies.js";

let sluice: TestSluice;
let mysql: ScratchDatabase;
let oracle: ScratchOracle;

beforeAll(async () => {
  [sluice, mysql, oracle] = await Promise.all([startSluice(), scratchDatabase(), scratchOracle()]);
  const { accessKeyId, accessKeySecret } = sluice.cloud.credentials;
  await sluice.bucket("shop");
  await sluice.register("mysql", "mysql", mysql.source);
  await sluice.register("ora", "oracle", oracle.source);
  const keys = { accessId: accessKeyId, accessKey: accessKeySecret };
  await sluice.register("files", "oss", { endpoint: sluice.cloud.endpoints.oss, bucket: "shop", ...keys });
});
afterAll(async () => {
  await sluice.close();
  await Promise.all([mysql.drop(), oracle.close()]);
});

const setting = { speed: { concurrent: 2 } };
const column = ["id", "amount", "at", "name", "raw"];
const ofMysql = (table: string): [string, object] => ["mysql", { datasource: "mysql", table, column }];
const ofOracle = (table: string, more: object = {}): [string, object] => [
  "oracle",
  { datasource: "ora", table, column, ...more },
];

describe("Oracle", () => {
  it("takes what MySQL has, exactly once, and gives it back the same, through files too", async () => {
    const body =
      "(id BIGINT PRIMARY KEY, amount DECIMAL(38,10), at DATETIME(6), name VARCHAR(200), raw VARBINARY(100))";
    for (const table of ["orders", "orders_back", "orders_files"]) await remake(mysql, table, body);
    await mysql.connection.query(
      `INSERT INTO orders SELECT seq, seq / 7, DATE_ADD('2024-01-01 00:00:00.000001', INTERVAL seq * 61 SECOND),
         CONCAT('订单 😀 ', seq), UNHEX(MD5(seq)) FROM seq_1_to_6000`,
    );
    await mysql.connection.query("INSERT INTO orders (id, name) VALUES (9223372036854775807, 'largest')");
    const name = oracle.name();
    await oracle.run(
      `CREATE TABLE ${name} (id NUMBER(19) PRIMARY KEY, amount NUMBER(38,10), at TIMESTAMP(6), name VARCHAR2(200 CHAR), raw RAW(100))`,
    );
    const there = await sluice.run(job(ofMysql("orders"), ofOracle(name), setting));
    expect(there.run).toMatchObject({ state: "succeeded", delivery: "ledger", counters: { written: 6_001, dirty: 0 } });
    expect(await oracle.run(`SELECT COUNT(*) FROM ${name}`)).toEqual([["6001"]]);
    const back = await sluice.run(job(ofOracle(name), ofMysql("orders_back"), setting));
    expect(back.run).toMatchObject({ state: "succeeded", counters: { written: 6_001, dirty: 0 } });
    expect(back.splits.length).toBeGreaterThan(3);
    expect(await digest(mysql, "orders_back")).toBe(await digest(mysql, "orders"));

    const file = { datasource: "files", object: "orders", fileFormat: "csv", nullFormat: "\\N" };
    const asText = column.map((one) => (one === "raw" ? "RAWTOHEX(raw)" : one));
    const out = await sluice.run(
      job(ofOracle(name, { column: asText }), ["oss", { ...file, writeMode: "truncate" }], setting),
    );
    expect(out.run).toMatchObject({ state: "succeeded", counters: { written: 6_001, dirty: 0 } });
    await mysql.connection.query("ALTER TABLE orders_files MODIFY raw VARCHAR(64)");
    const types = ["long", "double", "date", "string", "string"].map((type, index) => ({ index, type }));
    const read = { datasource: "files", object: ["orders*"], fileFormat: "csv", nullFormat: "\\N", column: types };
    const last = await sluice.run(job(["oss", read], ofMysql("orders_files"), setting));
    expect(last.run).toMatchObject({ state: "succeeded", counters: { written: 6_001, dirty: 0 } });
    const [same] = await mysql.query(
      "SELECT COUNT(*) FROM orders o JOIN orders_files f USING (id) WHERE o.amount <=> f.amount AND o.at <=> f.at AND o.name = f.name AND HEX(o.raw) <=> f.raw",
    );
    expect(same).toEqual(["6001"]);
  });

  it("runs a published DataX job without a change, and costs no neighbour of a bad row", async () => {
    const name = oracle.name();
    await oracle.run(`CREATE TABLE ${name} (id NUMBER(5) PRIMARY KEY, v VARCHAR2(5))`);
    await remake(mysql, "short", "(id INT PRIMARY KEY, v VARCHAR(20))");
    await mysql.connection.query("INSERT INTO short SELECT seq, IF(seq % 500 = 0, 'too long', seq) FROM seq_1_to_3000");
    const { host, port, database, username, password } = oracle.source;
    const writer = {
      ...{ username, password, column: ["ID", "V"], batchSize: 512, session: [], preSql: [`DELETE FROM ${name}`] },
      connection: [{ jdbcUrl: `jdbc:oracle:thin:@//${host}:${port}/${database}`, table: [name] }],
    };
    const content = [
      {
        reader: { name: "mysqlreader", parameter: { datasource: "mysql", table: "short", column: ["id", "v"] } },
        writer: { name: "oraclewriter", parameter: writer },
      },
    ];
    const datax = { job: { content, setting: { speed: { channel: 1 }, errorLimit: { record: 10 } } } };
    const { run } = await sluice.run(datax);
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 2_994, dirty: 6 } });
    expect(await oracle.run(`SELECT COUNT(*) FROM ${name}`)).toEqual([["2994"]]);
  });
});
