import { describe, expect, test } from "vitest";
import { mysqlText, quoteMysqlText } from "../../../../../../shared/connectors/mysql/sql-text.js";
import { mysqlSystem } from "../../../../../../shared/connectors/mysql/system.js";
import { mysqlTableName } from "../../../../../../shared/connectors/mysql/table-info.js";
import type { KeyKind } from "../../../../../../shared/connectors/sql/keys/key-range.js";
import { namedColumns } from "../../../../../../shared/connectors/sql/read/named-columns.js";
import { chooseKey } from "../../../../../../shared/connectors/sql/read/read-key.js";
import { readParams, type SqlReadParams } from "../../../../../../shared/connectors/sql/read/read-params.js";
import {
  checkpointOf,
  layoutOf,
  selectSql,
  type TableSpec,
} from "../../../../../../shared/connectors/sql/read/select.js";
import type { TableInfo } from "../../../../../../shared/connectors/sql/table.js";

const kinds: Readonly<Record<string, KeyKind>> = {
  ...{ int: "integer", varchar: "text", timestamp: "datetime", datetime: "datetime" },
};

function tableOf(columns: Record<string, string>, ...indexes: { unique: boolean; columns: string[] }[]): TableInfo {
  return {
    ...{ sqlName: "`d`.`t`", title: "d.t", isTransactional: true, rows: 0 },
    columns: Object.entries(columns).map(([name, type]) => ({
      ...{ name, type: "string", dataType: type.replace(/\W.*/, ""), declared: type, isNullable: type.endsWith("?") },
      ...{ isGenerated: false, isInvisible: false, isMoment: false, keyKind: kinds[type.replace(/\W.*/, "")] ?? null },
      ...{ maxLength: null, precision: null, scale: null },
    })),
    indexes: indexes.map(({ unique, columns: names }, at) => ({
      name: `i${at}`,
      isPrimary: false,
      isUnique: unique,
      isSorted: true,
      columns: names,
    })),
  };
}

describe("chooseKey", () => {
  const names = (choice: ReturnType<typeof chooseKey>) => choice.key?.columns.map(({ name }) => name);

  test("the primary key serves when no splitPk is named, else the first unique index without nulls", () => {
    const table = tableOf(
      { a: "int?", b: "int", c: "varchar(9)" },
      { unique: true, columns: ["a"] },
      { unique: true, columns: ["b", "c"] },
    );
    expect(chooseKey(table, { splitPk: null })).toMatchObject({
      key: { bounded: 2, isUnique: true },
      index: "i1",
      hasNulls: false,
    });
  });

  test("a splitPk that is not unique is followed by the primary key, so that reading can be resumed", () => {
    const table = tableOf(
      { id: "int", grp: "int?" },
      { unique: true, columns: ["id"] },
      { unique: false, columns: ["grp"] },
    );
    const choice = chooseKey(table, { splitPk: "GRP" });
    expect(names(choice)).toEqual(["grp", "id"]);
    expect(choice).toMatchObject({ key: { bounded: 1, isUnique: true }, index: "i1", hasNulls: true, warning: null });
    expect(names(chooseKey(table, { splitPk: "id" }))).toEqual(["id"]);
  });

  test("columns that are no key in this session are passed over, also where the job names one", () => {
    const table = tableOf(
      { at: "timestamp", day: "datetime", id: "int" },
      { unique: true, columns: ["at"] },
      { unique: true, columns: ["day", "id"] },
    );
    expect(names(chooseKey(table, { splitPk: null }))).toEqual(["at"]);
    expect(names(chooseKey(table, { splitPk: null, noKey: ["at"] }))).toEqual(["day", "id"]);
    expect(names(chooseKey(table, { splitPk: "at", noKey: ["at"] }))).toEqual(["day", "id"]);
    expect(names(chooseKey(table, { splitPk: "day", noKey: ["at"] }))).toEqual(["day", "id"]);
  });

  test("keys whose text has no order in SQL are not split by", () => {
    const table = tableOf({ e: "enum('b','a')", f: "double" }, { unique: true, columns: ["e"] });
    expect(chooseKey(table, { splitPk: null })).toMatchObject({
      key: null,
      warning: expect.stringContaining("no primary or unique key"),
    });
    expect(() => chooseKey(table, { splitPk: "f" })).toThrow(
      expect.objectContaining({ path: "splitPk", message: expect.stringContaining("double") }),
    );
  });
});

const sqlOf = (given: SqlReadParams, spec: TableSpec, from: readonly string[] | null = null) =>
  selectSql(mysqlSystem, { params: given, spec }, from);
const bare = { kind: "table", datasource: null, table: "`d`.`t`", key: null, range: null, nullColumn: null } as const;

