import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import { batchOf, type Cell, type Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { scratchPostgres } from "../servers/scratch-postgres.js";
import { sideOf, splitRefOf, writeAll } from "./drive.js";
import { columnsOf, type PostgresqlTestBed, postgresqlTestBed } from "./postgresql-test-bed.js";

const writer = postgresql.writer!;
const two = columnsOf("id:long", "name:string");
let bed: PostgresqlTestBed;

beforeAll(async () => {
  bed = await postgresqlTestBed();
});
afterAll(async () => {
  await bed.database.drop();
});

const all = (table: string) => bed.database.texts(`SELECT * FROM ${table} ORDER BY 1`);

describe("dirty records", () => {
  const ways: [string, JsonObject][] = [
    ["COPY", {}],
    ["INSERT", { nullMode: "skipNull" }],
    ["replace", { writeMode: "replace" }],
    ["update", { conflictMode: "update" }],
    ["ignore", { writeMode: "ignore" }],
  ];

  test.each(ways)(
    "%s: each kind of bad row is found with its reason, and all neighbours arrive",
    async (_way, extra) => {
      const parent = await bed.table("id int PRIMARY KEY");
      await bed.database.query(`INSERT INTO ${parent} VALUES (1)`);
      const name = await bed.table(
        `id int PRIMARY KEY, name varchar(20) NOT NULL, day date, amount numeric(6,2) CHECK (amount <> 13), doc jsonb, u uuid,
        parent int DEFAULT 1 REFERENCES ${parent} DEFERRABLE INITIALLY DEFERRED, other text UNIQUE, flag boolean, i interval, EXCLUDE (other WITH =)`,
      );
      const columns = columnsOf(
        ...["id:string", "name:string", "day:string", "amount:string", "doc:string", "u:string", "parent:long"],
        ...["other:string", "flag:string", "i:string"],
      );
      const row = (id: string, over: Record<string, Cell> = {}): Cell[] =>
        columns.map(({ name: column }) => {
          if (column in over) return over[column] ?? null;
          return { id, name: `row ${id}`, day: "2024-02-29", parent: "1" }[column] ?? null;
        });
      const good = Array.from({ length: 3_000 }, (_, at) => row(String(at)));
      const bad: [Cell[], string][] = [
        [row("100001", { name: "x".repeat(21) }), "TOO_LONG"],
        [row("100002", { name: `${"x".repeat(20)} ` }), "TOO_LONG"],
        [row("99999999999"), "OUT_OF_RANGE"],
        [row("100003", { day: "2024-02-31" }), "CONVERSION"],
        [row("100004", { day: "today" }), "CONVERSION"],
        [row("100005", { amount: "12345.67" }), "OUT_OF_RANGE"],
        [row("100006", { amount: "1.234" }), "CONVERSION"],
        [row("100007", { amount: "13" }), "CONSTRAINT"],
        [row("100008", { name: null }), "NOT_NULL"],
        [row("100009", { name: "zero \0 byte" }), "CONVERSION"],
        [row("100010", { doc: '{"a":' }), "CONVERSION"],
        [row("100011", { doc: '"\\u0000"' }), "CONVERSION"],
        [row("100012", { u: "not-a-uuid" }), "CONVERSION"],
        [row("100013", { parent: "7" }), "CONSTRAINT"],
        [row("100014", { flag: "yes" }), "CONVERSION"],
        [row("100015", { i: "5" }), "CONVERSION"],
        [row("abc"), "CONVERSION"],
      ];
      const mixed = [...good];
      for (const [index, [one]] of bad.entries()) mixed.splice(index * 150 + 17, 0, one);
      const side = bed.writing({ table: name, ...extra });
      const batches = [mixed.slice(0, 1_500), mixed.slice(1_500)];
      const { dirty, durable } = await writeAll(writer, side, columns, batches, { runId: `dirty-${name}` });
      const reasonOf = (one: Cell[]) => dirty.find((record) => record.cells[0] === one[0])?.reason;
      expect(bad.map(([one]) => [one[0], reasonOf(one)])).toEqual(bad.map(([one, reason]) => [one[0], reason]));
      expect(dirty.length).toBe(bad.length);
      expect(dirty.every((record) => record.message !== "" && record.key === record.cells[0])).toBe(true);
      expect(durable?.counters).toMatchObject({ read: mixed.length, written: 3_000, dirty: bad.length });
      expect(await bed.database.texts(`SELECT count(*), sum(id) FROM ${name}`)).toEqual([["3000", "4498500"]]);
    },
  );

  test("a key that is there already, or twice in a batch, costs no neighbour, and what a trigger raises is told in its words", async () => {
    const name = await bed.table("id int PRIMARY KEY, name text");
    await bed.database.query(`INSERT INTO ${name} VALUES (5, 'there');
      CREATE FUNCTION ${name}_no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.name = 'no' THEN RAISE EXCEPTION 'never %', NEW.id USING ERRCODE = '42501'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER no BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION ${name}_no()`);
    const rows = [
      ["1", "a"],
      ["5", "twice"],
      ["2", "b"],
      ["2", "again"],
      ["3", "no"],
      ["4", "d"],
    ];
    const { dirty } = await bed.write({ table: name }, two, rows);
    expect(dirty.map(({ cells, reason }) => [...cells, reason])).toEqual([
      ["5", "twice", "DUPLICATE_KEY"],
      ["2", "again", "DUPLICATE_KEY"],
      ["3", "no", "REFUSED"],
    ]);
    expect(dirty[0]?.message).toContain("Key (id)=(5) already exists");
    expect(dirty[2]?.message).toContain("never 3");
    expect(await all(name)).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["4", "d"],
      ["5", "there"],
    ]);
  });
});

