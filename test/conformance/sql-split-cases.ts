import { describe, expect, test } from "vitest";
import type { Connector, Reader } from "../../shared/connectors/contract.js";
import type { JsonObject } from "../../shared/model/json.js";
import { batchesOf, planned, sideOf } from "./drive.js";
import type { SqlBench, SqlKey } from "./sql-fixture.js";

/** Cutting tables into ranges that are disjoint, complete, of similar size, and can be resumed. */
export function splitCases<S, R, W>(bench: SqlBench<S, W>, connector: Connector<S, R, W>, reader: Reader<S, R>): void {
  const { types } = bench.options;
  const keys: readonly SqlKey[] = [
    {
      name: "negative and sparse integers",
      columns: [`id ${types.integer}`],
      literals: (n) => String(-9_000_000_000_000_000n + BigInt(n) * 1_000_000_000_000n),
    },
    {
      name: "a crowd at one end",
      columns: [`id ${types.integer}`],
      literals: (n) => String(n < 5_990 ? n : n * 1_000_000_000),
    },
    {
      name: "text",
      columns: [`id ${types.text} NOT NULL`],
      literals: (n) => `'${n % 2 === 0 ? "Key" : "other"}-${n}'`,
    },
    {
      name: "three values in front",
      columns: [`id ${types.integer}`, `no ${types.integer}`],
      literals: (n) => `${n % 3}, ${n}`,
    },
    ...bench.options.keys,
  ];
  const sideFor = (parameter: JsonObject) => sideOf(connector, reader.params, bench.scratch().source, parameter);

  /** Rows by a list of literals each, some hundred to a statement. */
  const fill = async (table: string, count: number, literals: (n: number) => string) => {
    for (let from = 1; from <= count; from += 500) {
      const length = Math.min(500, count - from + 1);
      const values = Array.from({ length }, (_, i) => `(${literals(from + i)})`);
      await bench.scratch().run(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
    }
  };

  /** Reads every split, and again from a checkpoint in the middle of each; answers the first column of all rows. */
  const readTwice = async (parameter: JsonObject, advice: number) => {
    const side = sideFor(parameter);
    const splits = await planned(reader, side, advice);
    const found: string[] = [];
    let largest = 0;
    for (const split of splits) {
      const batches = await batchesOf(reader, side, split);
      const read = batches.flatMap((batch) => batch.rows).map((row) => String(row[0]));
      found.push(...read);
      largest = Math.max(largest, read.length);
      const from = batches[0]?.checkpoint ?? null;
      if (from === null) continue;
      const rest = await batchesOf(reader, side, split, from);
      const again = [...(batches[0]?.rows ?? []), ...rest.flatMap((batch) => batch.rows)].map((row) => String(row[0]));
      expect(again.sort()).toEqual([...read].sort());
    }
    return { keys: found.sort(), splits: splits.length, largest };
  };

  const allKeys = async (table: string, column = "id") =>
    (await bench.scratch().run(`SELECT ${column} FROM ${table}`)).map(([key]) => String(key)).sort();

  describe("splitting", () => {
    test.each(keys.map((key) => [key.name, key] as const))(
      "%s: every row once, also after resuming",
      async (_, key) => {
        const names = key.columns.map((column) => column.split(" ")[0]).join(", ");
        const table = await bench.table(`${key.columns.join(", ")}, pad ${types.long}, PRIMARY KEY (${names})`);
        await fill(table, 6_000, (n) => `${key.literals(n)}, '${"x".repeat(500)}'`);
        const display = key.displayedBy ?? (key.columns.length > 1 ? undefined : "id");
        const second = key.columns[1]?.split(" ")[0];
        const column = [display ?? second ?? "id", "pad"];
        const found = await readTwice({ table, column }, 8);
        expect(found.keys).toEqual(await allKeys(table, column[0]));
        if (key.isEven === false) return;
        // Servers estimate, so cuts move from run to run: eight parts were asked for.
        expect(found.splits).toBeGreaterThanOrEqual(4);
        expect(found.largest).toBeLessThan(6_000 / 2);
      },
    );

    test("a splitPk with nulls and ties is read completely, and resumed by the primary key behind it", async () => {
      const declaration = `id ${types.integer} PRIMARY KEY, grp ${types.integer}, pad ${types.long}`;
      const table = await bench.table(declaration);
      await bench.scratch().run(`CREATE INDEX i_${table} ON ${table} (grp)`);
      await fill(table, 6_000, (n) => `${n}, ${n % 10 === 0 ? "NULL" : n % 7}, '${"x".repeat(600)}'`);
      const found = await readTwice({ table, column: ["id", "pad"], splitPk: "grp" }, 5);
      expect(found.keys).toEqual(await allKeys(table));
      expect(found.splits).toBeGreaterThan(3);
    });

    test("a splitPk without index is cut by value, with a warning", async () => {
      const table = await bench.table(`a ${types.integer} NOT NULL, b ${types.integer}`);
      await fill(table, 1_000, (n) => `${n}, ${n}`);
      const cut = await reader.split(sideFor({ table, column: ["*"], splitPk: "A" }), 4);
      expect(cut.splits).toHaveLength(4);
      expect(cut.warnings.join()).toMatch(/no index/);
      const found = await readTwice({ table, column: ["*"], splitPk: "a" }, 4);
      expect(found.keys).toEqual(await allKeys(table, "a"));
    });

    test("a filter with a semicolon behind it is kept apart from the ranges", async () => {
      const table = await bench.table(`id ${types.integer} PRIMARY KEY, kind ${types.integer}`);
      await fill(table, 4_000, (n) => `${n}, ${n % 5}`);
      const found = await readTwice({ table, column: ["id"], where: "kind = 1 OR kind = 2；" }, 4);
      expect(found.keys).toHaveLength(1_600);
    });

    test("tables of several connections share the advice, and each row comes once", async () => {
      const tables: string[] = [];
      for (let i = 0; i < 3; i++) tables.push(await bench.table(`id ${types.integer} PRIMARY KEY`));
      for (const table of tables) await fill(table, 3_000, String);
      const [first, second, third] = tables as [string, string, string];
      const connection = [
        { datasource: "main", table: [first, second] },
        { datasource: "main", table: third },
      ];
      const side = sideFor({ connection, column: ["id"] });
      const plan = await reader.split(side, 12);
      expect(plan.splitsPerTable).toHaveLength(3);
      expect(plan.splits.length).toBeGreaterThanOrEqual(9);
      let count = 0;
      for (const split of plan.splits) for (const batch of await batchesOf(reader, side, split)) count += batch.count;
      expect(count).toBe(9_000);
    });

    test("querySql is one split, with the columns of the statement", async () => {
      const side = sideFor({ querySql: `SELECT 1 AS "one", 'x' AS "text" UNION ALL SELECT 2, 'y';` });
      expect((await reader.columns(side)).map(({ name }) => name)).toEqual(["one", "text"]);
      const [split] = await planned(reader, side, 10);
      const read = (await batchesOf(reader, side, split!)).flatMap((batch) => batch.rows);
      expect(read).toEqual([
        ["1", "x"],
        ["2", "y"],
      ]);
    });

    test("unknown tables, columns and split keys, and what is no query, are told by name", async () => {
      const table = await bench.table(`id ${types.integer} PRIMARY KEY`);
      const fault = (parameter: JsonObject) =>
        expect(reader.split(sideFor({ column: ["*"], ...parameter }), 1)).rejects;
      await fault({ table: "nowhere" }).toMatchObject({
        code: "SOURCE_OBJECT_MISSING",
        message: expect.stringContaining("nowhere"),
      });
      await fault({ table, splitPk: "nope" }).toMatchObject({ code: "CONFIG_INVALID", path: "splitPk" });
      await fault({ table, column: ["id", "nope"] }).toMatchObject({ path: "column[1]" });
      await fault({ table, where: "nope = 1" }).toMatchObject({ path: "where" });
      await fault({ querySql: `DELETE FROM ${table}` }).toMatchObject({ code: "UNSUPPORTED", path: "querySql" });
    });
  });
}
