import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { writeAll } from "./drive.js";
import { type WriterTestBed, writerTestBed } from "./mysql-test-bed.js";
import { columns, rows } from "./sql-fixture.js";

const writer = mysql.writer!;
let bed: WriterTestBed;

beforeAll(async () => {
  bed = await writerTestBed();
});
afterAll(async () => {
  await bed.database.drop();
});

async function hasTable(name: string): Promise<boolean> {
  const sql = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'information_schema' AND table_name = ?";
  return (await bed.database.query(sql, [name])).length > 0;
}

describe("dirty records", () => {
  const ways: [string, JsonObject][] = [
    ["LOAD DATA", {}],
    ["INSERT", { nullMode: "skipNull" }],
    ["REPLACE", { writeMode: "replace" }],
    ["update", { writeMode: "update" }],
  ];

  test.each(ways)("%s: what a CHECK refuses is dirty, where the server enforces it", async (_way, extra) => {
    // MySQL 5.7 reads CHECK and forgets it.
    const refused = (await hasTable("CHECK_CONSTRAINTS")) ? 1 : 0;
    const name = await bed.table("id INT PRIMARY KEY, name VARCHAR(20), CHECK (id <> 13)");
    const { dirty } = await writeAll(writer, bed.side({ table: name, ...extra }), columns, [rows(20)]);
    expect(dirty.map(({ reason }) => reason)).toEqual(refused === 1 ? ["CONSTRAINT"] : []);
    expect(await bed.count(name)).toBe(20 - refused);
  });

  test.each(ways)(
    "%s: what a trigger refuses by SIGNAL is dirty with its message, whatever number it gives",
    async (way, extra) => {
      const name = await bed.table("id INT PRIMARY KEY, name VARCHAR(40)");
      const signals: [string, string, string][] = [
        ["plain", "45000", ""],
        ["own number", "45000", ", MYSQL_ERRNO = 30001"],
        ["number of a missing table", "45000", ", MYSQL_ERRNO = 1146"],
        ["number of a deadlock", "45000", ", MYSQL_ERRNO = 1213"],
        ["data", "22012", ", MYSQL_ERRNO = 30002"],
        ["constraint", "23000", ", MYSQL_ERRNO = 30003"],
        ["own state", "77777", ", MYSQL_ERRNO = 30004"],
        ["not found", "02001", ""],
      ];
      // A message may end like those of the server that name a row.
      const message = (what: string) => `refused: ${what} at row 99999`;
      const cases = signals.map(
        ([what, state, number]) =>
          `WHEN '${what}' THEN SIGNAL SQLSTATE '${state}' SET MESSAGE_TEXT = '${message(what)}'${number};`,
      );
      await bed.database.query(
        `CREATE TRIGGER ${name}_guard BEFORE INSERT ON ${name} FOR EACH ROW CASE NEW.name ${cases.join(" ")} ELSE BEGIN END; END CASE`,
      );
      const part = rows(1_000);
      for (const [at, [what]] of signals.entries()) part[at * 100 + 37] = [String(at * 100 + 38), what];
      const { dirty, durable } = await writeAll(writer, bed.side({ table: name, ...extra }), columns, [part]);
      expect(dirty.map((record) => [record.cells[1], record.reason, record.message])).toEqual(
        signals.map(([what]) => [what, "REFUSED", message(what)]),
      );
      expect(durable?.counters).toMatchObject({ written: 992, dirty: 8 });
      expect(await bed.count(name), way).toBe(992);
    },
  );

  test.each([ways[0]!, ways[1]!])(
    "%s: duplicates of rows in the table, in the batch and of a second key are told apart",
    async (_way, extra) => {
      const name = await bed.table("id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_general_ci UNIQUE");
      await bed.database.query(`INSERT INTO ${name} VALUES (5, 'five'), (700, 'seven')`);
      const part: Cell[][] = [
        ...rows(4),
        ["0005", "new five"],
        ["5", "five again"],
        ...rows(600, 10),
        ["12", "twelve again"],
        ["9000", "ROW 10"],
        ["9001", "seven"],
      ];
      const { dirty, durable } = await writeAll(writer, bed.side({ table: name, ...extra }), columns, [part]);
      expect(dirty.map((record) => [record.reason, record.cells[1], record.column])).toEqual([
        ["DUPLICATE_KEY", "new five", extra.nullMode ? undefined : "id"],
        ["DUPLICATE_KEY", "five again", extra.nullMode ? undefined : "id"],
        ["DUPLICATE_KEY", "twelve again", extra.nullMode ? undefined : "id"],
        ["DUPLICATE_KEY", "ROW 10", extra.nullMode ? undefined : "name"],
        ["DUPLICATE_KEY", "seven", extra.nullMode ? undefined : "name"],
      ]);
      expect(durable?.counters).toMatchObject({ written: 604, dirty: 5 });
      expect(await bed.count(name)).toBe(606);
    },
  );

  test.each([0, 3])("bad rows are found where the server remembers only %i warnings", async (most) => {
    const name = await bed.table("id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, at TIME NOT NULL, tag CHAR(3)");
    const wide: Column[] = [...columns, { name: "at", type: "string" }, { name: "tag", type: "string" }];
    const bad = (id: number) => id % 40 === 7;
    const part = Array.from({ length: 400 }, (_, id): Cell[] => [
      String(id),
      "x",
      bad(id) ? "no time" : "10:00:00",
      "t",
    ]);
    const side = bed.side({ table: name, session: [`SET max_error_count = ${most}`] });
    const { dirty, durable } = await writeAll(writer, side, wide, [part]);
    expect(dirty.map(({ cells }) => Number(cells[0]))).toEqual(part.flatMap((_, id) => (bad(id) ? [id] : [])));
    expect(durable?.counters).toMatchObject({ written: 390, dirty: 10 });
    expect(await bed.count(name)).toBe(390);
  });

  test("a table without transactions is written row by row, and a bad row costs no other", async () => {
    const name = await bed.table();
    await bed.database.query(`ALTER TABLE ${name} ENGINE = MyISAM`);
    const part: Cell[][] = [...rows(30), ["7", "again"], ["31", "x".repeat(30)], ...rows(10, 40)];
    const { dirty, prepared: found } = await writeAll(writer, bed.side({ table: name }), columns, [part]);
    expect(found).toMatchObject({ delivery: "atLeastOnce", repeatable: false });
    expect(found.notes.join("; ")).toMatch(/no transactions/);
    expect(dirty.map(({ reason }) => reason)).toEqual(["DUPLICATE_KEY", "TOO_LONG"]);
    expect(await bed.count(name)).toBe(40);
  });
});
