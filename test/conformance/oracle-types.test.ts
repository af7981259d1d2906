import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oracle } from "../../shared/connectors/oracle/index.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { startOracle } from "../servers/oracle/server.js";
import { patience } from "../servers/pace.mjs";
import { oracleUrl, type ScratchOracle, scratchOracle } from "../servers/scratch-oracle.js";
import { batchesOf, planned, recordsOf, sideOf, writeAll } from "./drive.js";

const { reader, writer } = oracle;
if (!reader || !writer) throw new Error("the connector has both sides");
let schema: ScratchOracle;
beforeAll(async () => {
  schema = await scratchOracle();
});
afterAll(() => schema.close());

const reading = (parameter: JsonObject) =>
  sideOf(oracle, reader.params, schema.source, { column: ["*"], ...parameter });
const writing = (parameter: JsonObject) =>
  sideOf(oracle, writer.params, schema.source, { column: ["*"], ...parameter });
const table = async (declaration: string) => {
  const name = schema.name();
  await schema.run(`CREATE TABLE ${name} (${declaration})`);
  return name;
};
const texts = (...names: string[]): Column[] => names.map((name) => ({ name, type: "string" }));
let runs = 0;
const write = (parameter: JsonObject, columns: readonly Column[], rows: Cell[][]) =>
  writeAll(writer, writing(parameter), columns, [rows], { runId: `types-${++runs}` });

describe("values that the plain driver loses", () => {
  test("fractions of a second below a millisecond, which it drops even as text", async () => {
    const name = await table("id NUMBER(5) PRIMARY KEY, at TIMESTAMP(9)");
    await schema.run(`INSERT INTO ${name} VALUES (1, TIMESTAMP '2024-02-29 12:34:56.123456789')`);
    const { default: driver } = await import("oracledb");
    const plain = await driver.getConnection({
      ...{ user: schema.source.username, password: schema.source.password },
      connectString: `${schema.source.host}:${schema.source.port}/${schema.source.database}`,
    });
    const { rows } = await plain.execute<unknown[]>(`SELECT at FROM ${name}`, [], {
      fetchTypeHandler: () => ({ type: driver.STRING }),
    });
    await plain.close();
    expect(String(rows?.[0]?.[0])).not.toContain("123456");
    expect(await recordsOf(reader, reading({ table: name }))).toEqual([["1", "2024-02-29 12:34:56.123456789"]]);
  });

  test("zeros in front of a point, and digits that no JS number has", async () => {
    const name = await table("id NUMBER(5) PRIMARY KEY, n NUMBER");
    const numbers = ["0.5", "-0.25", "12345678901234567890123456789012345678", "0.0000000001", "-7", "1000000"];
    for (const [at, one] of numbers.entries())
      await schema.run(`INSERT INTO ${name} VALUES (${at}, TO_NUMBER('${one}'))`);
    expect((await recordsOf(reader, reading({ table: name }))).map(([, n]) => n)).toEqual(numbers);
  });

  test("the driver's own number encoder takes a text for a number that it is not; ours is refused by the server", async () => {
    const name = await table("id NUMBER(5) PRIMARY KEY, n NUMBER(20,4)");
    const { dirty, durable } = await write({ table: name }, texts("id", "n"), [
      ["1", "12.5"],
      ["2", "abc"],
      ["3", "99999999999999.9999"],
    ]);
    expect(dirty).toMatchObject([{ reason: "CONVERSION", cells: ["2", "abc"] }]);
    expect(durable?.counters).toMatchObject({ written: 2, dirty: 1 });
    expect(await schema.run(`SELECT n FROM ${name} ORDER BY id`)).toEqual([["12.5"], ["99999999999999.9999"]]);
    const { default: driver } = await import("oracledb");
    // Five bytes without a word, and none of them says that it is no number.
    expect((await encodedByDriver("abc")).length).toBeGreaterThan(1);
    const plain = await driver.getConnection({
      ...{ user: schema.source.username, password: schema.source.password },
      connectString: `${schema.source.host}:${schema.source.port}/${schema.source.database}`,
    });
    const asNumber = { bindDefs: [{ type: driver.NUMBER }, { type: driver.NUMBER }] };
    await expect(plain.executeMany(`INSERT INTO ${name} VALUES (:1, :2)`, [["9", "1.5"]], asNumber)).rejects.toThrow(
      /NJS-0/,
    );
    await plain.close();
  });
});

