import { type Connection, TYPES } from "tedious";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loginSqlserver } from "../../shared/connectors/sqlserver/client.js";
import { connectSqlserver } from "../../shared/connectors/sqlserver/connect.js";
import { sqlserver } from "../../shared/connectors/sqlserver/index.js";
import type { SqlserverSource } from "../../shared/connectors/sqlserver/source.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { opened, type ScratchSqlserver, scratchSqlserver, valuesOf } from "../servers/scratch-sqlserver.js";
import { recordsOf, sideOf, writeAll } from "./drive.js";

const { reader, writer } = sqlserver;
if (!reader || !writer) throw new Error("the connector has both sides");

let database: ScratchSqlserver;
let plain: Connection;
let made = 0;
beforeAll(async () => {
  database = await scratchSqlserver();
  plain = await opened(database.source);
});
afterAll(async () => {
  plain.close();
  await database.close();
});

const source = () => sqlserver.source.schema.parse(database.source) as SqlserverSource;
const table = async (declaration: string) => {
  const name = `t_${++made}`;
  await database.run(`CREATE TABLE ${name} (${declaration})`);
  return name;
};
const read = (parameter: JsonObject) =>
  recordsOf(reader, sideOf(sqlserver, reader.params, database.source, { column: ["*"], ...parameter }));
const write = (parameter: JsonObject, types: readonly Column["type"][], rows: readonly (readonly Cell[])[]) => {
  const columns = types.map((type, at) => ({ name: `c${at}`, type }));
  const side = sideOf(sqlserver, writer.params, database.source, { column: ["*"], ...parameter });
  return writeAll(writer, side, columns, [rows], { runId: `run-${++made}` });
};

describe("what the driver alone would alter", () => {
  test("decimals of more than 15 digits are read whole", async () => {
    const name = await table("id int PRIMARY KEY, d decimal(38,10), n numeric(21,2)");
    await database.run(
      `INSERT INTO ${name} VALUES (1, '1234567890123456789012345678.0123456789', '92233720368547758.07')`,
    );
    const [[d, n] = []] = await valuesOf(plain, `SELECT d, n FROM ${name}`);
    expect([String(d), String(n)]).toEqual(["1.2345678901234567e+27", "92233720368547760"]);
    expect(await read({ table: name })).toEqual([
      ["1", "1234567890123456789012345678.0123456789", "92233720368547758.07"],
    ]);
    expect(await read({ querySql: `SELECT n, id FROM ${name} ORDER BY id` })).toEqual([["92233720368547758.07", "1"]]);
  });

  test("decimals and integers of more than 15 digits are written whole, of any precision and scale", async () => {
    const bytes = [
      ...TYPES.Decimal.generateParameterData(
        { value: "92233720368547758.07", precision: 21, scale: 2 } as never,
        {} as never,
      ),
    ];
    expect(Buffer.concat(bytes).readBigUInt64LE(1)).toBe(9_223_372_036_854_775_808n);
    const name = await table("id bigint PRIMARY KEY, n numeric(21,2), d decimal(38,18)");
    const rows = [["2567435346112343576", "92233720368547758.07", "12345678901234567890.000000000000000001"]];
    const { dirty } = await write({ table: name }, ["long", "double", "double"], rows);
    expect(dirty).toEqual([]);
    expect(await database.run(`SELECT id, CONVERT(varchar(41), n), CONVERT(varchar(41), d) FROM ${name}`)).toEqual(
      rows,
    );
  });

  test("moments keep their offset and all digits of their second, both ways", async () => {
    const name = await table("id int PRIMARY KEY, m datetimeoffset(7), t datetime2(7)");
    await database.run(
      `INSERT INTO ${name} VALUES (1, '2024-02-29 23:30:00.1234567 +08:00', '2024-02-29 12:00:00.1234567')`,
    );
    const [[m] = []] = await valuesOf(plain, `SELECT m FROM ${name}`);
    expect((m as Date).toISOString()).toBe("2024-02-29T15:30:00.123Z");
    const rows = [["1", "2024-02-29 23:30:00.1234567 +08:00", "2024-02-29 12:00:00.1234567"]];
    expect(await read({ table: name })).toEqual(rows);
    const copy = await table("id int PRIMARY KEY, m datetimeoffset(7), t datetime2(7)");
    expect((await write({ table: copy }, ["long", "string", "date"], rows)).dirty).toEqual([]);
    expect(await read({ table: copy })).toEqual(rows);
  });

  test("a date without an offset takes that of the writer's zone, and without one UTC", async () => {
    const name = await table("id int PRIMARY KEY, m datetimeoffset(0)");
    await write({ table: name }, ["long", "date"], [["1", "2024-02-29 12:00:00"]]);
    expect(await read({ table: name })).toEqual([["1", "2024-02-29 12:00:00 +00:00"]]);
  });

  test("no statement is given up after the driver's 15 seconds, and values have no limit of length", async () => {
    const timeLimit = (driver: Connection) =>
      (driver as unknown as { config: { options: { requestTimeout: number } } }).config.options.requestTimeout;
    const usual = await opened(database.source, { requestTimeout: undefined });
    usual.close();
    const login = await loginSqlserver(source(), { host: database.source.host, port: database.source.port });
    login.close();
    expect([usual, login.driver].map(timeLimit)).toEqual([15_000, 0]);
    const client = await connectSqlserver(source(), { use: "read" });
    expect((await client.query("SELECT @@TEXTSIZE")).rows).toEqual([["2147483647"]]);
    await client.close();
  });

  test("a bulk load goes to a stage, whose nulls stay nulls; the target's name is quoted wherever it stands", async () => {
    const load = plain.newBulkLoad("my table", () => {});
    load.addColumn("c", TYPES.Int, { nullable: true });
    expect((load as unknown as { getBulkInsertSql(): string }).getBulkInsertSql()).toBe(
      "insert bulk my table([c] int)",
    );
    await database.run("CREATE TABLE [my table] (id int PRIMARY KEY, c nvarchar(9))");
    await write({ table: "my table" }, ["long", "string"], [["1", null]]);
    expect(await database.run("SELECT id, c FROM [my table]")).toEqual([["1", null]]);
    if (!database.isReal)
      expect(database.heard.filter((sql) => sql.startsWith("insert bulk")).at(-1)).toBe(
        "insert bulk #sluice_stage([sluice_row] int, [c0] nvarchar(max), [c1] nvarchar(max)) WITH (CHECK_CONSTRAINTS,KEEP_NULLS,TABLOCK)",
      );
  });
});