describe("rows whose key is there", () => {
  const before = "(1, 'one', 'x'), (2, 'two', 'y')";
  const rows = [
    ["2", "zwei"],
    ["3", "drei"],
    ["3", "trois"],
  ];

  test.each<[string, JsonObject, unknown]>([
    [
      "take its place",
      { writeMode: "replace" },
      [
        ["2", "zwei", "default"],
        ["3", "trois", "default"],
      ],
    ],
    [
      "change it",
      { writeMode: "update" },
      [
        ["2", "zwei", "y"],
        ["3", "trois", "default"],
      ],
    ],
    [
      "are left out",
      { conflictMode: "ignore" },
      [
        ["2", "two", "y"],
        ["3", "drei", "default"],
      ],
    ],
    [
      "by a column that the job names",
      { conflictMode: "update", conflictColumn: ["ID"] },
      [
        ["2", "zwei", "y"],
        ["3", "trois", "default"],
      ],
    ],
  ])("%s; the last of several counts, as COPY and as INSERT", async (_what, extra, after) => {
    for (const more of [
      {},
      { nullMode: extra.writeMode === "replace" || extra.conflictMode === "ignore" ? "skipNull" : "writeNull" },
    ]) {
      const name = await bed.table(
        "id int PRIMARY KEY, name text, rest text DEFAULT 'default', twice text GENERATED ALWAYS AS (name || name) STORED",
      );
      await bed.database.query(`INSERT INTO ${name} VALUES ${before}`);
      const { dirty } = await bed.write({ table: name, column: ["id", "name"], ...extra, ...more }, two, rows);
      expect(dirty).toEqual([]);
      expect(await bed.database.texts(`SELECT id, name, rest FROM ${name} WHERE id > 1 ORDER BY 1`)).toEqual(after);
    }
  });

  test("keys that are null are all others, and a table without a key is refused before anything is written", async () => {
    const name = await bed.table("id int UNIQUE, name text");
    await bed.write({ table: name, writeMode: "update" }, two, [
      [null, "a"],
      [null, "b"],
      ["1", "c"],
      ["1", "d"],
    ]);
    expect(await bed.database.texts(`SELECT * FROM ${name} ORDER BY name`)).toEqual([
      [null, "a"],
      [null, "b"],
      ["1", "d"],
    ]);
    const bare = await bed.table("id int, name text");
    const side = bed.writing({ table: bare, writeMode: "replace" });
    await expect(writer.check!(side, { exactlyOnce: "auto", columns: two })).rejects.toMatchObject({
      path: "writeMode",
    });
    const wrong = bed.writing({ table: name, writeMode: "replace", conflictColumn: ["name"] });
    await expect(writer.check!(wrong, { exactlyOnce: "auto", columns: two })).rejects.toMatchObject({
      path: "conflictColumn",
    });
  });

  test("only listed columns change", async () => {
    const name = await bed.table("id int PRIMARY KEY, name text, n int");
    await bed.database.query(`INSERT INTO ${name} VALUES (1, 'keep', 1)`);
    const columns = columnsOf("id:long", "name:string", "n:long");
    await bed.write({ table: name, writeMode: "update", updateColumn: ["n"] }, columns, [
      ["1", "other", "2"],
      ["2", "new", "3"],
    ]);
    expect(await all(name)).toEqual([
      ["1", "keep", "2"],
      ["2", "new", "3"],
    ]);
  });
});

