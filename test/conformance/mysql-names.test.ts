import { afterAll, beforeAll, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { recordsOf, sideOf, writeAll } from "./drive.js";

let database: ScratchDatabase;
let other: ScratchDatabase;

beforeAll(async () => {
  [database, other] = await Promise.all([scratchDatabase(), scratchDatabase()]);
});
afterAll(() => Promise.all([database.drop(), other.drop()]));

const { reader, writer, catalog } = mysql;
const quoted = (name: string) => `\`${name.replaceAll("`", "``")}\``;

/** Words of SQL, capitals, dots, blanks, quotes of all kinds, other scripts. */
const tables = ["select", "Order", "a.b", "my table", `it's "odd"`, "tick`tick", "数据 库", "grüße"];
const column = ["Id", "order", "a b", 'na"me', "ti`ck", "d.ot", "值"];
const columns: Column[] = column.map((name, at) => ({ name, type: at === 0 ? "long" : "string" }));
const row = ["1", "two", "th ree", 'fo"ur', "fi`ve", "s.ix", "七"];

const made = (table: string) =>
  database.query(
    `CREATE TABLE ${quoted(table)} (Id INT PRIMARY KEY, ${column
      .slice(1)
      .map((name) => `${quoted(name)} VARCHAR(20)`)
      .join(", ")})`,
  );
const write = (parameter: JsonObject) =>
  writeAll(writer!, sideOf(mysql, writer!.params, database.source, parameter), columns, [[row]], {
    runId: `names-${JSON.stringify(parameter)}`.slice(0, 100),
  });
const read = (parameter: JsonObject) =>
  recordsOf(reader!, sideOf(mysql, reader!.params, database.source, { column: ["*"], ...parameter }));

test("tables and columns may be called anything, as the catalog tells them", async () => {
  for (const table of tables) await made(table);
  const signal = new AbortController().signal;
  const source = mysql.source.schema.parse(database.source);
  const { items } = await catalog!.tables(source, { search: "", limit: 100, page: null }, signal);
  const listed = items.map(({ name }) => name).filter((name) => name !== "sluice_ledger");
  expect(listed.sort()).toEqual([...tables].sort());
  for (const table of tables) {
    // A dot stands between database and table, unless quotes say that it is part of a name.
    const name = table.includes(".") || table.includes("`") ? quoted(table) : table;
    const found = await catalog!.columns!(source, name, signal);
    expect(
      found.map((one) => one.name),
      table,
    ).toEqual(column);
    for (const extra of [{ writeMode: "insert" }, { writeMode: "replace" }, { writeMode: "update" }]) {
      const { dirty } = await write({ table: [name], column, ...extra });
      // The second time the key is there.
      expect(dirty.length, `${table} ${extra.writeMode}`).toBe(0);
    }
    expect(await read({ table: [name], column: ["order", "`值`", 'na"me', "`ti``ck`", "Id"] }), table).toEqual([
      ["two", "七", 'fo"ur', "fi`ve", "1"],
    ]);
    expect(await read({ table: [name], splitPk: "Id" }), table).toEqual([row]);
  }
});

test("a table of another database is named with it", async () => {
  await other.query("CREATE TABLE `my table` (id INT PRIMARY KEY, name VARCHAR(5))");
  await other.query("INSERT INTO `my table` VALUES (1, 'there')");
  expect(await read({ table: `${other.name}.\`my table\`` })).toEqual([["1", "there"]]);
  expect(await read({ table: `${other.name}.my table` })).toEqual([["1", "there"]]);
  await expect(read({ table: "my tables" })).rejects.toMatchObject({ code: "SOURCE_OBJECT_MISSING" });
});
