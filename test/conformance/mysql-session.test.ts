import { afterAll, beforeAll, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Column } from "../../shared/model/batch.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { recordsOf, sideOf, writeAll } from "./drive.js";

const reader = mysql.reader!;
const writer = mysql.writer!;
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase();
});
afterAll(() => database.drop());

const columns: Column[] = ["id", "s", "n", "d", "e"].map((name) => ({ name, type: name === "id" ? "long" : "string" }));
const rows = [
  ["1", "fits", "5", "2024-01-02", "a"],
  ["2", "much too long", "5", "2024-01-02", "a"],
  ["3", "fits", "99999999999", "2024-01-02", "a"],
  ["4", "fits", "abc", "2024-01-02", "a"],
  ["5", "fits", "5", "2024-13-45", "a"],
  ["6", "fits", "5", "2024-01-02", "zzz"],
  ["0", "😀", "5", "2024-01-02", "a"],
];

test.each([
  ["insert", ["set session sql_mode='ANSI'", "set names gbk", "set session sql_select_limit = 2, autocommit = 0"], ""],
  ["replace", ["set sql_mode=''", "start transaction", "set unique_checks = 0"], ""],
  ["update", ["set session sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT'"], ""],
  ["insert", [], "sql_mode='NO_BACKSLASH_ESCAPES,ANSI',character_set_results=latin1,autocommit=0"],
] as const)(
  "%s refuses the same rows whatever the session %j or sessionVariables %j say",
  async (writeMode, session, sessionVariables) => {
    await database.query("DROP TABLE IF EXISTS t");
    await database.query(
      "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, s VARCHAR(5), n INT, d DATE, e ENUM('a','b'))",
    );
    const source = { ...database.source, ...(sessionVariables === "" ? {} : { properties: { sessionVariables } }) };
    const parameter = { table: "t", column: columns.map(({ name }) => name), writeMode, session: [...session] };
    const side = sideOf(mysql, writer.params, source, {
      ...parameter,
      preSql: ["INSERT INTO t (id, s) VALUES (77, 'pre')"],
    });
    const { dirty } = await writeAll(writer, side, columns, [rows]);
    expect(dirty.map(({ cells }) => cells[0]).sort()).toEqual(["2", "3", "4", "5", "6"]);
    expect(await database.query("SELECT id, s FROM t ORDER BY id")).toEqual([
      ["0", "😀"],
      ["1", "fits"],
      ["77", "pre"],
    ]);
    const notes = (await writer.timeZone?.(side))?.notes?.join("\n");
    expect(notes).toMatch(/STRICT_ALL_TABLES; it was added/);
  },
);

test("what preSql and postSql leave open is committed, and a plan says so", async () => {
  await database.query("DROP TABLE IF EXISTS t, notes");
  await database.query("CREATE TABLE t (id INT PRIMARY KEY)");
  await database.query("CREATE TABLE notes (what VARCHAR(20) PRIMARY KEY) ENGINE = InnoDB");
  const note = (what: string) => `INSERT INTO notes VALUES ('${what}')`;
  const side = sideOf(mysql, writer.params, database.source, {
    ...{ table: "t", column: ["id"] },
    preSql: ["set autocommit = 0", `${note("pre")}; rollback; ${note("pre, again")}`],
    postSql: [note("before"), "start transaction", note("within"), `savepoint a; ${note("gone")}; rollback to a`],
  });
  const warnings = await writer.check?.(side, { columns: columns.slice(0, 1), exactlyOnce: "auto" });
  expect(warnings).toEqual([
    "preSql[0] leaves a transaction open: it is committed at the end of preSql",
    "postSql[1] leaves a transaction open: it is committed at the end of postSql",
  ]);
  const { dirty } = await writeAll(writer, side, columns.slice(0, 1), [[["1"], ["2"]]]);
  expect(dirty).toEqual([]);
  expect(await database.query("SELECT COUNT(*) FROM t")).toEqual([["2"]]);
  expect((await database.query("SELECT what FROM notes ORDER BY what")).flat()).toEqual([
    "before",
    "pre, again",
    "within",
  ]);
});

test("a reader's session cuts no table short, and keeps what the user wants of its SQL", async () => {
  await database.query("DROP TABLE IF EXISTS r");
  await database.query("CREATE TABLE r (id INT PRIMARY KEY, c CHAR(5))");
  await database.query("INSERT INTO r SELECT seq, 'x' FROM seq_1_to_9");
  const session = ["set sql_select_limit = 3", "set sql_mode='ANSI,PAD_CHAR_TO_FULL_LENGTH'", "set names latin1"];
  const parameter = { table: "r", column: ["id", "c"], where: '"id" > 1', session };
  const side = sideOf(mysql, reader.params, database.source, parameter);
  const found = await recordsOf(reader, side);
  expect(found).toHaveLength(8);
  expect(new Set(found.map(([, c]) => c))).toEqual(new Set(["x"]));
  const zone = await reader.timeZone?.(side);
  expect(zone?.notes?.join("\n")).toMatch(/sql_select_limit[\s\S]*PAD_CHAR_TO_FULL_LENGTH/);
});