/** What the driver makes of a text that it binds as a number, without any error. */
async function encodedByDriver(text: string): Promise<Buffer> {
  // Inside the driver, which has no types for it.
  const { BaseBuffer } = (await import("oracledb/lib/impl/datahandlers/buffer.js" as string)).default as {
    BaseBuffer: new (bytes: Buffer) => { pos: number; buf: Buffer; writeOracleNumber(text: string): void };
  };
  const buffer = new BaseBuffer(Buffer.alloc(64));
  buffer.writeOracleNumber(text);
  return Buffer.from(buffer.buf.subarray(0, buffer.pos));
}

describe("columns of all types", () => {
  test("arrive as texts, numbers and bytes with nothing lost", async () => {
    const name = await table(
      "id NUMBER(5) PRIMARY KEY, d DATE, f BINARY_FLOAT, g BINARY_DOUBLE, r RAW(20), c CLOB, b BLOB, i INTERVAL DAY(2) TO SECOND(6), y INTERVAL YEAR(2) TO MONTH, n NVARCHAR2(20), p CHAR(5), z TIMESTAMP(3) WITH TIME ZONE",
    );
    await schema.run(
      `INSERT INTO ${name} VALUES (1, DATE '2024-02-29', 0.1, 0.1, HEXTORAW('00ff'), 'long text', HEXTORAW('0102'), TO_DSINTERVAL('+01 02:03:04.5'), TO_YMINTERVAL('+01-02'), '你好', 'ab   ', TIMESTAMP '2024-02-29 12:34:56.123')`,
    );
    const [row] = await recordsOf(
      reader,
      reading({ table: name, column: ["id", "d", "f", "g", "r", "c", "b", "n", "p", "z"] }),
    );
    expect(row).toEqual([
      ...["1", "2024-02-29 00:00:00", "0.1", "0.1", Buffer.from([0, 255]), "long text", Buffer.from([1, 2])],
      ...["你好", "ab   ", "2024-02-29 12:34:56.123"],
    ]);
    const columns = await reader.columns(reading({ table: name }));
    expect(columns.map(({ type }) => type).join()).toBe(
      "long,date,double,double,bytes,string,bytes,string,string,string,string,date",
    );
    expect(columns.at(-1)).toMatchObject({ isMoment: true, clock: "+00:00" });
  });

  test("dates in expressions and in statements of the job arrive whole as well, in the order of the key", async () => {
    const name = await table("id NUMBER(5) PRIMARY KEY, at TIMESTAMP(9)");
    for (const id of [3, 1, 2])
      await schema.run(`INSERT INTO ${name} VALUES (${id}, TIMESTAMP '2024-02-29 12:34:56.00000000${id}')`);
    const expected = [1, 2, 3].map((id) => [String(id), `2024-02-29 12:34:56.00000000${id}`]);
    const moment = "TO_TIMESTAMP('2024-02-29 12:34:56.123456789', 'SYYYY-MM-DD HH24:MI:SS.FF9')";
    const byExpression = reading({ table: name, column: ["id", moment] });
    const [split] = await planned(reader, byExpression, 1);
    const rows = (await batchesOf(reader, byExpression, split!)).flatMap((batch) => batch.rows);
    expect(rows).toEqual([1, 2, 3].map((id) => [String(id), "2024-02-29 12:34:56.123456789"]));
    const byQuery = await recordsOf(reader, reading({ querySql: `SELECT id, at FROM ${name} ORDER BY id` }));
    expect(byQuery).toEqual(expected);
  });

  test("texts and bytes that are longer than SQL takes go in and come out, also where rows are changed", async () => {
    const name = await table("id NUMBER(5) PRIMARY KEY, c CLOB, b BLOB, note VARCHAR2(20)");
    const long = "你好 ".repeat(5_000);
    const bytes = Buffer.alloc(20_000, 7);
    const columns: Column[] = [...texts("id", "c"), { name: "b", type: "bytes" }, ...texts("note")];
    for (const writeMode of ["insert", "update"]) {
      const { dirty } = await write(
        { table: name, writeMode },
        columns,
        [
          ["1", long, bytes, writeMode],
          ["2", "short", null, writeMode],
        ].slice(0, writeMode === "insert" ? 2 : 1) as Cell[][],
      );
      expect(dirty).toEqual([]);
    }
    expect(await recordsOf(reader, reading({ table: name }))).toEqual([
      ["1", long, bytes, "update"],
      ["2", "short", null, "insert"],
    ]);
  });
});

