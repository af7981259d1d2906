import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Batch, Cell } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { batchesOf, falls, planned, sideOf, writeAll } from "./drive.js";

const reader = mysql.reader!;
const writer = mysql.writer!;
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase();
});
afterAll(async () => {
  await database.drop();
});

function readSide(parameter: JsonObject, signal?: AbortSignal) {
  return sideOf(mysql, reader.params, database.source, parameter, signal);
}

/** Reads every split, and again from a checkpoint in the middle of each; answers the first column of all rows. */
async function readTwice(
  parameter: JsonObject,
  advice: number,
): Promise<{ keys: string[]; splits: number; largest: number }> {
  const side = readSide(parameter);
  const splits = await planned(reader, side, advice);
  const keys: string[] = [];
  let largest = 0;
  for (const split of splits) {
    const batches = await batchesOf(reader, side, split);
    const rows = batches.flatMap((batch) => batch.rows);
    keys.push(...rows.map((row) => String(row[0])));
    largest = Math.max(largest, rows.length);
    const from = batches[0]?.checkpoint ?? null;
    if (from === null) continue;
    const rest = await batchesOf(reader, side, split, from);
    const seen = [...(batches[0]?.rows ?? []), ...rest.flatMap((batch) => batch.rows)];
    expect(seen.map((row) => String(row[0])).sort()).toEqual(rows.map((row) => String(row[0])).sort());
  }
  return { keys: keys.sort(), splits: splits.length, largest };
}

async function allKeys(table: string, column = "id"): Promise<string[]> {
  return (await database.query(`SELECT ${column} FROM ${table}`)).map(([key]) => String(key)).sort();
}

