import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { Json } from "../../shared/model/json.js";
import { mysqlUrl, otherUrlVariable, startMariadb, startMysql, urlVariable } from "../servers/mariadb.js";
import { scratchDatabase } from "../servers/scratch-mysql.js";
import { splitRefOf, writeAll } from "./drive.js";
import { type WriterTestBed, writerTestBed } from "./mysql-test-bed.js";
import { batch, columns, rows } from "./sql-fixture.js";

const writer = mysql.writer!;
let bed: WriterTestBed;

beforeAll(async () => {
  bed = await writerTestBed();
});
afterAll(async () => {
  await bed.database.drop();
});

describe("statements and modes", () => {
  test("preSql runs in prepare, postSql in finish, both with the table's name in the place of @table", async () => {
    const name = await bed.table();
    await bed.database.query(`DROP TABLE ${name}`);
    const parameter = {
      table: name,
      preSql: ["CREATE TABLE IF NOT EXISTS @table (id INT PRIMARY KEY, name VARCHAR(20))", "DELETE FROM @table", " "],
      postSql: "UPDATE @table SET name = CONCAT(name, '!') WHERE id = 1",
    };
    expect(await writer.columns(bed.side(parameter))).toBeNull();
    await writeAll(writer, bed.side(parameter), columns, [rows(2)]);
    expect(await bed.database.query(`SELECT name FROM ${name} ORDER BY id`)).toEqual([["row 1!"], ["row 2"]]);
    await expect(bed.prepared({ table: name, preSql: ["SELEC 1"] })).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringContaining("preSql[0]"),
    });
  });

  test("update changes only the columns it is told to, replace the whole row, and the last of two rows wins", async () => {
    const name = await bed.table("id INT PRIMARY KEY, name VARCHAR(20), more INT DEFAULT 7, times INT DEFAULT 0");
    await bed.database.query(`INSERT INTO ${name} VALUES (1, 'old', 1, 1), (2, 'old', 2, 2)`);
    const update = { table: name, column: ["id", "name"], writeMode: "update", updateColumn: ["name"] };
    await writeAll(writer, bed.side(update), columns, [
      [
        ["1", "new"],
        ["1", "newer"],
        ["3", "third"],
      ],
    ]);
    const replace = { table: name, column: ["id", "name"], writeMode: "replace" };
    await writeAll(writer, bed.side(replace), columns, [
      [
        ["2", "first"],
        ["2", "last"],
      ],
    ]);
    expect(await bed.database.query(`SELECT * FROM ${name} ORDER BY id`)).toEqual([
      ["1", "newer", "1", "1"],
      ["2", "last", "7", "0"],
      ["3", "third", "7", "0"],
    ]);
  });

  test("insert ignore leaves out rows whose key is there, and refuses what does not fit all the same", async () => {
    const name = await bed.table("id INT PRIMARY KEY, name VARCHAR(5) UNIQUE");
    await bed.database.query(`INSERT INTO ${name} VALUES (1, 'old'), (2, 'two')`);
    const side = bed.side({ table: name, writeMode: "insert ignore" });
    const report = await writeAll(writer, side, columns, [
      [
        ["1", "new"],
        ["3", "two"],
        ["4", "four"],
        ["5", "too long"],
      ],
    ]);
    expect(report.dirty.map(({ cells }) => cells[0]?.toString())).toEqual(["5"]);
    expect(await bed.database.query(`SELECT * FROM ${name} ORDER BY id`)).toEqual([
      ["1", "old"],
      ["2", "two"],
      ["4", "four"],
    ]);
  });

  test("nulls give way to defaults with skipNull, empty text for a number is null unless told otherwise", async () => {
    const name = await bed.table("id INT PRIMARY KEY, name VARCHAR(20) DEFAULT 'none', qty INT DEFAULT 5");
    const wide: Column[] = [...columns, { name: "qty", type: "string" }];
    const side = bed.side({ table: name, nullMode: "skipNull", skipNullColumn: ["name"] });
    await writeAll(writer, side, wide, [
      [
        ["1", null, null],
        ["2", "", ""],
      ],
    ]);
    await writeAll(writer, bed.side({ table: name }), wide, [[["3", "", ""]]], { runId: "second" });
    expect(await bed.database.query(`SELECT * FROM ${name} ORDER BY id`)).toEqual([
      ["1", "none", null],
      ["2", "", null],
      ["3", "", null],
    ]);
    const strict = await writeAll(writer, bed.side({ table: name, emptyAsNull: "false" }), wide, [[["4", "", ""]]], {
      runId: "third",
    });
    expect(strict.dirty).toMatchObject([{ reason: "CONVERSION", column: "qty" }]);
  });

  test("a table of one column takes empty text, null and text that looks like the end of data", async () => {
    const name = await bed.table("name VARCHAR(20)");
    const cells: Cell[][] = [[""], [null], ["\\N"], ["NULL"], ["\\."], [""]];
    await writeAll(writer, bed.side({ table: name }), [{ name: "name", type: "string" }], [cells]);
    expect(await bed.database.query(`SELECT name FROM ${name}`)).toEqual(cells);
  });

  test("several target tables take the splits of one source table each, and another number of them is refused", async () => {
    const names = [await bed.table(), await bed.table()];
    const side = bed.side({ table: names.join(",") });
    const run = { runId: `many-${names[0]}`, exactlyOnce: "auto" as const, columns };
    const found = await writer.prepare(side, { ...run, splitsPerTable: [2, 1] });
    for (const split of [0, 1, 2]) {
      const session = await writer.open(side, splitRefOf(found, columns, [], { ...run, split, splits: 3 }));
      await session.write(batch(rows(split + 1, split * 10), 1));
      await session.close();
    }
    expect([await bed.count(names[0]!), await bed.count(names[1]!)]).toEqual([3, 3]);
    for (const refuse of [writer.check!, writer.prepare])
      await expect(refuse(side, { ...run, splitsPerTable: [1, 1, 1] })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("2 target tables need as many source tables"),
      });
  });

  test("unknown and missing columns, and a width other than the reader's, are told with their place", async () => {
    const name = await bed.table();
    await expect(bed.prepared({ table: name, column: ["id", "nam"] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: "column[1]",
    });
    await expect(bed.prepared({ table: name, column: ["id"] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: "column",
    });
    const twice = writer.params.safeParse({ table: name, column: ["id", "`ID`"] });
    expect(twice.error?.issues).toMatchObject([{ path: ["column", 1], message: 'column "ID" is named twice' }]);
  });

  test("large batches go out in chunks, while the next is being filled, and all of them arrive", async () => {
    const name = await bed.table("id INT PRIMARY KEY, name TEXT");
    const { side, prepared: found } = await bed.prepared({ table: name });
    const session = await writer.open(side, splitRefOf(found, columns, [], { runId: `large-${name}` }));
    let durable: Json = null;
    for (let i = 0; i < 12; i++) {
      const part = rows(1_000, i * 1_000).map(([id]): Cell[] => [id ?? null, "text with a \t tab ".repeat(30)]);
      const report = await session.write(batch(part, i + 1));
      durable = report.durable?.checkpoint ?? durable;
    }
    expect(Number(durable)).toBeGreaterThan(2);
    expect(await session.close()).toMatchObject({ durable: { checkpoint: 12, counters: { written: 12_000 } } });
    expect(await bed.count(name)).toBe(12_000);
  });

  test.skipIf(process.env[inject("mysqlKind") === "mysql" ? otherUrlVariable : urlVariable])(
    "where LOAD DATA LOCAL is off, multi-row INSERT keeps the same promises",
    async () => {
      const start = inject("mysqlKind") === "mysql" ? startMysql : startMariadb;
      const server = await start(["--local-infile=0"]);
      const other = await scratchDatabase(mysqlUrl(server));
      try {
        await other.query("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))");
        const part = [...rows(5_000), ["17", "again"], ["6000", "x".repeat(21)], ...rows(5, 7_000)];
        const {
          dirty,
          durable,
          prepared: found,
        } = await writeAll(writer, bed.side({ table: "t" }, other.source), columns, [part]);
        expect(found.delivery).toBe("ledger");
        expect(found.notes.join()).toMatch(/LOAD DATA LOCAL cannot be used/);
        expect(dirty.map(({ reason, key }) => [reason, key])).toEqual([
          ["DUPLICATE_KEY", "17"],
          ["TOO_LONG", "6000"],
        ]);
        expect(durable?.counters).toMatchObject({ written: 5_005, dirty: 2 });
        expect(await other.query("SELECT COUNT(*) FROM t")).toEqual([["5005"]]);
      } finally {
        await other.drop();
        await server.stop();
      }
    },
  );

  test("a lost connection is worth another try", async () => {
    const name = await bed.table();
    const { side, prepared: found } = await bed.prepared({ table: name });
    const session = await writer.open(side, splitRefOf(found, columns, [], { runId: "lost" }));
    const sql = "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()";
    // Connections of earlier tests may be about to go by themselves.
    for (const [id] of await bed.database.query(sql, [bed.database.name]))
      await bed.database.query(`KILL ${id}`).catch((error) => expect(error).toMatchObject({ errno: 1094 }));
    // The loss may be noticed before there is anything to send.
    const work = session.write(batch(rows(10), 1)).then(() => session.flush());
    await expect(work).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE", recovery: "retry" });
    await session.abort();
    expect(await bed.count(name)).toBe(0);
  });
});
