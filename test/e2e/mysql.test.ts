import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
let source: ScratchDatabase;
let target: ScratchDatabase;

beforeAll(async () => {
  [sluice, source, target] = await Promise.all([startSluice(), scratchDatabase(), scratchDatabase()]);
  await sluice.register("source", "mysql", source.source);
  await sluice.register("target", "mysql", target.source);
});
afterAll(async () => {
  await sluice.close();
  await Promise.all([source.drop(), target.drop()]);
});

const copy = (table: string, setting: object = {}, reader: object = {}, writer: object = {}) =>
  job(
    ["mysql", { datasource: "source", table, column: ["*"], ...reader }],
    ["mysql", { datasource: "target", table, column: ["*"], writeMode: "insert", ...writer }],
    { speed: { concurrent: 2 }, ...setting },
  );

/** Makes a table in both databases. */
async function inBoth(table: string, body: string): Promise<void> {
  for (const database of [source, target]) await database.query(`CREATE TABLE ${table} ${body}`);
}

/** A digest of all rows that does not depend on their order. */
async function digest(database: ScratchDatabase, table: string): Promise<string> {
  const columns = await database.query(
    `SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [database.name, table],
  );
  const parts = columns.map(([name]) => `IFNULL(HEX(\`${name}\`), 'null')`).join(", ',', ");
  const [row] = await database.query(
    `SELECT COUNT(*), SUM(CONV(SUBSTR(MD5(CONCAT(${parts})), 1, 12), 16, 10)) FROM \`${table}\``,
  );
  return String(row);
}

async function count(database: ScratchDatabase, table: string): Promise<number> {
  return Number((await database.query(`SELECT COUNT(*) FROM ${table}`))[0]?.[0]);
}

describe("MySQL to MySQL", () => {
  it("carries a million rows, five splits a shard, every row once", async () => {
    await inBoth("million", "(id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL, amount DECIMAL(12,2), at DATETIME(3))");
    await source.query(
      "INSERT INTO million SELECT seq, CONCAT('name ', seq), seq / 7, '2024-01-01' + INTERVAL seq SECOND FROM seq_1_to_1000000",
    );
    const { run, splits } = await sluice.run(copy("million"));
    expect(run).toMatchObject({
      state: "succeeded",
      delivery: "ledger",
      counters: { read: 1_000_000, written: 1_000_000, dirty: 0 },
    });
    expect(splits.length).toBeGreaterThanOrEqual(10);
    expect(await digest(target, "million")).toBe(await digest(source, "million"));
    expect(await count(target, "sluice_ledger")).toBe(0);
  });
});
