import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import type { Column } from "../../shared/model/batch.js";
import { recordsOf, writeAll } from "./drive.js";
import { type PostgresqlTestBed, postgresqlTestBed } from "./postgresql-test-bed.js";

let bed: PostgresqlTestBed;

beforeAll(async () => {
  bed = await postgresqlTestBed();
  await bed.database.query("CREATE TYPE mood AS ENUM ('happy', 'a b'); CREATE TYPE pair AS (a int, b text)");
  await bed.database.query("CREATE DOMAIN amount AS numeric(10,2) CHECK (VALUE <> 13)");
});
afterAll(async () => {
  await bed.database.drop();
});

/** A type, our type for it, and texts that arrive as they stand here. */
const canonical: readonly (readonly [declared: string, type: Column["type"], ...texts: string[]])[] = [
  ["smallint", "long", "-32768", "32767"],
  ["integer", "long", "0", "-2147483648"],
  ["bigint", "long", "9223372036854775807", "-9223372036854775808"],
  ["oid", "long", "4294967295"],
  ["numeric", "double", "1.50", "12345678901234567890123456789.000000000000000001", "NaN", "Infinity", "-Infinity"],
  ["numeric(10,2)", "double", "1.50", "-0.01"],
  ["amount", "double", "14.00"],
  ["real", "double", "0.1", "1.2345679e+08", "NaN", "-Infinity"],
  ["double precision", "double", "0.1", "1e+22", "5e-324", "-0", "NaN", "Infinity"],
  ["boolean", "bool", "true", "false"],
  ["date", "date", "2024-02-29", "10000-01-01", "5874897-12-31", "0044-03-15 BC", "infinity", "-infinity"],
  ["timestamp", "date", "2024-02-29 12:34:56.1", "4713-01-01 00:00:00 BC", "infinity", "294276-12-31 23:59:59.999999"],
  ["timestamptz", "date", "2024-02-29 12:34:56.123456", "1900-01-01 00:00:00", "0044-03-15 00:00:00 BC", "-infinity"],
  ["time", "date", "24:00:00", "12:34:56.789", "00:00:00"],
  ["timetz", "string", "12:34:56-03:30", "24:00:00+00"],
  ["interval", "string", "1 year 2 mons 3 days 04:05:06.7", "-1 days +02:03:00", "00:00:00"],
  ["bytea", "bytes", "00ff5c0a", ""],
  ["text", "string", "", "\\N", "tab\there, line\nthere, back\\slash 🦥", "NULL"],
  ["varchar(5)", "string", "ab  ", "你好"],
  ["char(5)", "string", "ab   "],
  ["integer[]", "string", "{1,2,NULL}", "{{1,2},{3,4}}", "{}", "[0:1]={5,6}"],
  ["text[]", "string", '{a,"b c","NULL","",NULL,"q\\"uote","back\\\\slash"}'],
  ["json", "string", '{"b" : 1,"a":[1, 2]}'],
  ["jsonb", "string", '{"a": [1, 2], "b": 1}'],
  ["mood", "string", "happy", "a b"],
  ["pair", "string", '(1,"a b")', '(,"")'],
  ["uuid", "string", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  ["bit(4)", "string", "0101"],
  ["bit varying", "string", "", "101"],
  ["inet", "string", "192.168.0.1/24", "::1"],
  ["cidr", "string", "10.0.0.0/8"],
  ["macaddr", "string", "08:00:2b:01:02:03"],
  ["int4range", "string", "[1,10)", "empty"],
  ["int4multirange", "string", "{[1,2),[5,6)}"],
  ["xml", "string", "<a>1</a>"],
  ["point", "string", "(1.5,2)"],
];

describe("each type", () => {
  test("arrives as its canonical text, and goes back into a table as the same value, as COPY and as INSERT", async () => {
    const all = canonical.map(([declared]) => `"${declared}" ${declared}`).join(", ");
    const from = await bed.table(`no int PRIMARY KEY, ${all}`);
    const most = Math.max(...canonical.map(([, , ...texts]) => texts.length));
    const given = Array.from({ length: most }, (_, at) => canonical.map(([, , ...texts]) => texts[at] ?? null));
    await bed.database.query("SET TimeZone = 'UTC'");
    for (const [no, row] of given.entries()) {
      const values = row.map((text, at) => {
        const [declared, type] = canonical[at] ?? [];
        if (text === null) return "NULL";
        return type === "bytes" ? `'\\x${text}'` : `E'${text.replace(/[\\']/g, "\\$&")}'::${declared}`;
      });
      await bed.database.query(`INSERT INTO ${from} VALUES (${no}, ${values.join(", ")})`);
    }
    expect(await bed.read({ table: from })).toEqual(given.map((row, no) => [String(no), ...row]));
    const { reader, writer } = postgresql;
    const columns = await reader!.columns(bed.reading({ table: from }));
    expect(columns.slice(1).map(({ type }) => type)).toEqual(canonical.map(([, type]) => type));
    const printed = (name: string) => bed.database.texts(`SELECT t::text FROM ${name} t ORDER BY no`);
    for (const extra of [{}, { nullMode: "skipNull" }, { writeMode: "update" }]) {
      const to = await bed.table(`no int PRIMARY KEY, ${all}`);
      const records = await recordsOf(reader!, bed.reading({ table: from }));
      const side = bed.writing({ table: to, ...extra });
      const { dirty } = await writeAll(writer!, side, columns, [records], { runId: `types-${to}` });
      expect(dirty).toEqual([]);
      expect(await printed(to)).toEqual(await printed(from));
    }
  });

  test("money is a number whatever lc_monetary is, in tables and statements, and goes back without its words", async () => {
    const from = await bed.table("id int PRIMARY KEY, price money");
    await bed.database.query(`INSERT INTO ${from} VALUES (1, 1234.50::numeric::money), (2, (-12.34)::numeric::money)`);
    const rows = [
      ["1", "1234.50"],
      ["2", "-12.34"],
    ];
    expect(await bed.read({ table: from })).toEqual(rows);
    expect(await bed.read({ querySql: `SELECT id, price FROM ${from} ORDER BY id;` })).toEqual(rows);
    const to = await bed.table("id int PRIMARY KEY, price money");
    const columns: Column[] = [
      { name: "id", type: "long" },
      { name: "price", type: "double" },
    ];
    const { dirty } = await bed.write({ table: to }, columns, [...rows, ["3", "0.005"], ["4", null]]);
    expect(dirty.map(({ cells, reason }) => [cells[0], reason])).toEqual([["3", "CONVERSION"]]);
    expect(await bed.database.texts(`SELECT id, price::numeric FROM ${to} ORDER BY id`)).toEqual([
      ...rows,
      ["4", null],
    ]);
  });

  test("moments are shown on the side's clock, and on that of UTC where an hour comes twice", async () => {
    const table = await bed.table("id int PRIMARY KEY, at timestamptz, day date");
    await bed.database.query(
      `INSERT INTO ${table} VALUES (1, '2024-10-27 00:30:00+00', '2024-10-27'), (2, '2024-10-27 01:30:00+00', NULL)`,
    );
    const at = async (timeZone: string) => {
      const side = bed.reading({ table, column: ["at"] }, { timeZone });
      const [column] = await postgresql.reader!.columns(side);
      return [column?.clock, ...(await recordsOf(postgresql.reader!, side)).map(([cell]) => cell)];
    };
    expect(await at("Asia/Shanghai")).toEqual([undefined, "2024-10-27 08:30:00", "2024-10-27 09:30:00"]);
    expect(await at("-03:30")).toEqual([undefined, "2024-10-26 21:00:00", "2024-10-26 22:00:00"]);
    // Both are 02:30 in Berlin.
    expect(await at("Europe/Berlin")).toEqual(["+00:00", "2024-10-27 00:30:00", "2024-10-27 01:30:00"]);
    const side = { ...bed.reading({ table, session: ["SET TIME ZONE 'Asia/Tokyo'"] }), timeZone: null };
    expect(await postgresql.reader!.timeZone?.(side)).toMatchObject({ zone: "+09:00", from: "session of the job" });
    expect(await postgresql.reader!.timeZone?.(bed.reading({ table }, { timeZone: "Europe/Berlin" }))).toMatchObject({
      zone: "Europe/Berlin",
    });
  });

  test("settings of the job that would bend texts are put back, and told", async () => {
    const table = await bed.table("id int PRIMARY KEY, at timestamp, raw bytea, span interval");
    await bed.database.query(`INSERT INTO ${table} VALUES (1, '2024-02-29 01:02:03', '\\x5c41', '1 day')`);
    const session = [
      "SET DateStyle = 'German'",
      "SET bytea_output = 'escape'",
      "SET IntervalStyle = 'iso_8601'",
      "SET statement_timeout = '10min'",
      "BEGIN",
    ];
    expect(await bed.read({ table, session })).toEqual([["1", "2024-02-29 01:02:03", "5c41", "1 day"]]);
    const settled = await postgresql.reader!.timeZone?.(bed.reading({ table, session }));
    expect(settled?.notes?.map((note) => /sets (\w+)/.exec(note)?.[1]).sort()).toEqual(
      ["DateStyle", "IntervalStyle", "bytea_output", "statement_timeout"].sort(),
    );
  });
});