describe("splitting", () => {
  const keyed: [string, string, string, string][] = [
    [
      "negative and sparse integers",
      "id BIGINT PRIMARY KEY",
      "-9000000000000000000 + CAST(seq AS SIGNED) * 1000000000000000",
      "splits evenly",
    ],
    ["a crowd at one end", "id BIGINT PRIMARY KEY", "IF(seq < 5990, seq, seq * 1000000000000)", "splits evenly"],
    ["decimals", "id DECIMAL(20,4) PRIMARY KEY", "seq / 7 - 300", "splits evenly"],
    ["datetimes", "id DATETIME(3) PRIMARY KEY", "'2024-01-01' + INTERVAL seq SECOND", "splits evenly"],
    [
      "dates with a zero date",
      "id DATE PRIMARY KEY",
      "IF(seq = 1, '0000-00-00', '2001-01-01' + INTERVAL seq DAY)",
      "splits evenly",
    ],
    ["times", "id TIME(2) PRIMARY KEY", "SEC_TO_TIME(CAST(seq AS SIGNED) * 100 - 300000)", "splits evenly"],
    ["timestamps", "id TIMESTAMP(1) PRIMARY KEY", "FROM_UNIXTIME(1700000000 + seq)", "splits evenly"],
    [
      "text without case",
      "id VARCHAR(40) COLLATE utf8mb4_unicode_ci PRIMARY KEY",
      "CONCAT(IF(seq % 2, 'Key-', 'kEY-'), seq)",
      "splits evenly",
    ],
    ["text in binary order", "id VARCHAR(40) COLLATE utf8mb4_bin PRIMARY KEY", "MD5(seq)", "splits evenly"],
    [
      "text beyond ASCII",
      "id VARCHAR(40) PRIMARY KEY",
      "CONCAT(ELT(1 + seq % 6, 'ä', 'Z', 'é', '你', '🦥', ''''), '\\\\', seq)",
      "is complete",
    ],
    [
      "latin1 text",
      "id VARCHAR(40) CHARACTER SET latin1 PRIMARY KEY",
      "CONCAT(ELT(1 + seq % 3, 'ä', 'Z', 'é'), seq)",
      "is complete",
    ],
    ["bytes", "id BINARY(16) PRIMARY KEY", "UNHEX(MD5(seq))", "splits evenly"],
    ["years", "id YEAR, no INT, PRIMARY KEY (id, no)", "1990 + seq % 30, seq", "splits evenly"],
  ];

  test.each(keyed)("%s: every row once, also after resuming", async (name, columns, values, claim) => {
    const table = `k${keyed.findIndex(([one]) => one === name)}`;
    const width = values.startsWith("1990") ? "id, no, pad" : "id, pad";
    await database.query(`CREATE TABLE ${table} (${columns}, pad VARCHAR(600))`);
    await database.query(`INSERT INTO ${table} (${width}) SELECT ${values}, REPEAT('x', 500) FROM seq_1_to_6000`);
    await database.query(`ANALYZE TABLE ${table}`);
    const column = columns.startsWith("id BINARY") ? ["LOWER(HEX(id))", "pad"] : ["id", "pad"];
    const found = await readTwice({ table, column }, 8);
    expect(found.keys).toEqual(await allKeys(table, columns.startsWith("id BINARY") ? "LOWER(HEX(id))" : "id"));
    if (claim !== "splits evenly") return;
    expect(found.splits).toBeGreaterThanOrEqual(6);
    expect(found.largest).toBeLessThan(6_000 / 3);
  });

  test("a composite key with three values in front is cut inside them", async () => {
    await database.query("CREATE TABLE tenants (tenant INT, no INT, pad VARCHAR(300), PRIMARY KEY (tenant, no))");
    await database.query("INSERT INTO tenants SELECT seq % 3, seq, REPEAT('x', 250) FROM seq_1_to_9000");
    await database.query("ANALYZE TABLE tenants");
    const found = await readTwice({ table: "tenants", column: ["CONCAT(tenant, '-', no)"] }, 9);
    expect(found.keys).toEqual(await allKeys("tenants", "CONCAT(tenant, '-', no)"));
    expect(found.splits).toBe(9);
    expect(found.largest).toBeLessThan(2_000);
  });

  test("a splitPk with nulls and ties is read completely, and resumed by the primary key behind it", async () => {
    await database.query("CREATE TABLE ties (id INT PRIMARY KEY, grp INT NULL, pad VARCHAR(700), KEY (grp))");
    await database.query(
      "INSERT INTO ties SELECT seq, IF(seq % 10 = 0, NULL, seq % 7), REPEAT('x', 600) FROM seq_1_to_8000",
    );
    const found = await readTwice({ table: "ties", column: ["id", "pad"], splitPk: "grp" }, 5);
    expect(found.keys).toEqual(await allKeys("ties"));
    expect(found.splits).toBeGreaterThan(3);
  });

  test("a splitPk without index is cut by value, with a warning; a table without any key is one split, with a warning", async () => {
    await database.query("CREATE TABLE plain (a INT NOT NULL, b INT)");
    await database.query("INSERT INTO plain SELECT seq, seq FROM seq_1_to_1000");
    const cut = await reader.split(readSide({ table: "plain", column: ["*"], splitPk: "A" }), 4);
    expect(cut.splits).toHaveLength(4);
    expect(cut.warnings.join()).toMatch(/no index/);
    expect((await readTwice({ table: "plain", column: ["*"], splitPk: "a" }, 4)).keys).toEqual(
      await allKeys("plain", "a"),
    );
    const whole = await reader.split(readSide({ table: "plain", column: ["*"] }), 4);
    expect(whole.splits).toHaveLength(1);
    expect(whole.warnings.join()).toMatch(/no primary or unique key/);
  });

  test("a filter with a semicolon behind it is kept apart from the ranges", async () => {
    await database.query("CREATE TABLE filtered (id INT PRIMARY KEY, kind INT)");
    await database.query("INSERT INTO filtered SELECT seq, seq % 5 FROM seq_1_to_4000");
    const found = await readTwice({ table: "filtered", column: ["id"], where: "kind = 1 OR kind = 2；" }, 4);
    expect(found.keys).toHaveLength(1_600);
  });

  test("tables in ranges and in several connections share the advice, whatever the number of connections", async () => {
    for (const name of ["part_00", "part_01", "part_02"]) {
      await database.query(`CREATE TABLE ${name} (id INT PRIMARY KEY)`);
      await database.query(`INSERT INTO ${name} SELECT seq FROM seq_1_to_9000`);
    }
    const connection = [
      { datasource: "main", table: ["part_[00-01]"] },
      { datasource: "main", table: "part_02" },
    ];
    const splits = await planned(reader, readSide({ connection, column: ["id"] }), 12);
    expect(splits).toHaveLength(12);
    const side = readSide({ connection, column: ["id"] });
    let count = 0;
    for (const split of splits) for (const batch of await batchesOf(reader, side, split)) count += batch.count;
    expect(count).toBe(27_000);
  });

  test("querySql is one split, with the columns of the statement", async () => {
    const side = readSide({ querySql: "SELECT 1 AS one, 'x' AS text, NULL AS nothing UNION ALL SELECT 2, 'y', NULL;" });
    expect((await reader.columns(side)).map(({ name }) => name)).toEqual(["one", "text", "nothing"]);
    const [split] = await planned(reader, side, 10);
    const rows = (await batchesOf(reader, side, split!)).flatMap((batch) => batch.rows);
    expect(rows).toEqual([
      ["1", "x", null],
      ["2", "y", null],
    ]);
  });

  test("unknown tables, columns and split keys are told by name", async () => {
    await expect(reader.split(readSide({ table: "nowhere", column: ["*"] }), 1)).rejects.toMatchObject({
      code: "SOURCE_OBJECT_MISSING",
      message: expect.stringContaining("nowhere"),
    });
    await expect(
      reader.split(readSide({ table: "filtered", column: ["id"], splitPk: "nope" }), 4),
    ).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: "splitPk",
    });
    await expect(reader.columns(readSide({ table: "filtered", column: ["nope"] }))).rejects.toMatchObject({
      code: "SOURCE_OBJECT_MISSING",
    });
  });
});