describe("what a column cannot hold", () => {
  test("is refused before the server sees it, with the column's own words", async () => {
    const name = await table(
      "id NUMBER(5) PRIMARY KEY, v VARCHAR2(5), w VARCHAR2(5 CHAR), n NUMBER(6,2), d DATE, t TIMESTAMP(3), r RAW(2)",
    );
    const columns: Column[] = [...texts("id", "v", "w", "n", "d", "t"), { name: "r", type: "bytes" }];
    const odd: Cell[][] = [
      ["1", "äöü", null, null, null, null, null],
      ["2", null, "äöüäöü", null, null, null, null],
      ["3", null, null, "1.234", null, null, null],
      ["4", null, null, null, "2024-02-29 12:00:00.5", null, null],
      ["5", null, null, null, null, "2024-02-29 12:00:00.0001", null],
      ["6", null, null, null, null, null, Buffer.alloc(3)],
      ["7", null, "äöüäö", "1.230", "2024-02-29 12:00:00.0", "2024-02-29 12:00:00.001", Buffer.alloc(2)],
    ];
    const { dirty, durable } = await write({ table: name }, columns, odd);
    expect(dirty.map(({ cells, message }) => [cells[0], message])).toEqual([
      ["1", "the text has 6 bytes, varchar2(5) takes fewer"],
      ["2", "the text has 6 characters, varchar2(5 char) takes fewer"],
      ["3", expect.stringContaining("3 digits behind the point")],
      ["4", expect.stringContaining("date keeps 0")],
      ["5", expect.stringContaining("timestamp(3) keeps 3")],
      ["6", expect.stringContaining("3 bytes")],
    ]);
    expect(durable?.counters).toMatchObject({ written: 1, dirty: 6 });
  });

  test("an empty text is NULL, which is said beforehand; with emptyAsNull false it is dirty, as it is where NULL may not be", async () => {
    const name = await table("id NUMBER(5) PRIMARY KEY, v VARCHAR2(5), w VARCHAR2(5) NOT NULL");
    const rows: Cell[][] = [
      ["1", "", "x"],
      ["2", "y", ""],
    ];
    const first = await write({ table: name }, texts("id", "v", "w"), rows);
    expect(first.prepared.notes).toEqual([expect.stringMatching(/they become NULL in V; with emptyAsNull false/)]);
    expect(first.dirty).toMatchObject([
      { reason: "NOT_NULL", column: "W", message: expect.stringContaining("the column is NOT NULL") },
    ]);
    const second = await write({ table: name, emptyAsNull: false }, texts("id", "v", "w"), [["3", "", "x"]]);
    expect(second.prepared.notes).toEqual([]);
    expect(second.dirty).toMatchObject([{ column: "V", message: expect.stringContaining("emptyAsNull is false") }]);
    expect(await schema.run(`SELECT id, v, w FROM ${name}`)).toEqual([["1", null, "x"]]);
  });

  test("columns that the server fills itself are left out by *, and refused by name", async () => {
    const name = await table(
      "id NUMBER(5) GENERATED ALWAYS AS IDENTITY, a NUMBER(5), twice NUMBER(5) AS (a * 2) VIRTUAL, hidden NUMBER(5) INVISIBLE",
    );
    await expect(
      writer.prepare(writing({ table: name, column: ["id", "a"] }), {
        runId: "x",
        exactlyOnce: "auto",
        columns: texts("id", "a"),
      }),
    ).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/"ID" takes no values.*ALWAYS/),
    });
    const leftOut = await writer.leftOut?.(writing({ table: name }));
    expect(leftOut?.map(({ name: one, why }) => `${one} ${why}`)).toEqual([
      "ID generated",
      "TWICE generated",
      "HIDDEN invisible",
    ]);
  });
});