describe("identities, names and schemas", () => {
  test("values go into identities that are always generated, in each mode, and sequences follow when the job says so", async () => {
    for (const extra of [
      {},
      { writeMode: "replace" },
      { writeMode: "update" },
      { writeMode: "ignore" },
      { nullMode: "skipNull" },
    ]) {
      const name = await bed.table("id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, s serial");
      const column = ["id", "name"];
      await bed.write({ table: name, column, setSequences: true, ...extra }, two, [
        ["41", "a"],
        ["42", "b"],
      ]);
      await bed.database.query(`INSERT INTO ${name} (name) VALUES ('next')`);
      expect(await bed.database.texts(`SELECT id, name FROM ${name} ORDER BY 1`)).toEqual([
        ["41", "a"],
        ["42", "b"],
        ["43", "next"],
      ]);
    }
    const still = await bed.table("id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text");
    await bed.write({ table: still }, two, [["1", "a"]]);
    await expect(bed.database.query(`INSERT INTO ${still} (name) VALUES ('next')`)).rejects.toThrow(/duplicate key/);
  });

  test("tables and columns may be called anything, in any schema, as the catalog tells them", async () => {
    await bed.database.query(`CREATE SCHEMA "My Schema"; CREATE SCHEMA "数据.库"`);
    const odd = [
      ['"My Schema"', '"Order.2024"'],
      ['"数据.库"', '"a ""b"" c"'],
      ["public", '"SELECT"'],
      ["public", "grüße"],
      ["public", '"a.b"'],
    ];
    const column = ["Id", "order", 'na"me', "a b", "值"];
    const columns = columnsOf("a:long", "b:string", "c:string", "d:string", "e:string");
    const row = ["1", "two", 'th"ree', "fo ur", "五"];
    for (const [schema, table] of odd)
      await bed.database.query(
        `CREATE TABLE ${schema}.${table} ("Id" int PRIMARY KEY, "order" text, "na""me" text, "a b" text, "值" text)`,
      );
    const signal = new AbortController().signal;
    const source = postgresql.source.schema.parse(bed.database.source);
    const { items } = await postgresql.catalog!.tables(source, { search: "", limit: 100, page: null }, signal);
    const listed = items.map(({ name }) => name).filter((name) => !/^(t_\d+|sluice_ledger)/.test(name));
    expect(listed.sort()).toEqual(
      ['"My Schema"."Order.2024"', '"a.b"', '"数据.库"."a ""b"" c"', "SELECT", "grüße"].sort(),
    );
    for (const table of listed) {
      const found = await postgresql.catalog!.columns!(source, table, signal);
      expect(found.map(({ name }) => name)).toEqual(column);
      for (const extra of [{}, { writeMode: "update" }])
        await bed.write({ table: [table], column, ...extra }, columns, [row]);
      expect(await bed.read({ table: [table], column: ["order", '"值"', '"na""me"', '"a b"', "Id"] })).toEqual([
        ["two", "五", 'th"ree', "fo ur", "1"],
      ]);
    }
    // Without quotes: in lower case, as the server would, and through the search path.
    await bed.database.query(`CREATE SCHEMA side; CREATE TABLE side.Plain (id int PRIMARY KEY)`);
    expect(await bed.read({ table: "SIDE.PLAIN" })).toEqual([]);
    expect(await bed.read({ table: "plain", session: ["SET search_path = side"] })).toEqual([]);
    await expect(bed.read({ table: "plain" })).rejects.toMatchObject({ code: "SOURCE_OBJECT_MISSING" });
  });

  test("a job may empty and make its table; bodies of functions may hold semicolons", async () => {
    const name = await bed.table("id int PRIMARY KEY, name text");
    await bed.database.query(`INSERT INTO ${name} VALUES (9, 'old')`);
    const postSql = [
      `UPDATE @table SET name = name || ';' -- all; of them\n; INSERT INTO @table VALUES (2, $$a;b$$)`,
      `CREATE FUNCTION f_${name}() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END`,
    ];
    await bed.write({ table: name, truncate: true, postSql }, two, [["1", "a"]]);
    expect(await all(name)).toEqual([
      ["1", "a;"],
      ["2", "a;b"],
    ]);
    const preSql = [`DROP TABLE IF EXISTS ${name}`, `CREATE TABLE ${name} (id int, name text)`];
    await bed.write({ table: name, preSql }, two, [["3", "c"]]);
    expect(await all(name)).toEqual([["3", "c"]]);
  });
});

