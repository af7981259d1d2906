import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import { batchesOf, planned } from "./drive.js";
import { type PostgresqlTestBed, postgresqlTestBed } from "./postgresql-test-bed.js";

const reader = postgresql.reader!;
let bed: PostgresqlTestBed;

beforeAll(async () => {
  bed = await postgresqlTestBed();
});
afterAll(async () => {
  await bed.database.drop();
});

const ROWS = 20_000;

/** Keys by their declaration, and how one is made of a number. */
const keys: readonly (readonly [title: string, declaration: string, values: string])[] = [
  ["integers", "k int PRIMARY KEY", "n * 7 - 50000"],
  ["numbers", "k numeric(20,5) PRIMARY KEY", "(n - 9000) / 3.0"],
  ["texts", "k text PRIMARY KEY", "md5(n::text)"],
  ["texts in a collation of their own", 'k text COLLATE "und-x-icu" PRIMARY KEY', "chr(65 + n % 50) || 'ä' || n"],
  ["blank padded texts", "k char(12) PRIMARY KEY", "'k' || n"],
  ["uuids", "k uuid PRIMARY KEY", "md5(n::text)::uuid"],
  ["days", "k date PRIMARY KEY", "date '1990-01-01' + n"],
  ["moments", "k timestamptz PRIMARY KEY", "timestamptz '2024-10-27 00:00+00' + n * interval '7 s'"],
  ["bytes", "k bytea PRIMARY KEY", "decode(md5(n::text), 'hex')"],
  ["several columns", "a int, b text, k uuid, PRIMARY KEY (a, b, k)", "n % 3, 'g' || n % 5, md5(n::text)::uuid"],
];

