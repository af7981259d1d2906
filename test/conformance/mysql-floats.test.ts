import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Batch, Cell } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { batchesOf, planned, recordsOf, sideOf, splitRefOf, writeAll } from "./drive.js";

const reader = mysql.reader!;
const writer = mysql.writer!;
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase();
  await database.query("CREATE TABLE bits (id INT PRIMARY KEY, f FLOAT, u FLOAT UNSIGNED)");
  const floats = [...special, ...randomFloats(5_000)];
  const rows = floats.map((float, id) => `(${id}, ${number(float)}, ${number(Math.abs(float))})`);
  await database.query(`INSERT INTO bits VALUES ${rows.join(", ")}, (-1, NULL, NULL)`);
});
afterAll(async () => {
  await database.drop();
});

const largest = 3.4028234663852886e38;
const special = [
  16777217,
  0.123456789,
  0.1,
  1e-45,
  -1e-45,
  0,
  -0,
  largest,
  -largest,
  2 ** -126,
  1e20,
  1e15,
  2 ** 30,
  7,
];

function number(float: number): string {
  return Object.is(float, -0) ? "-0e0" : float.toExponential();
}

/** Any bit pattern but infinities and what is no number; every fourth is a denormal. */
function randomFloats(count: number): number[] {
  const bits = new DataView(new ArrayBuffer(4));
  let state = 7;
  return Array.from({ length: count }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bits.setUint32(0, i % 4 === 0 ? state & 0x807fffff : state);
    return Number.isFinite(bits.getFloat32(0)) ? bits.getFloat32(0) : i;
  });
}

function readSide(parameter: JsonObject) {
  return sideOf(mysql, reader.params, database.source, parameter);
}

/** Copies a table the way a shard does, packed, and answers the reader's batches. */
async function copy(from: string, to: string, column: string[], extra: JsonObject = {}): Promise<Batch[]> {
  const side = readSide({ table: from, column });
  const columns = await reader.columns(side);
  const target = sideOf(mysql, writer.params, database.source, { table: to, column, ...extra });
  const prepared = await writer.prepare(target, { runId: "r", exactlyOnce: "auto", columns });
  const all: Batch[] = [];
  for (const [split, one] of (await planned(reader, side, 3)).entries()) {
    const session = await writer.open(target, splitRefOf(prepared, columns, [], { split, runId: `r-${to}` }));
    for (const batch of await batchesOf(reader, side, one)) {
      all.push(batch);
      await session.write(batch);
    }
    await session.close();
  }
  return all;
}

/** Exact values, with the sign of zero. */
async function exact(table: string, ...columns: string[]): Promise<unknown[][]> {
  const parts = columns.flatMap((column) => [`${column} + 0e0`, `ATAN2(${column} * 1e0, -1) < 0`]);
  return database.query(`SELECT id, ${parts.join(", ")} FROM ${table} ORDER BY id`);
}