describe("values", () => {
  test("arrive as their canonical text", async () => {
    const name = await table(
      "id int PRIMARY KEY, s smallint, b bit, f float, r real, d date, t time(3), g uniqueidentifier, raw varbinary(9), x xml",
    );
    await database.run(
      `INSERT INTO ${name} VALUES (1, -5, 1, 0.1, 0.1, '2024-02-29', '12:34:56.789', '00112233-4455-6677-8899-AABBCCDDEEFF', 0x00FF, '<a/>'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
    );
    const [first, second] = await read({ table: name });
    expect(first).toEqual([
      "1",
      "-5",
      "true",
      "0.1",
      "0.1",
      "2024-02-29",
      "12:34:56.789",
      "00112233-4455-6677-8899-AABBCCDDEEFF",
      Buffer.from([0, 255]),
      "<a/>",
    ]);
    expect(second).toEqual(["2", ...Array.from({ length: 9 }, () => null)]);
  });

  test("text of a code page is decoded by the server, whose characters the driver's tables lack", async () => {
    const name = await table("id int PRIMARY KEY, v varchar(40)");
    await database.run(`INSERT INTO ${name} VALUES (1, N'plain')`);
    await read({ table: name });
    if (!database.isReal)
      expect(
        database.heard.some((sql) => sql.startsWith("SELECT [id], CONVERT(nvarchar(4000), [v]) AS [v] FROM")),
      ).toBe(true);
    const { dirty } = await write(
      { table: name },
      ["long", "string"],
      [
        ["2", "ascii"],
        ["3", "\u{1F9A5}".repeat(11)],
      ],
    );
    expect(dirty.map(({ column, reason }) => [column, reason])).toEqual([["v", "TOO_LONG"]]);
  });

  test("querySql with WITH, ORDER BY and comments is read exactly; columns that cannot be told apart are refused", async () => {
    const name = await table("id int PRIMARY KEY, d decimal(20,2)");
    await database.run(`INSERT INTO ${name} VALUES (1, '12345678901234567.89'), (2, '1.00')`);
    const querySql = `WITH few AS (SELECT id, d FROM ${name} WHERE id < 9) -- no semicolon\nSELECT d, id FROM few ORDER BY id DESC;`;
    expect(await read({ querySql })).toEqual([
      ["1.00", "2"],
      ["12345678901234567.89", "1"],
    ]);
    await expect(read({ querySql: `SELECT d, d FROM ${name}` })).rejects.toMatchObject({
      ...{ code: "CONFIG_INVALID", path: "querySql" },
      message: expect.stringContaining("a name of their own"),
    });
  });
});

describe("names", () => {
  test.each([
    ["order", "[order]"],
    ["Mixed Case", "[Mixed Case]"],
    ["[dot.ted]", "[dot.ted]"],
    ["[brack]]et]", "[brack]]et]"],
    ["订单", "[订单]"],
    ["sales.orders", "[sales].[orders]"],
  ])("%s is found, read and written", async (given, quoted) => {
    if (given.startsWith("sales.")) await database.run("CREATE SCHEMA sales");
    await database.run(`CREATE TABLE ${quoted} ([select] int PRIMARY KEY, [a.b c] nvarchar(20), [列]]] nvarchar(20))`);
    const parameter = { table: given, column: ["[select]", '"a.b c"', "列]"] };
    await write(parameter, ["long", "string", "string"], [["1", "x", "y"]]);
    expect(await read({ table: given, column: ["列]", "[a.b c]", "SELECT"] })).toEqual([["y", "x", "1"]]);
  });
});

describe("columns that the server fills", () => {
  test("numbers of identity columns are kept where they are written, and given where they are not", async () => {
    const name = await table("id int IDENTITY PRIMARY KEY, v nvarchar(20)");
    const { dirty } = await write(
      { table: name },
      ["long", "string"],
      [
        ["7", "seven"],
        ["9", "nine"],
      ],
    );
    expect(dirty).toEqual([]);
    await write({ table: name, column: ["v"] }, ["string"], [["next"]]);
    expect(await database.run(`SELECT id, v FROM ${name} ORDER BY id`)).toEqual([
      ["7", "seven"],
      ["9", "nine"],
      ["10", "next"],
    ]);
  });

  test("computed columns and rowversions are left out of *, and refused by name", async () => {
    const name = await table("id int PRIMARY KEY, twice AS (id * 2), rv rowversion, v nvarchar(20)");
    await write({ table: name }, ["long", "string"], [["1", "x"]]);
    expect((await read({ table: name })).map(([id, twice, , v]) => [id, twice, v])).toEqual([["1", "2", "x"]]);
    await expect(write({ table: name, column: ["id", "twice"] }, ["long", "long"], [["2", "4"]])).rejects.toMatchObject(
      {
        ...{ code: "CONFIG_INVALID", path: "column[1]" },
        message: expect.stringContaining("is computed"),
      },
    );
    await expect(write({ table: name, column: ["id", "rv"] }, ["long", "bytes"], [["2", null]])).rejects.toMatchObject({
      message: expect.stringContaining("is a rowversion"),
    });
  });
});

describe("the same key twice", () => {
  const twice = [
    ["1", "first"],
    ["2", "other"],
    ["1", "last"],
  ];
  test.each([
    ["update", { writeMode: "update" }, "last"],
    ["replace", { writeMode: "replace" }, "last"],
    ["upsert, replace", { writeMode: "upsert", conflictMode: "replace", uniqueIndexColumns: [["id"]] }, "last"],
  ])("in one chunk: the later one wins with %s", async (_, parameter, expected) => {
    const name = await table("id int PRIMARY KEY, v nvarchar(20)");
    const { dirty, durable } = await write({ table: name, ...parameter }, ["long", "string"], twice);
    expect(dirty).toEqual([]);
    expect(durable?.counters).toMatchObject({ written: 3 });
    expect(await database.run(`SELECT id, v FROM ${name} ORDER BY id`)).toEqual([
      ["1", expected],
      ["2", "other"],
    ]);
  });

  test("a mode that needs a key is refused where the target has none of the written columns", async () => {
    const name = await table("id int, v nvarchar(20)");
    await expect(write({ table: name, writeMode: "update" }, ["long", "string"], twice)).rejects.toMatchObject({
      ...{ code: "CONFIG_INVALID", path: "writeMode" },
    });
    await expect(
      write({ table: name, writeMode: "update", uniqueIndexColumns: ["v"] }, ["long", "string"], twice),
    ).rejects.toMatchObject({ path: "uniqueIndexColumns" });
  });
});