describe("values", () => {
  const types = `id BIGINT UNSIGNED PRIMARY KEY, de DECIMAL(38,10), dt DATETIME(6), ts TIMESTAMP(6) NULL, da DATE, ti TIME(3),
    ye YEAR, b1 BIT(1), b9 BIT(9), bl BLOB, vb VARBINARY(300), fx BINARY(4), tx MEDIUMTEXT, js JSON, en ENUM('a','b'),
    st SET('x','y'), t1 TINYINT(1), fl FLOAT, db DOUBLE, ge POINT, la VARCHAR(20) CHARACTER SET latin1`;
  const allBytes = `UNHEX('${Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex")}')`;
  const rows = [
    `18446744073709551615, '1234567890123456789012345678.0123456789', '2024-05-06 01:02:03.000001', '2038-01-19 03:14:07.999999',
     '9999-12-31', '-838:59:59.000', 2155, b'1', b'101010101', ${allBytes}, ${allBytes}, UNHEX('00FF0900'),
     '🦥 emoji \\\\ tab\t nl\n', '{"a": "\\\\n🦥"}', 'b', 'x,y', 7, 1.5, 1.7976931348623157e308, POINT(1, 2), 'äöü'`,
    `0, '-0.0000000001', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00', '00:00:00', 0, b'0', b'0', '', '', UNHEX('00'),
     '', 'null', 'a', '', 0, -0.1, 2.2250738585072014e-308, NULL, ''`,
    `1, ${Array.from({ length: 20 }, () => "NULL").join(", ")}`,
  ];

  test.each([
    ["LOAD DATA", {}],
    ["INSERT", { nullMode: "skipNull" }],
  ])("every kind of column goes from table to table unchanged: %s", async (way, extra) => {
    const [from, to] = way === "INSERT" ? ["v_from2", "v_to2"] : ["v_from", "v_to"];
    await database.query(`CREATE TABLE ${from} (${types})`);
    await database.query(`CREATE TABLE ${to} (${types})`);
    for (const row of rows) await database.query(`INSERT INTO ${from} VALUES (${row})`);
    const side = readSide({ table: from, column: ["*"] });
    const columns = await reader.columns(side);
    const batches: Batch[] = [];
    for (const split of await planned(reader, side, 1)) batches.push(...(await batchesOf(reader, side, split)));
    const target = sideOf(mysql, writer.params, database.source, { table: to!, column: ["*"], ...extra });
    const { dirty } = await writeAll(
      writer,
      target,
      columns,
      batches.map((batch) => batch.rows),
    );
    expect(dirty).toEqual([]);
    const sums = await database.query(`CHECKSUM TABLE ${from}, ${to}`);
    expect(sums[1]?.[1]).toBe(sums[0]?.[1]);
  });

  test("cells arrive as canonical text, bits of one digit as booleans, bytes as bytes", async () => {
    const side = readSide({
      table: "v_from",
      column: ["id", "b1", "b9", "t1", "ye", "bl", "dt", "js", "'CN'", "null", "ts"],
    });
    const [split] = await planned(reader, side, 1);
    const found = (await batchesOf(reader, side, split!)).flatMap((batch) => batch.rows);
    const last = found.at(-1) as Cell[];
    expect(last.slice(0, 5)).toEqual(["18446744073709551615", "true", Buffer.from([1, 0x55]), "7", "2155"]);
    expect(last[5]).toHaveLength(256);
    expect(last.slice(6)).toEqual([
      "2024-05-06 01:02:03.000001",
      '{"a": "\\n🦥"}',
      "CN",
      null,
      "2038-01-19 03:14:07.999999",
    ]);
    const types = (await reader.columns(side)).map((column) => column.type);
    expect(types).toEqual([
      "long",
      "bool",
      "bytes",
      "long",
      "long",
      "bytes",
      "date",
      "string",
      "string",
      "string",
      "date",
    ]);
  });

  test("rows wider than a packet of the protocol are read and written", async () => {
    await database.query("CREATE TABLE wide (id INT PRIMARY KEY, big LONGBLOB)");
    await database.query("INSERT INTO wide VALUES (1, REPEAT('a', 20000000)), (2, 'b')");
    const side = readSide({ table: "wide", column: ["*"] });
    const [split] = await planned(reader, side, 1);
    const batches = await batchesOf(reader, side, split!);
    await database.query("CREATE TABLE wide2 LIKE wide");
    const target = sideOf(mysql, writer.params, database.source, { table: "wide2", column: ["*"] });
    await writeAll(
      writer,
      target,
      await reader.columns(side),
      batches.map((batch) => batch.rows),
    );
    const sizes = await database.query(
      "SELECT LENGTH(big), MD5(big) = (SELECT MD5(big) FROM wide w WHERE w.id = o.id) FROM wide2 o ORDER BY id",
    );
    expect(sizes).toEqual([
      ["20000000", "1"],
      ["1", "1"],
    ]);
  });
});

test("an abort while the server sorts leaves no query behind", async () => {
  const other = await scratchDatabase();
  const abort = new AbortController();
  const side = readSide({ querySql: "SELECT SLEEP(30) AS s FROM (SELECT 1) x" }, abort.signal);
  const [split] = await planned(reader, side, 1);
  const reading = batchesOf(reader, side, split!);
  const running = async () =>
    Number(
      (
        await other.query(
          "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(30)%' AND db = ?",
          [database.name],
        )
      )[0]?.[0],
    );
  while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  abort.abort();
  await expect(reading).rejects.toMatchObject({ code: "CANCELLED" });
  await falls(running, 0, 2_000);
  await other.drop();
});
