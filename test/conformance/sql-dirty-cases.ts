import { describe, expect, test } from "vitest";
import type { Writer } from "../../shared/connectors/contract.js";
import type { Cell, Column, DirtyRecord } from "../../shared/model/batch.js";
import { splitRefOf, writeAll } from "./drive.js";
import { batch, columns, rows, type SqlBench, type SqlDirt } from "./sql-fixture.js";

/** What every system refuses of a table with `id` of 32 bits, `name` of 20 characters, `day` and `amount` of six digits, two of them behind the point. */
export const badOrders: SqlDirt["bad"] = [
  [["100001", "x".repeat(21), null, null], "TOO_LONG"],
  [["99999999999", "big", null, null], "OUT_OF_RANGE"],
  [["100003", "day", "2024-02-31", null], "CONVERSION"],
  [["100004", "amount", null, "12345.67"], "OUT_OF_RANGE"],
  [["100005", "amount", null, "abc"], "CONVERSION"],
  [["100006", null, null, null], "NOT_NULL"],
  [["abc", "id", null, null], "CONVERSION"],
];

/** Records that a table refuses, rows that are there already, and the job's own statements. */
export function dirtyCases<S, W>(bench: SqlBench<S, W>, writer: Writer<S, W>): void {
  const { types, dirt, inserts, upserts, blocksReaders } = bench.options;
  const twoColumns = `id ${types.integer} PRIMARY KEY, name ${types.text}`;
  const wide: Column[] = [...columns, { name: "day", type: "string" }, { name: "amount", type: "string" }];
  const insertWays = Object.entries(inserts);
  const allWays = [...insertWays, ...Object.entries({ replace: upserts.replace, update: upserts.update })];

  describe("dirty records", () => {
    test.each(allWays)(
      "%s: each kind of bad row is found with its reason, and all neighbours arrive",
      async (_, extra) => {
        const name = await bench.table(dirt.declaration);
        const mixed = Array.from({ length: 3_000 }, (_, i): Cell[] => [String(i), `row ${i}`, "2024-02-29", "12.34"]);
        for (const [index, [row]] of dirt.bad.entries()) mixed.splice(index * 300 + 17, 0, [...row]);
        const side = bench.side({ table: name, ...extra });
        const { dirty, durable } = await writeAll(writer, side, wide, [mixed.slice(0, 1_500), mixed.slice(1_500)]);
        const reasonOf = ([id]: readonly Cell[]) => dirty.find(({ cells }) => cells[0] === id)?.reason;
        expect(dirt.bad.map(([row]) => [row[0], reasonOf(row)])).toEqual(dirt.bad.map(([row, why]) => [row[0], why]));
        expect(dirty.every((record) => record.message !== "" && record.key === record.cells[0])).toBe(true);
        const written = { read: mixed.length, written: 3_000, dirty: dirt.bad.length };
        expect(durable?.counters).toMatchObject(written);
        expect(await bench.count(name)).toBe(3_000);
      },
    );

    test.each(insertWays)(
      "%s: duplicates of rows in the table, in the batch and of a second key are found",
      async (_, extra) => {
        const name = await bench.table(`id ${types.integer} PRIMARY KEY, name ${types.text} UNIQUE`);
        await bench.scratch().run(`INSERT INTO ${name} VALUES (5, 'five'), (700, 'seven')`);
        const again: Cell[][] = [
          ["5", "five again"],
          ["12", "twelve again"],
          ["9001", "seven"],
        ];
        const part = [...rows(4), again[0]!, ...rows(600, 10), again[1]!, again[2]!];
        const { dirty, durable } = await writeAll(writer, bench.side({ table: name, ...extra }), columns, [part]);
        expect(dirty.map(({ reason, cells }) => [reason, cells])).toEqual(again.map((row) => ["DUPLICATE_KEY", row]));
        expect(durable?.counters).toMatchObject({ written: 604, dirty: 3 });
        expect(await bench.count(name)).toBe(606);
      },
    );

    test("dirty records are kept before their batch is committed, under the progress before it", async () => {
      const name = await bench.table(twoColumns);
      const { side, prepared: found } = await bench.prepared({ table: name });
      const seen: number[] = [];
      const split = splitRefOf(found, columns, [], {
        keepDirty: async (_dirty: readonly DirtyRecord[], at) => {
          // Where nobody can look, the progress alone must do.
          seen.push(blocksReaders ? at.counters.written : await bench.count(name), at.counters.read);
        },
      });
      const session = await writer.open(side, split);
      await session.write(batch([...rows(10), ["1", "again"]], 1));
      await session.flush();
      await session.write(batch([["2", "again"]], 2));
      await session.close();
      expect(seen).toEqual([0, 0, 10, 11]);
    });

    test("where there are too many, what is not committed is taken back, and nothing more is written", async () => {
      const name = await bench.table(twoColumns);
      const { side, prepared: found } = await bench.prepared({ table: name });
      const kept: DirtyRecord[] = [];
      const split = splitRefOf(found, columns, kept, { admitDirty: async (dirty) => (dirty > 1 ? 1 : null) });
      const session = await writer.open(side, split);
      await session.write(batch(rows(10), 1));
      await session.flush();
      await session.write(batch([...rows(5, 20), ["1", "again"], ["2", "again"]], 2));
      await session.flush();
      await session.write(batch(rows(5, 40), 3));
      await session.close();
      expect(await bench.count(name)).toBe(10);
      expect(kept).toHaveLength(1);
    });
  });

  describe("rows that are there already", () => {
    const declaration = `id ${types.integer} PRIMARY KEY, name ${types.text}, note ${types.text}`;
    const found = (table: string) => bench.scratch().run(`SELECT id, name, note FROM ${table} ORDER BY id`);

    test.each([
      [
        "replace",
        upserts.replace,
        [
          ["1", "new", null],
          ["2", "two", null],
        ],
      ],
      [
        "update",
        upserts.update,
        [
          ["1", "new", "kept"],
          ["2", "two", null],
        ],
      ],
      [
        "ignore",
        upserts.ignore,
        [
          ["1", "old", "kept"],
          ["2", "two", null],
        ],
      ],
    ] as const)("%s: a repeat changes nothing more", async (_mode, extra, expected) => {
      const name = await bench.table(declaration);
      await bench.scratch().run(`INSERT INTO ${name} VALUES (1, 'old', 'kept')`);
      const side = bench.side({ table: name, column: ["id", "name"], ...extra });
      const part: Cell[][] = [
        ["1", "new"],
        ["2", "two"],
      ];
      for (const runId of ["first", "second"]) {
        const { durable } = await writeAll(writer, side, columns, [part], { runId });
        expect(durable?.counters).toMatchObject({ written: 2, dirty: 0 });
        expect(await found(name)).toEqual(expected);
      }
    });
  });

  describe("statements of the job", () => {
    test("preSql runs before all rows and postSql after them, with the table's name in the place of @table", async () => {
      const name = await bench.table(twoColumns);
      const log = await bench.table(`note ${types.text}`);
      await bench.scratch().run(`INSERT INTO ${name} VALUES (1, 'old')`);
      const preSql = [`DELETE FROM @table; INSERT INTO ${log} SELECT 'before' FROM @table`];
      const postSql = [`INSERT INTO ${log} SELECT name FROM @table; INSERT INTO ${log} VALUES ('a;b @table')`];
      await writeAll(writer, bench.side({ table: name, preSql, postSql }), columns, [rows(2)]);
      const notes = (await bench.scratch().run(`SELECT note FROM ${log}`)).map(([note]) => note);
      expect(notes.sort()).toEqual(["a;b @table", "row 1", "row 2"]);
    });

    test("a plan tries them without running them, and names the one at fault", async () => {
      const name = await bench.table(twoColumns);
      const check = (more: object) =>
        writer.check?.(bench.side({ table: name, ...more }), { exactlyOnce: "auto", columns });
      await check({ preSql: ["DELETE FROM @table"] });
      await expect(check({ postSql: ["DELETE FROM @table", "DELETE FROM no_such_table"] })).rejects.toMatchObject({
        message: expect.stringMatching(/postSql\[1\].*no_such_table/),
      });
    });
  });
}