describe("tables without a key", () => {
  test("are cut by ROWID, every row once", async () => {
    const name = await table("a NUMBER(9), b VARCHAR2(20)");
    await schema.runMany(
      `INSERT INTO ${name} VALUES (TO_NUMBER(:1), :2)`,
      Array.from({ length: 4_000 }, (_, at) => [String(at), `row ${at}`]),
    );
    const plan = await reader.split(reading({ table: name }), 4);
    expect(plan.splits.length).toBe(4);
    expect(plan.warnings.join()).toMatch(/cut by the places of its rows/);
    const rows = await recordsOf(reader, reading({ table: name }), 4);
    expect(rows.map(([a]) => Number(a)).sort((a, b) => a - b)).toEqual(Array.from({ length: 4_000 }, (_, at) => at));
  });

  test("are one split where rows have no place of their own", async () => {
    const name = schema.name();
    await schema.run(`CREATE TABLE ${name} (id NUMBER(5), PRIMARY KEY (id)) ORGANIZATION INDEX`);
    await expect(reader.split(reading({ table: name, splitPk: "ROWID" }), 4)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: "splitPk",
    });
    const view = `V_${name}`;
    await schema.run(`CREATE VIEW ${view} AS SELECT id FROM ${name}`);
    expect((await reader.split(reading({ table: view }), 4)).splits).toHaveLength(1);
    await schema.run(`DROP VIEW ${view}`).catch(() => {});
  });
});

describe("names in small letters", () => {
  test("are split by, with quotes and without", async () => {
    const name = await table('"id" NUMBER(9) PRIMARY KEY, "v" VARCHAR2(20)');
    await schema.runMany(
      `INSERT INTO ${name} VALUES (TO_NUMBER(:1), :2)`,
      Array.from({ length: 2_000 }, (_, at) => [String(at), "x"]),
    );
    for (const splitPk of ["id", '"id"']) {
      const side = reading({ table: name, column: ['"id"'], splitPk });
      expect((await planned(reader, side, 4)).length).toBeGreaterThan(1);
      expect(new Set((await recordsOf(reader, side, 4)).map(([id]) => id)).size).toBe(2_000);
    }
  });
});

describe.skipIf(oracleUrl !== undefined)("the tests' server", () => {
  test("is found where the listener of a cluster sends clients, and not where nobody listens", async () => {
    const [there, nowhere] = await Promise.all([
      startOracle({ redirectTo: { host: "127.0.0.1", port: schema.source.port } }),
      startOracle({ redirectTo: { host: "127.0.0.1", port: 1 } }),
    ]);
    const steps = async (port: number) => {
      const source = oracle.source.schema.parse({ ...schema.source, port });
      return (await oracle.check?.(source, AbortSignal.timeout(patience(10_000))))?.map(
        ({ name, ok }) => `${name} ${ok}`,
      );
    };
    expect(await steps(there.port)).toContain("login true");
    expect((await steps(nowhere.port))?.at(-1)).toBe("exists false");
    await Promise.all([there.close(), nowhere.close()]);
  });

  test("is asked for rows only when those before were taken, as many as fetchSize says", async () => {
    const name = await table("id NUMBER(9) PRIMARY KEY, pad VARCHAR2(1000)");
    await schema.runMany(
      `INSERT INTO ${name} VALUES (TO_NUMBER(:1), :2)`,
      Array.from({ length: 5_000 }, (_, at) => [String(at), "x".repeat(900)]),
    );
    const side = reading({ table: name, fetchSize: 100 });
    const [split] = await planned(reader, side, 1);
    const before = schema.server?.log.fetched.length ?? 0;
    for await (const batch of reader.read(side, split!.spec, null)) if (batch.count > 0) break;
    const fetched = (schema.server?.log.fetched ?? []).slice(before);
    expect(Math.max(...fetched)).toBe(100);
    // A batch is half a megabyte: of five there is no need to ask for more than the first.
    expect(fetched.length).toBeLessThan(12);
  });
});
