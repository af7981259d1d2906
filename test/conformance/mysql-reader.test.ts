import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMysql } from "../../shared/connectors/mysql/client.js";
import { interceptRows } from "../../shared/connectors/mysql/driver-internals.js";
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
    await database.query(`DROP TABLE IF EXISTS ${from}, ${to}`);
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

  test("cells arrive as canonical text, bits of one digit as booleans, bytes", async () => {
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
    await database.query("DROP TABLE IF EXISTS wide, wide2");
    await database.query("CREATE TABLE wide (id INT PRIMARY KEY, big LONGBLOB)");
    await database.query("INSERT INTO wide VALUES (1, REPEAT('a', 17000000)), (2, 'b')");
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
      "SELECT LENGTH(big), SHA2(big, 256) = (SELECT SHA2(big, 256) FROM wide w WHERE w.id = o.id) FROM wide2 o ORDER BY id",
    );
    expect(sizes).toEqual([
      ["17000000", "1"],
      ["1", "1"],
    ]);
  });
});

test("rows come straight from the driver's packets, which its private parts still allow", async () => {
  const source = mysql.source.schema.parse(database.source);
  const client = await connectMysql(source, { use: "read" });
  const query = client.connection.query({ sql: "SELECT 'a', NULL, 7 UNION ALL SELECT 'b', '', 8", rowsAsArray: true });
  const rows: string[] = [];
  const values: unknown[] = [];
  expect(interceptRows(query, (buffer, from, to) => rows.push(buffer.toString("latin1", from, to)))).toBe(true);
  query.on("result", (row) => values.push(row));
  await new Promise((resolve) => query.on("end", resolve));
  expect(rows).toEqual(["\x01a\xfb\x017", "\x01b\x00\x018"]);
  expect(values).toEqual([]);
  await client.close();
});

test("the connectivity test names the step that fails: host, port, login, database", async () => {
  const steps = async (over: JsonObject) => {
    const source = mysql.source.schema.parse({ ...database.source, ...over });
    const found = await mysql.check!(source, new AbortController().signal);
    return found.map(({ name, ok }) => `${name} ${ok}`);
  };
  expect(await steps({})).toEqual(["resolve true", "connect true", "login true", "exists true", "read true"]);
  expect(await steps({ host: "no-such-host.invalid" })).toEqual(["resolve false"]);
  expect(await steps({ port: 1 })).toEqual(["resolve true", "connect false"]);
  expect(await steps({ password: "wrong" })).toEqual(["resolve true", "connect true", "login false"]);
  expect(await steps({ database: "no_such_db" })).toEqual([
    "resolve true",
    "connect true",
    "login true",
    "exists false",
  ]);
  const user = `g${database.name.slice(-8)}`;
  await database.query(`DROP USER IF EXISTS ${user}`);
  await database.query(`CREATE USER ${user} IDENTIFIED BY 'pw'`);
  expect(await steps({ username: user, password: "pw" })).toEqual([
    "resolve true",
    "connect true",
    "login true",
    "exists false",
  ]);
  await database.query(`DROP USER ${user}`);
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
  await falls(running, 0);
  await other.drop();
});
