import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SplitRef } from "../../shared/connectors/contract.js";
import { mysql } from "../../shared/connectors/mysql/index.js";
import { batchOf, type Cell, type Column, type DirtyRecord } from "../../shared/model/batch.js";
import type { Json, JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { sideOf, splitRefOf, writeAll } from "./drive.js";

const writer = mysql.writer!;
const columns: Column[] = [
  { name: "id", type: "long" },
  { name: "name", type: "string" },
];
let database: ScratchDatabase;
let made = 0;

beforeAll(async () => {
  database = await scratchDatabase();
});
afterAll(async () => {
  await database.drop();
});

async function table(declaration = "id INT PRIMARY KEY, name VARCHAR(20)"): Promise<string> {
  const name = `w${++made}`;
  await database.query(`CREATE TABLE ${name} (${declaration})`);
  return name;
}

function sideFor(parameter: JsonObject, source: JsonObject = database.source) {
  return sideOf(mysql, writer.params, source, { column: ["*"], ...parameter });
}

function rows(count: number, from = 1): Cell[][] {
  return Array.from({ length: count }, (_, i) => [String(from + i), `row ${from + i}`]);
}

async function prepared(parameter: JsonObject, exactlyOnce: SplitRef["exactlyOnce"] = "auto", source?: JsonObject) {
  const side = sideFor(parameter, source);
  return { side, prepared: await writer.prepare(side, { runId: "r", exactlyOnce, columns }) };
}

function batch(part: Cell[][], checkpoint: Json) {
  return batchOf(part, { columns, checkpoint, dirty: [] });
}

async function count(name: string): Promise<number> {
  return Number((await database.query(`SELECT COUNT(*) FROM ${name}`))[0]?.[0]);
}

describe("dirty records", () => {
  const ways: [string, JsonObject][] = [
    ["LOAD DATA", {}],
    ["INSERT", { nullMode: "skipNull" }],
    ["REPLACE", { writeMode: "replace" }],
    ["update", { writeMode: "update" }],
  ];

  test.each(ways)(
    "%s: each kind of bad row is found with its reason, and all neighbours arrive",
    async (_way, extra) => {
      const name = await table(
        "id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, day DATE, amount DECIMAL(6,2), CHECK (amount <> 13)",
      );
      const wide: Column[] = [...columns, { name: "day", type: "string" }, { name: "amount", type: "string" }];
      const good = Array.from({ length: 3_000 }, (_, i): Cell[] => [String(i), `row ${i}`, "2024-02-29", "12.34"]);
      const bad: [Cell[], string][] = [
        [["100001", "x".repeat(21), null, null], "TOO_LONG"],
        [["99999999999", "big", null, null], "OUT_OF_RANGE"],
        [["100003", "day", "2024-02-31", null], "CONVERSION"],
        [["100004", "amount", null, "1e99"], "OUT_OF_RANGE"],
        [["100005", "amount", null, "abc"], "CONVERSION"],
        [["100006", null, null, null], "NOT_NULL"],
        [["100007", "check", null, "13"], "CONSTRAINT"],
        [["abc", "id", null, null], "CONVERSION"],
      ];
      const mixed = [...good];
      for (const [index, [row]] of bad.entries()) mixed.splice(index * 300 + 17, 0, row);
      const side = sideFor({ table: name, ...extra });
      const { dirty, durable } = await writeAll(writer, side, wide, [mixed.slice(0, 1_500), mixed.slice(1_500)]);
      const reasonOf = (row: Cell[]) => dirty.find((record) => record.cells[0] === row[0])?.reason;
      expect(bad.map(([row]) => [row[0], reasonOf(row)])).toEqual(bad.map(([row, reason]) => [row[0], reason]));
      expect(dirty.every((record) => record.message !== "" && record.key === record.cells[0])).toBe(true);
      expect(durable?.counters).toMatchObject({ read: 3_008, written: 3_000, dirty: 8 });
      expect(await count(name)).toBe(3_000);
    },
  );

  test.each([ways[0]!, ways[1]!])(
    "%s: duplicates of rows in the table, in the batch and of a second key are told apart",
    async (_way, extra) => {
      const name = await table("id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_general_ci UNIQUE");
      await database.query(`INSERT INTO ${name} VALUES (5, 'five'), (700, 'seven')`);
      const part: Cell[][] = [
        ...rows(4),
        ["0005", "new five"],
        ["5", "five again"],
        ...rows(600, 10),
        ["12", "twelve again"],
        ["9000", "ROW 10"],
        ["9001", "seven"],
      ];
      const { dirty, durable } = await writeAll(writer, sideFor({ table: name, ...extra }), columns, [part]);
      expect(dirty.map((record) => [record.reason, record.cells[1], record.column])).toEqual([
        ["DUPLICATE_KEY", "new five", extra.nullMode ? undefined : "id"],
        ["DUPLICATE_KEY", "five again", extra.nullMode ? undefined : "id"],
        ["DUPLICATE_KEY", "twelve again", extra.nullMode ? undefined : "id"],
        ["DUPLICATE_KEY", "ROW 10", extra.nullMode ? undefined : "name"],
        ["DUPLICATE_KEY", "seven", extra.nullMode ? undefined : "name"],
      ]);
      expect(durable?.counters).toMatchObject({ written: 604, dirty: 5 });
      expect(await count(name)).toBe(606);
    },
  );

  test("dirty records are kept before their batch is committed, under the progress before it", async () => {
    const name = await table();
    const { side, prepared: found } = await prepared({ table: name });
    const seen: number[] = [];
    const split = splitRefOf(found, columns, [], {
      keepDirty: async (_dirty: readonly DirtyRecord[], at) => {
        seen.push(await count(name), at.counters.read);
      },
    });
    const session = await writer.open(side, split);
    await session.write(batch([...rows(10), ["1", "again"]], 1));
    await session.flush();
    await session.write(batch([["2", "again"]], 2));
    await session.close();
    expect(seen).toEqual([0, 0, 10, 11]);
  });

  test("a table without transactions is written row by row, and a bad row costs no other", async () => {
    const name = await table();
    await database.query(`ALTER TABLE ${name} ENGINE = MyISAM`);
    const part: Cell[][] = [...rows(30), ["7", "again"], ["31", "x".repeat(30)], ...rows(10, 40)];
    const { dirty, prepared: found } = await writeAll(writer, sideFor({ table: name }), columns, [part]);
    expect(found).toMatchObject({ delivery: "atLeastOnce", repeatable: false });
    expect(found.notes.join("; ")).toMatch(/no transactions/);
    expect(dirty.map(({ reason }) => reason)).toEqual(["DUPLICATE_KEY", "TOO_LONG"]);
    expect(await count(name)).toBe(40);
  });
});

describe("the ledger", () => {
  test("a second attempt goes on where the first committed, and the first cannot commit any more", async () => {
    const name = await table();
    const { side, prepared: found } = await prepared({ table: name });
    expect(found).toMatchObject({ delivery: "ledger", repeatable: true, notes: [] });
    const first = await writer.open(side, splitRefOf(found, columns, [], { runId: "zombie", attempt: 1 }));
    expect(first.resumeFrom).toMatchObject({ checkpoint: null, counters: { read: 0 } });
    await first.write(batch(rows(10), 10));
    expect(await first.flush()).toMatchObject({ durable: { checkpoint: 10, counters: { written: 10 } } });
    const second = await writer.open(side, splitRefOf(found, columns, [], { runId: "zombie", attempt: 2 }));
    expect(second.resumeFrom).toMatchObject({ checkpoint: 10, counters: { read: 10, written: 10 } });
    await first.write(batch(rows(10, 100), 110));
    await expect(first.flush()).rejects.toMatchObject({ code: "CONFLICT", recovery: "retry" });
    await first.abort();
    await second.write(batch(rows(10, 11), 20));
    expect(await second.close()).toMatchObject({ durable: { checkpoint: 20, counters: { written: 20 } } });
    await expect(
      writer.open(side, splitRefOf(found, columns, [], { runId: "zombie", attempt: 1 })),
    ).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await count(name)).toBe(20);
    await writer.finish?.(side, { runId: "zombie", exactlyOnce: "auto", columns, prepared: found }, []);
    expect(await database.query("SELECT * FROM sluice_ledger WHERE run = 'zombie'")).toEqual([]);
  });

  test("a source that cannot be resumed is written in one transaction, and a repeat after its end writes nothing", async () => {
    const name = await table();
    const { side, prepared: found } = await prepared({ table: name });
    const attempt = async (number: number, ends: boolean) => {
      const session = await writer.open(side, splitRefOf(found, columns, [], { runId: "whole", attempt: number }));
      expect(session.resumeFrom?.checkpoint).toBeNull();
      expect(session.resumeFrom?.counters.read).toBe(0);
      await session.write(batch(rows(10), null));
      await session.write(batch(rows(10, 11), null));
      expect((await session.flush()).durable).toBeNull();
      if (!ends) return session.abort();
      expect(await session.close()).toMatchObject({ durable: { counters: { read: 20, written: 20 } } });
    };
    await attempt(1, false);
    expect(await count(name)).toBe(0);
    await attempt(2, true);
    await attempt(3, true);
    expect(await count(name)).toBe(20);
  });

  test("without the right to make the ledger the run goes on at least once, unless the job insists", async () => {
    const name = await table();
    const other = await scratchDatabase();
    const user = `u${database.name.slice(-8)}`;
    await other.query(`CREATE TABLE ${name} (id INT PRIMARY KEY, name VARCHAR(20))`);
    await other.query(`CREATE USER ${user} IDENTIFIED BY 'pw-${user}'`);
    await other.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${other.name}.${name} TO ${user}`);
    const source = { ...other.source, username: user, password: `pw-${user}` };
    const { prepared: found } = await prepared({ table: name }, "auto", source);
    expect(found).toMatchObject({ delivery: "atLeastOnce", repeatable: true });
    expect(found.notes.join()).toMatch(/cannot be written exactly once: .*denied/);
    await expect(prepared({ table: name }, true, source)).rejects.toMatchObject({ code: "NOT_REPEATABLE" });
    expect((await prepared({ table: name }, false, source)).prepared).toMatchObject({
      delivery: "atLeastOnce",
      notes: [],
    });
    await other.query(`DROP USER ${user}`);
    await other.drop();
  });
});

describe("statements and modes", () => {
  test("preSql runs in prepare, postSql in finish, both with the table's name in the place of @table", async () => {
    const name = `made${++made}`;
    const parameter = {
      table: name,
      preSql: ["CREATE TABLE IF NOT EXISTS @table (id INT PRIMARY KEY, name VARCHAR(20))", "DELETE FROM @table", " "],
      postSql: "UPDATE @table SET name = CONCAT(name, '!') WHERE id = 1",
    };
    expect(await writer.columns(sideFor(parameter))).toBeNull();
    await writeAll(writer, sideFor(parameter), columns, [rows(2)]);
    expect(await database.query(`SELECT name FROM ${name} ORDER BY id`)).toEqual([["row 1!"], ["row 2"]]);
    await expect(prepared({ table: name, preSql: ["SELEC 1"] })).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringContaining("preSql[0]"),
    });
  });

  test("update changes only the columns it is told to, replace the whole row, and the last of two rows wins", async () => {
    const name = await table("id INT PRIMARY KEY, name VARCHAR(20), more INT DEFAULT 7, times INT DEFAULT 0");
    await database.query(`INSERT INTO ${name} VALUES (1, 'old', 1, 1), (2, 'old', 2, 2)`);
    const update = { table: name, column: ["id", "name"], writeMode: "update", updateColumn: ["name"] };
    await writeAll(writer, sideFor(update), columns, [
      [
        ["1", "new"],
        ["1", "newer"],
        ["3", "third"],
      ],
    ]);
    const replace = { table: name, column: ["id", "name"], writeMode: "replace" };
    await writeAll(writer, sideFor(replace), columns, [
      [
        ["2", "first"],
        ["2", "last"],
      ],
    ]);
    expect(await database.query(`SELECT * FROM ${name} ORDER BY id`)).toEqual([
      ["1", "newer", "1", "1"],
      ["2", "last", "7", "0"],
      ["3", "third", "7", "0"],
    ]);
  });

  test("nulls give way to defaults with skipNull, empty text for a number is null unless told otherwise", async () => {
    const name = await table("id INT PRIMARY KEY, name VARCHAR(20) DEFAULT 'none', qty INT DEFAULT 5");
    const wide: Column[] = [...columns, { name: "qty", type: "string" }];
    const side = sideFor({ table: name, nullMode: "skipNull", skipNullColumn: ["name"] });
    await writeAll(writer, side, wide, [
      [
        ["1", null, null],
        ["2", "", ""],
      ],
    ]);
    await writeAll(writer, sideFor({ table: name }), wide, [[["3", "", ""]]], { runId: "second" });
    expect(await database.query(`SELECT * FROM ${name} ORDER BY id`)).toEqual([
      ["1", "none", null],
      ["2", "", null],
      ["3", "", null],
    ]);
    const strict = await writeAll(writer, sideFor({ table: name, emptyAsNull: "false" }), wide, [[["4", "", ""]]], {
      runId: "third",
    });
    expect(strict.dirty).toMatchObject([{ reason: "CONVERSION", column: "qty" }]);
  });

  test("a table of one column takes empty text, null and text that looks like the end of data", async () => {
    const name = await table("name VARCHAR(20)");
    const cells: Cell[][] = [[""], [null], ["\\N"], ["NULL"], ["\\."], [""]];
    await writeAll(writer, sideFor({ table: name }), [{ name: "name", type: "string" }], [cells]);
    expect(await database.query(`SELECT name FROM ${name}`)).toEqual(cells);
  });

  test("several target tables take one split each, and a wrong number of splits is told", async () => {
    const names = [await table(), await table()];
    const { side, prepared: found } = await prepared({ table: [`w[${made - 1}-${made}]`] });
    for (const split of [0, 1]) {
      const session = await writer.open(side, splitRefOf(found, columns, [], { runId: "many", split, splits: 2 }));
      await session.write(batch(rows(split + 1), 1));
      await session.close();
    }
    expect([await count(names[0]!), await count(names[1]!)]).toEqual([1, 2]);
    await expect(writer.open(side, splitRefOf(found, columns, [], { runId: "many", splits: 3 }))).rejects.toMatchObject(
      {
        code: "CONFIG_INVALID",
        message: expect.stringContaining("2 target tables need as many splits"),
      },
    );
  });

  test("unknown and missing columns, and a width other than the reader's, are told with their place", async () => {
    const name = await table();
    await expect(prepared({ table: name, column: ["id", "nam"] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: "column[1]",
    });
    await expect(prepared({ table: name, column: ["id"] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: "column",
    });
    const twice = writer.params.safeParse({ table: name, column: ["id", "`ID`"] });
    expect(twice.error?.issues).toMatchObject([{ path: ["column", 1], message: 'column "ID" is named twice' }]);
  });

  test("large batches go out in chunks, while the next is being filled, and all of them arrive", async () => {
    const name = await table("id INT PRIMARY KEY, name TEXT");
    const { side, prepared: found } = await prepared({ table: name });
    const session = await writer.open(side, splitRefOf(found, columns, [], { runId: "large" }));
    let durable: Json = null;
    for (let i = 0; i < 12; i++) {
      const part = rows(1_000, i * 1_000).map(([id]): Cell[] => [id ?? null, "text with a \t tab ".repeat(30)]);
      const report = await session.write(batch(part, i + 1));
      durable = report.durable?.checkpoint ?? durable;
    }
    expect(Number(durable)).toBeGreaterThan(2);
    expect(await session.close()).toMatchObject({ durable: { checkpoint: 12, counters: { written: 12_000 } } });
    expect(await count(name)).toBe(12_000);
  });

  test("a lost connection is worth another try", async () => {
    const name = await table();
    const { side, prepared: found } = await prepared({ table: name });
    const session = await writer.open(side, splitRefOf(found, columns, [], { runId: "lost" }));
    const sql = "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()";
    for (const [id] of await database.query(sql, [database.name])) await database.query(`KILL ${id}`);
    await session.write(batch(rows(10), 1));
    await expect(session.flush()).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE", recovery: "retry" });
    await session.abort();
    expect(await count(name)).toBe(0);
  });
});