describe("selectSql", () => {
  const params = readParams().parse({ table: "t", column: ["`id`", "UPPER(name)"], where: "a = 1 OR b = 2" });
  const table = tableOf({ id: "int", name: "varchar(9)" }, { unique: true, columns: ["id", "name"] });
  const { key } = chooseKey(table, { splitPk: null });
  const named = namedColumns(mysqlText, table, params.columns);
  const spec: TableSpec = { ...bare, key, named, range: { after: ["1", "a"], upTo: null } };

  test("key columns that the job does not select come behind, filters stay apart, rows come in key order", () => {
    expect(sqlOf(params, spec)).toBe(
      "SELECT `id`, UPPER(name), `name` FROM `d`.`t` WHERE `id` >= 1 AND (`id` > 1 OR (`id` = 1 AND `name` > 'a')) AND (a = 1 OR b = 2) ORDER BY `id`, `name`",
    );
  });

  test("the key is found in the result where it stands", () => {
    const found = ["id", "UPPER(name)", "name"].map((name) => ({ name, type: "string" as const }));
    expect(layoutOf(mysqlSystem, { params, spec }, found)).toMatchObject({
      columns: [{ name: "id" }, { name: "UPPER(name)" }],
      key: [0, 2],
    });
  });

  test("a resumed split begins behind its checkpoint", () => {
    expect(sqlOf(params, { ...spec, range: { after: ["1", "a"], upTo: ["9"] } }, ["5", "x"])).toContain(
      "WHERE `id` >= 5 AND (`id` > 5 OR (`id` = 5 AND `name` > 'x')) AND `id` <= 9 AND (a = 1",
    );
  });

  test("the checkpoint is the last key as text, bytes as hex digits, and null without a unique key", () => {
    expect(checkpointOf(spec, [Buffer.from("7"), Buffer.from("ü")])).toEqual(["7", "ü"]);
    expect(checkpointOf({ ...spec, key: null }, [])).toBeNull();
  });

  test("a text in double quotes that looks like the key is not taken for it", () => {
    const quoted = readParams().parse({ table: "t", column: ['"id"'] });
    const small = tableOf({ id: "int" }, { unique: true, columns: ["id"] });
    const own = { ...bare, ...chooseKey(small, { splitPk: null }), named: namedColumns(mysqlText, small, ['"id"']) };
    expect(sqlOf(quoted, own)).toBe('SELECT "id", `id` FROM `d`.`t` ORDER BY `id`');
  });
});

describe("columns that are selected by an expression", () => {
  const exact = { columns: [{ name: "F", as: { scale: 0, width: 0 } }], star: ["id", "F"] };
  const table = tableOf({ id: "int", F: "float" });
  const sql = (column: string[], over: object = { exact }) =>
    sqlOf(readParams().parse({ table: "t", column }), {
      ...bare,
      named: namedColumns(mysqlText, table, column),
      ...over,
    });

  test("are so by name and as part of *", () => {
    expect(sql(["*"])).toBe("SELECT `id`, `F` * 1e0 AS `F` FROM `d`.`t`");
    expect(sql(["f", "id", "`F`"])).toBe("SELECT `F` * 1e0 AS `F`, `id`, `F` * 1e0 AS `F` FROM `d`.`t`");
  });

  test("have no alias where they are the key, lest the rows come in the order of its text", () => {
    const key = { columns: [{ name: "F", kind: "decimal", isInvisible: false }], bounded: 1, isUnique: true } as const;
    expect(sql(["f", "id"], { exact: { columns: [{ name: "F", as: 0 }], star: [] }, key })).toBe(
      "SELECT `F` * 1e0, `id` FROM `d`.`t` ORDER BY `F`",
    );
  });

  test("stay as written in expressions", () => {
    expect(sql(["f + 1", "ROUND(f, 2)", '"f"'])).toBe('SELECT f + 1, ROUND(f, 2), "f" FROM `d`.`t`');
    expect(sql(["*"], {})).toBe("SELECT * FROM `d`.`t`");
  });
});

test("literals mean the same in every SQL mode", () => {
  expect(quoteMysqlText("it's")).toBe("'it''s'");
  expect(quoteMysqlText("back\\slash")).toBe("_utf8mb4 x'6261636b5c736c617368'");
  expect(mysqlText.keyLiteral("-5", "integer")).toBe("-5");
  expect(mysqlText.keyLiteral("5 OR 1=1", "integer")).toBe("'5 OR 1=1'");
  expect(mysqlText.keyLiteral("00ff", "bytes")).toBe("x'00ff'");
});

test.each([
  ["t", "`d`.`t`"],
  ["x.t", "`x`.`t`"],
  ["`a.b`", "`d`.`a.b`"],
  ["`x`.`a``b`", "`x`.`a``b`"],
])("table %s is written %s", (name, expected) => {
  expect(mysqlTableName("d", name).sqlName).toBe(expected);
});