describe("FLOAT columns", () => {
  test.each([
    ["*, LOAD DATA", ["*"], {}],
    ["columns by name, INSERT", ["id", "f", "`u`"], { nullMode: "skipNull" }],
  ])("of every bit pattern go from table to table unchanged: %s", async (way, column, extra) => {
    const target = way.startsWith("*") ? "bits_loaded" : "bits_inserted";
    await database.query(`CREATE TABLE ${target} LIKE bits`);
    await copy("bits", target, column, extra);
    const [sent, arrived] = [await exact("bits", "f", "u"), await exact(target, "f", "u")];
    expect(sent).toHaveLength(special.length + 5_001);
    const version = String((await database.query("SELECT VERSION()"))[0]?.[0]);
    // MariaDB prints a negative zero without its sign; MySQL keeps it.
    const unsigned = (rows: unknown[][]) => rows.map((row) => (Number(row[1]) === 0 ? [row[0], row[1], row[3]] : row));
    const seen = /mariadb/i.test(version) ? unsigned : (rows: unknown[][]) => rows;
    expect(seen(arrived)).toEqual(seen(sent));
  });

  test("are the same float as text, in the fewest digits, and null stays null", async () => {
    const [records, stored] = [
      await recordsOf(reader, readSide({ table: "bits", column: ["id", "f"] })),
      await exact("bits", "f"),
    ];
    const values = new Map(stored.map((row) => [String(row[0]), row[1]]));
    const different = records.filter(([id, text]) => {
      const value = values.get(String(id));
      return value === null ? text !== null : Math.fround(Number(text)) !== Number(value);
    });
    expect(different).toEqual([]);
    const texts = records.slice(1, 6).map(([, text]) => text);
    expect(texts).toEqual(["16777216", "0.12345679", "0.1", "1e-45", "-1e-45"]);
  });

  test("with a declared layout keep it, and their value", async () => {
    const body = "id INT PRIMARY KEY, a FLOAT(7,4), b FLOAT(10,2) ZEROFILL, c FLOAT ZEROFILL, d FLOAT(255,30)";
    for (const table of ["laid", "laid_too"]) await database.query(`CREATE TABLE ${table} (${body})`);
    await database.query(
      `INSERT INTO laid VALUES (1, 123.4567, 1.5, 0.1, 1e-30), (2, -0.1, 12345678.12, 16777217, 1e30), (3, 999.9999, 0, 0, 1.5)`,
    );
    const batches = await copy("laid", "laid_too", ["*"]);
    expect(await exact("laid_too", "a", "b", "c", "d")).toEqual(await exact("laid", "a", "b", "c", "d"));
    const rows = batches.flatMap((batch) => batch.rows).map((row): Cell[] => row.slice(1, 4));
    expect(rows).toEqual([
      ["123.4567", "0000001.50", "0000000000.1"],
      ["-0.1000", "12345678.00", "000016777216"],
      ["999.9999", "0000000.00", "000000000000"],
    ]);
  });

  test("beside invisible columns, booleans and expressions keep their places, and the key behind them is the key", async () => {
    await database.query("CREATE TABLE mixed (f FLOAT, b BIT(1), t TEXT, id INT PRIMARY KEY)");
    await database.query("INSERT INTO mixed SELECT seq / 7e0, seq % 2, CONCAT('t', seq), seq FROM seq_1_to_2000");
    const side = readSide({ table: "mixed", column: ["t", "f * 2", "f", "b"] });
    const [split] = await planned(reader, side, 1);
    const [batch] = await batchesOf(reader, side, split!);
    expect(batch?.checkpoint).toEqual(["2000"]);
    expect(batch?.columns.map(({ type, nativeType }) => [type, nativeType])).toEqual([
      ["string", "text"],
      ["double", "double"],
      ["double", "float"],
      ["bool", "bit(1)"],
    ]);
    expect(batch?.rows[0]).toEqual(["t1", "0.2857142984867096", "0.14285715", "true"]);
    expect(await batchesOf(reader, side, split!, ["1999"])).toMatchObject([
      { rows: [["t2000", expect.anything(), "285.7143", "false"]] },
    ]);
  });

  test("are no key to split by, and a table whose only key they are is one split without checkpoints", async () => {
    await database.query("CREATE TABLE keyed (f FLOAT PRIMARY KEY, v INT)");
    await database.query("INSERT INTO keyed SELECT 16777216 + 2 * seq, seq FROM seq_1_to_3000");
    const side = readSide({ table: "keyed", column: ["*"] });
    const splits = await planned(reader, side, 20);
    expect(splits).toHaveLength(1);
    const batches = await batchesOf(reader, side, splits[0]!);
    expect(batches.every(({ checkpoint }) => checkpoint === null)).toBe(true);
    expect(new Set(batches.flatMap(({ rows }) => rows).map(([f]) => f)).size).toBe(3000);
    const named = readSide({ table: "keyed", column: ["*"], splitPk: "f" });
    await expect(reader.split(named, 20)).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "splitPk" });
  });

  test("as a key of the target tell apart which row was there already, though a message shows six digits", async () => {
    await database.query("CREATE TABLE taken (f FLOAT PRIMARY KEY, v INT)");
    const target = sideOf(mysql, writer.params, database.source, { table: "taken", column: ["*"] });
    const columns = [
      { name: "f", type: "double" },
      { name: "v", type: "long" },
    ] as const;
    const rows = [
      ["0.12345679", "1"],
      ["0.123457", "2"],
      ["0.12345679", "3"],
      ...Array.from({ length: 20 }, (_, i) => [String(i), "4"]),
    ];
    const { dirty } = await writeAll(writer, target, columns, [rows]);
    expect(dirty.map(({ cells, reason }) => [cells[1], reason])).toEqual([["3", "DUPLICATE_KEY"]]);
  });
});