describe("a table is cut", () => {
  test.each(keys)(
    "by %s: disjoint, complete, of similar size, and each part is resumed behind any row",
    async (_title, declaration, values) => {
      const table = await bed.table(`${declaration}, v int`);
      await bed.database.query(`INSERT INTO ${table} SELECT ${values}, n FROM generate_series(1, ${ROWS}) n`);
      const side = bed.reading({ table }, { timeZone: "Europe/Berlin" });
      const splits = await planned(reader, side, 8);
      expect(splits.length).toBe(8);
      const sizes: number[] = [];
      const seen = new Set<string>();
      for (const split of splits) {
        const rows = (await batchesOf(reader, side, split)).flatMap((batch) => batch.rows);
        sizes.push(rows.length);
        for (const row of rows) seen.add(String(row.at(-1)));
      }
      expect(seen.size).toBe(ROWS);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(ROWS);
      expect(Math.max(...sizes)).toBeLessThan((2 * ROWS) / 8);
      const [, second] = splits;
      const whole = (await batchesOf(reader, side, second!)).flatMap((batch) => batch.rows);
      const keyWidth = (whole[0]?.length ?? 2) - 1;
      const middle = whole[1_000]
        ?.slice(0, keyWidth)
        .map((cell) => (Buffer.isBuffer(cell) ? cell.toString("hex") : String(cell)));
      // A moment's checkpoint is the server's own text, which the cell is not.
      const from = declaration.includes("timestamptz") ? middle?.map((text) => `${text}+00`) : middle;
      const rest = (await batchesOf(reader, side, second!, from ?? null)).flatMap((batch) => batch.rows);
      expect(rest.map((row) => row.at(-1))).toEqual(whole.slice(1_001).map((row) => row.at(-1)));
    },
  );

  test("by a column with nulls and repeats, under a filter", async () => {
    const table = await bed.table("id int, g int, v text");
    await bed.database.query(
      `INSERT INTO ${table} SELECT n, NULLIF(n % 40, 0), 'x' || n FROM generate_series(1, ${ROWS}) n`,
    );
    for (const parameter of [{ splitPk: "g" }, { splitPk: "G", where: "id % 2 = 0 -- even" }, { splitPk: '"v"' }]) {
      const wanted = "where" in parameter ? ROWS / 2 : ROWS;
      const found = await bed.read({ table, ...parameter }, 6);
      expect(new Set(found.map(([id]) => id)).size).toBe(wanted);
      expect(found.length).toBe(wanted);
    }
  });

  test("by the places of its rows where it has no key and the job says so, with a warning; without a word it is one part", async () => {
    const table = await bed.table("id int, v text");
    await bed.database.query(`INSERT INTO ${table} SELECT n, repeat('x', 100) FROM generate_series(1, ${ROWS}) n`);
    const plain = await reader.split(bed.reading({ table }), 8);
    expect(plain.splits.length).toBe(1);
    expect(plain.warnings.join()).toMatch(/no primary or unique key/);
    const plan = await reader.split(bed.reading({ table, splitPk: "ctid" }), 8);
    expect(plan.splits.length).toBe(8);
    expect(plan.warnings.join()).toMatch(/may be read twice or not at all/);
    const found = await bed.read({ table, splitPk: "ctid" }, 8);
    expect(new Set(found.map(([id]) => id)).size).toBe(ROWS);
    expect(found.length).toBe(ROWS);
    await bed.database.query(`CREATE VIEW v_${table} AS SELECT * FROM ${table}`);
    await expect(reader.split(bed.reading({ table: `v_${table}`, splitPk: "ctid" }), 2)).rejects.toMatchObject({
      path: "splitPk",
    });
    expect((await bed.read({ table: `v_${table}` }, 4)).length).toBe(ROWS);
  });

  test("with its partitions, by a key or by the places of the rows of each, whatever order these have their columns in", async () => {
    const table = await bed.table("id int, day date, v text) PARTITION BY RANGE (day");
    await bed.database.query(`CREATE TABLE ${table}_a PARTITION OF ${table} FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
      CREATE TABLE ${table}_b (v text, day date, id int);
      ALTER TABLE ${table} ATTACH PARTITION ${table}_b FOR VALUES FROM ('2024-02-01') TO ('2025-01-01');
      INSERT INTO ${table} SELECT n, date '2024-01-01' + n % 60, 'x' || n FROM generate_series(1, ${ROWS}) n`);
    for (const splitPk of ["ctid", "id", "day"]) {
      const found = await bed.read({ table, splitPk }, 6);
      expect(found.length).toBe(ROWS);
      expect(new Set(found.map(([id, , v]) => `${id} ${v}`)).size).toBe(ROWS);
      expect(found.every(([id, day, v]) => v === `x${id}` && day?.startsWith("2024-"))).toBe(true);
    }
  });

  test("after a plan that may not read records, without asking the filter", async () => {
    const table = await bed.table("id int PRIMARY KEY");
    await bed.database.query(`INSERT INTO ${table} SELECT n FROM generate_series(1, 3000) n`);
    const side = bed.reading({ table, where: "1 / (id - 1500) >= 0 OR true" }, { preview: { mayRead: false } });
    expect((await reader.split(side, 4)).warnings.join()).toMatch(/where was checked and not run/);
    const setting = bed.reading({ table, session: ["SELECT pg_sleep(0)"] }, { preview: { mayRead: true } });
    await expect(reader.split(setting, 2)).rejects.toMatchObject({ code: "UNSUPPORTED", path: "session[0]" });
  });
});

describe("a statement", () => {
  test("is read as it is, semicolon and comment included; what is no query, or changes data, is refused", async () => {
    const table = await bed.table("id int");
    await bed.database.query(`INSERT INTO ${table} VALUES (1), (2)`);
    expect(await bed.read({ querySql: `SELECT id, 'a;b' AS t FROM ${table} ORDER BY id -- all;\n;` })).toEqual([
      ["1", "a;b"],
      ["2", "a;b"],
    ]);
    for (const querySql of [
      `DELETE FROM ${table} RETURNING id`,
      `WITH gone AS (DELETE FROM ${table} RETURNING id) SELECT * FROM gone`,
      "SHOW TimeZone",
      "SELECT $1::int",
      `SELECT 1) TO PROGRAM 'true' --`,
    ]) {
      await expect(bed.read({ querySql }), querySql).rejects.toMatchObject({ recovery: "fix" });
    }
    expect(await bed.database.texts(`SELECT count(*) FROM ${table}`)).toEqual([["2"]]);
  });
});
