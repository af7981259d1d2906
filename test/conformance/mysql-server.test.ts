import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMysql } from "../../shared/connectors/mysql/client.js";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { batchesOf, planned, sideOf, writeAll } from "./drive.js";

const reader = mysql.reader!;
let database: ScratchDatabase;
let hidden: string | null;

beforeAll(async () => {
  database = await scratchDatabase();
  const version = String((await database.query("SELECT VERSION()"))[0]?.[0]);
  hidden = /mariadb/i.test(version) ? "IGNORED" : version.startsWith("5.") ? null : "INVISIBLE";
});
afterAll(async () => {
  await database.drop();
});

function readSide(parameter: JsonObject) {
  return sideOf(mysql, reader.params, database.source, parameter);
}

async function countOf(parameter: JsonObject, advice = 4): Promise<number> {
  const side = readSide(parameter);
  let count = 0;
  for (const split of await planned(reader, side, advice))
    for (const batch of await batchesOf(reader, side, split)) count += batch.count;
  return count;
}

describe("indexes that no range can be looked up in", () => {
  const declarations = () => ["FULLTEXT KEY words (word)", ...(hidden ? [`KEY grps (grp) ${hidden}`] : [])];

  test("count as none: the split warns and delivers every row once", async () => {
    for (const [at, declaration] of declarations().entries()) {
      const table = `odd_${at}`;
      await database.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, grp INT NOT NULL, word TEXT, ${declaration})`);
      await database.query(`INSERT INTO ${table} SELECT seq, seq % 50, CONCAT('w', seq) FROM seq_1_to_2000`);
      const parameter = { table, column: ["id"], splitPk: at === 0 ? "word" : "grp" };
      expect((await reader.split(readSide(parameter), 4)).warnings.join()).toMatch(/has no index/);
      expect(await countOf(parameter)).toBe(2000);
    }
  });

  test("do not serve as the key by default either", async () => {
    const unique = hidden ? `UNIQUE KEY b (id), UNIQUE KEY a (code) ${hidden}` : "UNIQUE KEY b (id), KEY a (code)";
    await database.query(`CREATE TABLE keyed (code INT NOT NULL, id INT NOT NULL, ${unique})`);
    await database.query("INSERT INTO keyed SELECT seq, 3000 - seq FROM seq_1_to_2000");
    const { splits } = await reader.split(readSide({ table: "keyed", column: ["code"] }), 4);
    expect(splits.every(({ describe }) => describe.endsWith("ORDER BY `id`"))).toBe(true);
    expect(await countOf({ table: "keyed", column: ["code"] })).toBe(2000);
  });
});

describe("what a server sets for everybody", () => {
  test("neither cuts a table short, nor ends a long query, nor refuses zero dates", async () => {
    const [limits] = await database.query("SELECT @@GLOBAL.sql_select_limit, @@GLOBAL.sql_mode");
    const source = mysql.source.schema.parse(database.source);
    // New sessions of others that begin now get a limit that does them no harm.
    await database.query("SET GLOBAL sql_select_limit = 1000000, GLOBAL sql_mode = 'TRADITIONAL'");
    const client = await connectMysql(source, { use: "read" });
    await database.query(`SET GLOBAL sql_select_limit = ${limits?.[0]}, GLOBAL sql_mode = '${limits?.[1]}'`);
    const { rows } = await client.query("SELECT @@sql_select_limit, @@sql_mode");
    expect(rows[0]?.[0]).toBe("18446744073709551615");
    expect(rows[0]?.[1]).not.toMatch(/NO_ZERO/);
    const time = await client.query(
      "SHOW VARIABLES WHERE variable_name IN ('max_statement_time','max_execution_time')",
    );
    expect(time.rows.map(([, value]) => Number(value))).toEqual([0]);
    await client.close();
  });

  test("an account's own limit of time, as MariaDB has it, does not end reading", async () => {
    const limit = hidden === "IGNORED" ? "WITH MAX_STATEMENT_TIME 0.2" : "";
    const user = `t${database.name.slice(-8)}`;
    await database.query(`CREATE USER ${user} IDENTIFIED BY 'pw-${user}' ${limit}`);
    await database.query(`GRANT SELECT ON ${database.name}.* TO ${user}`);
    const source = { ...database.source, username: user, password: `pw-${user}` };
    const side = sideOf(mysql, reader.params, source, { querySql: "SELECT SLEEP(0.5) AS slept; -- unhurried" });
    const [split] = await planned(reader, side, 1);
    expect((await batchesOf(reader, side, split!)).flatMap(({ rows }) => rows)).toEqual([["0"]]);
    await database.query(`DROP USER ${user}`);
  });
});

test("zero in an AUTO_INCREMENT column stays zero beside bytes and bits; null is counted on", async () => {
  const writer = mysql.writer!;
  const kinds: Column[] = [
    { name: "id", type: "long" },
    { name: "raw", type: "bytes" },
    { name: "flags", type: "bytes" },
  ];
  for (const writeMode of ["insert", "replace"]) {
    const table = `zero_${writeMode}`;
    await database.query(`CREATE TABLE ${table} (id INT AUTO_INCREMENT PRIMARY KEY, raw BLOB, flags BIT(10))`);
    const side = sideOf(mysql, writer.params, database.source, { table, column: ["*"], writeMode });
    const bytes = Buffer.of(1, 2);
    const part: Cell[][] = [
      ["0", bytes, bytes],
      ["7", null, bytes],
      [null, bytes, null],
    ];
    const { dirty } = await writeAll(writer, side, kinds, [part]);
    expect(dirty).toEqual([]);
    expect(await database.query(`SELECT id, HEX(raw), flags + 0 FROM ${table} ORDER BY id`)).toEqual([
      ["0", "0102", "258"],
      ["7", null, "258"],
      ["8", "0102", null],
    ]);
  }
});

test("a filter that ends in a comment stays a filter", async () => {
  await database.query("CREATE TABLE noted (id INT PRIMARY KEY)");
  await database.query("INSERT INTO noted SELECT seq FROM seq_1_to_2000");
  expect(await countOf({ table: "noted", column: ["id"], where: "id < 11 OR id > 1990 -- the ends" })).toBe(20);
  expect(await countOf({ table: "noted", column: ["id"], where: "id < 11 # the beginning" })).toBe(10);
});

test("the rows of a table that was filled a moment ago are estimated, not remembered", async () => {
  await database.query("CREATE TABLE young (id INT PRIMARY KEY, pad VARCHAR(200))");
  const estimate = async () => (await reader.split(readSide({ table: "young", column: ["*"] }), 2)).splits;
  await database.query("INSERT INTO young SELECT 100000 + seq, 'x' FROM seq_1_to_600");
  await database.query("ANALYZE TABLE young");
  await estimate();
  await database.query("INSERT INTO young SELECT seq, REPEAT('x', 200) FROM seq_1_to_5000");
  const rows = (await estimate()).reduce((sum, split) => sum + (split.rows ?? 0), 0);
  expect(rows).toBeGreaterThan(2_000);
  expect(rows).toBeLessThan(10_000);
});