describe("the ledger", () => {
  test("a second attempt goes on where the first committed, and the first cannot commit any more", async () => {
    const name = await bed.table("id int PRIMARY KEY, name text");
    const side = bed.writing({ table: name });
    const run = { runId: `run-${name}`, exactlyOnce: "auto", columns: two } as const;
    const prepared = await writer.prepare(side, run);
    expect(prepared).toMatchObject({ delivery: "ledger", repeatable: true, notes: [] });
    const rows = (from: number) => Array.from({ length: 10 }, (_, at): Cell[] => [String(from + at), "x"]);
    const batch = (from: number, checkpoint: number) => batchOf(rows(from), { columns: two, checkpoint, dirty: [] });
    const first = await writer.open(side, splitRefOf(prepared, two, [], { ...run, attempt: 1 }));
    await first.write(batch(0, 10));
    expect(await first.flush()).toMatchObject({ durable: { checkpoint: 10, counters: { written: 10 } } });
    const second = await writer.open(side, splitRefOf(prepared, two, [], { ...run, attempt: 2 }));
    expect(second.resumeFrom).toMatchObject({ checkpoint: 10, counters: { read: 10, written: 10 } });
    await first.write(batch(100, 110));
    await expect(first.flush()).rejects.toMatchObject({ code: "CONFLICT", recovery: "retry" });
    await first.abort();
    await second.write(batch(10, 20));
    expect(await second.close()).toMatchObject({ durable: { checkpoint: 20, counters: { written: 20 } } });
    expect((await all(name)).length).toBe(20);
    await writer.finish?.(side, { ...run, prepared }, []);
    expect(await bed.database.texts(`SELECT * FROM sluice_ledger WHERE run = '${run.runId}'`)).toEqual([]);
  });

  test("without the right to make the ledger the run goes on at least once, unless the job insists", async () => {
    const other = await scratchPostgres();
    const account = await other.account(["sluice_plain"]);
    await other.query(
      `CREATE TABLE t (id int PRIMARY KEY, name text); GRANT SELECT, INSERT ON t TO ${account.username}`,
    );
    const side = sideOf(postgresql, writer.params, { ...other.source, ...account }, { table: "t", column: ["*"] });
    const found = await writer.prepare(side, { runId: "r", exactlyOnce: "auto", columns: two });
    expect(found).toMatchObject({ delivery: "atLeastOnce", repeatable: true });
    expect(found.notes.join()).toMatch(/cannot be written exactly once: .*permission denied/);
    await expect(writer.prepare(side, { runId: "r", exactlyOnce: true, columns: two })).rejects.toMatchObject({
      code: "NOT_REPEATABLE",
    });
    await other.drop();
  });
});

test("dates of any year and at no end of time, bits and texts of another system's types go where they belong or are dirty", async () => {
  const name = await bed.table("id int PRIMARY KEY, at timestamptz, bits bit(8), day date, label text, n int");
  const columns: Column[] = [...columnsOf("id:long", "at:date", "bits:bytes", "day:date", "label:bytes", "n:double")];
  const rows: Cell[][] = [
    ["1", "infinity", Buffer.from([5]), "0044-03-15 BC", Buffer.from("ä"), "1.9"],
    ["2", "2024-02-29 12:00:00", Buffer.from([1, 0]), "2024-02-29", null, null],
    ["3", "2024-02-29 12:00:00", null, "2024-02-29 00:00:00", Buffer.from([0xff]), null],
    ["4", "2024-02-29 12:00:00.1234567", null, null, null, null],
    ["5", "0000-00-00 00:00:00", null, null, null, null],
    ["6", null, null, "2024-02-29 00:00:01", null, null],
    ["7", null, null, null, null, "NaN"],
  ];
  const { dirty } = await bed.write({ table: name }, columns, rows);
  expect(dirty.map(({ cells }) => cells[0]).sort()).toEqual(["2", "3", "4", "5", "6", "7"]);
  expect(await all(name)).toEqual([["1", "infinity", "00000101", "0044-03-15 BC", "ä", "1"]]);
});
