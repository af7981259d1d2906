import { describe, expect, test } from "vitest";
import { chooseKey } from "../../../../../shared/connectors/mysql/read-key.js";
import { readParams } from "../../../../../shared/connectors/mysql/read-params.js";
import { checkpointOf, selectSql } from "../../../../../shared/connectors/mysql/select.js";
import { keyDialect, quoteText } from "../../../../../shared/connectors/mysql/sql-text.js";
import { type TableInfo, tableName } from "../../../../../shared/connectors/mysql/table-info.js";

function tableOf(columns: Record<string, string>, ...indexes: { unique: boolean; columns: string[] }[]): TableInfo {
  return {
    ...{ sqlName: "`d`.`t`", title: "d.t", isTransactional: true, rows: 0 },
    columns: Object.entries(columns).map(([name, type]) => ({
      ...{ name, type: "string", dataType: type.replace(/\W.*/, ""), columnType: type, isNullable: type.endsWith("?") },
      ...{ isUnsigned: false, isGenerated: false, isAutoIncrement: false, isInvisible: false },
      ...{ members: null, maxLength: null, charset: null, precision: null, scale: null },
    })),
    indexes: indexes.map(({ unique, columns: names }, at) => ({
      name: `i${at}`,
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
    expect(chooseKey(table, null)).toMatchObject({ key: { bounded: 2, isUnique: true }, index: "i1", hasNulls: false });
  });

  test("a splitPk that is not unique is followed by the primary key, so that reading can be resumed", () => {
    const table = tableOf(
      { id: "int", grp: "int?" },
      { unique: true, columns: ["id"] },
      { unique: false, columns: ["grp"] },
    );
    const choice = chooseKey(table, "GRP");
    expect(names(choice)).toEqual(["grp", "id"]);
    expect(choice).toMatchObject({ key: { bounded: 1, isUnique: true }, index: "i1", hasNulls: true, warning: null });
    expect(names(chooseKey(table, "id"))).toEqual(["id"]);
  });

  test("in a zone that is no fixed offset TIMESTAMPs are no key, DATETIMEs are", () => {
    const table = tableOf(
      { at: "timestamp", day: "datetime", id: "int" },
      { unique: true, columns: ["at"] },
      { unique: true, columns: ["day", "id"] },
    );
    expect(names(chooseKey(table, null))).toEqual(["at"]);
    expect(names(chooseKey(table, null, "Europe/Berlin"))).toEqual(["day", "id"]);
    expect(names(chooseKey(table, "`at`", "Europe/Berlin"))).toEqual(["day", "id"]);
    expect(names(chooseKey(table, "day", "Europe/Berlin"))).toEqual(["day", "id"]);
  });

  test("keys whose text has no order in SQL are not split by", () => {
    const table = tableOf({ e: "enum('b','a')", f: "double" }, { unique: true, columns: ["e"] });
    expect(chooseKey(table, null)).toMatchObject({
      key: null,
      warning: expect.stringContaining("no primary or unique key"),
    });
    expect(() => chooseKey(table, "f")).toThrow(
      expect.objectContaining({ path: "splitPk", message: expect.stringContaining("double") }),
    );
  });
});

describe("selectSql", () => {
  const params = readParams.parse({ table: "t", column: ["`id`", "UPPER(name)"], where: "a = 1 OR b = 2" });
  const table = tableOf({ id: "int", name: "varchar(9)" }, { unique: true, columns: ["id", "name"] });
  const { key } = chooseKey(table, null);
  const spec = {
    kind: "table",
    datasource: null,
    table: "`d`.`t`",
    key,
    range: { after: ["1", "a"], upTo: null },
    nullColumn: null,
  } as const;

  test("key columns that the job does not select come behind, filters stay apart, rows come in key order", () => {
    expect(selectSql(params, spec, null)).toBe(
      "SELECT `id`, UPPER(name), `name` FROM `d`.`t` WHERE `id` >= 1 AND (`id` > 1 OR (`id` = 1 AND `name` > 'a')) AND (a = 1 OR b = 2) ORDER BY `id`, `name`",
    );
  });

  test("a resumed split begins behind its checkpoint", () => {
    expect(selectSql(params, { ...spec, range: { after: ["1", "a"], upTo: ["9"] } }, ["5", "x"])).toContain(
      "WHERE `id` >= 5 AND (`id` > 5 OR (`id` = 5 AND `name` > 'x')) AND `id` <= 9 AND (a = 1",
    );
  });

  test("the checkpoint is the last key as text, bytes as hex digits, and null without a unique key", () => {
    expect(checkpointOf(spec, [Buffer.from("7"), Buffer.from("ü")])).toEqual(["7", "ü"]);
    expect(checkpointOf({ ...spec, key: null }, [])).toBeNull();
  });
});

describe("FLOAT columns", () => {
  const table = "`d`.`t`";
  const spec = { kind: "table", datasource: null, table, key: null, range: null, nullColumn: null } as const;
  const floats = { columns: [{ name: "F", scale: 0, width: 0 }], star: ["id", "F"] };
  const sql = (column: string[], over: object = { floats }) =>
    selectSql(readParams.parse({ table: "t", column }), { ...spec, ...over }, null);

  test("are selected as doubles, by name or as part of *", () => {
    expect(sql(["*"])).toBe("SELECT `id`, `F` * 1e0 AS `F` FROM `d`.`t`");
    expect(sql(["f", "id", "`F`"])).toBe("SELECT `F` * 1e0 AS `F`, id, `F` * 1e0 AS `F` FROM `d`.`t`");
  });

  test("stay as written in expressions, and in splits made before", () => {
    expect(sql(["f + 1", "ROUND(f, 2)", '"f"'])).toBe('SELECT f + 1, ROUND(f, 2), "f" FROM `d`.`t`');
    expect(sql(["*"], {})).toBe("SELECT * FROM `d`.`t`");
  });
});

test("a text in double quotes that looks like the key is not taken for it", () => {
  const table = tableOf({ id: "int" }, { unique: true, columns: ["id"] });
  const { key } = chooseKey(table, null);
  const spec = { kind: "table", datasource: null, table: "t", key, range: null, nullColumn: null } as const;
  const params = readParams.parse({ table: "t", column: ['"id"'] });
  expect(selectSql(params, spec, null)).toBe('SELECT "id", `id` FROM t ORDER BY `id`');
});

test("literals mean the same in every SQL mode", () => {
  expect(quoteText("it's")).toBe("'it''s'");
  expect(quoteText("back\\slash")).toBe("_utf8mb4 x'6261636b5c736c617368'");
  expect(keyDialect.keyLiteral("-5", "integer")).toBe("-5");
  expect(keyDialect.keyLiteral("5 OR 1=1", "integer")).toBe("'5 OR 1=1'");
  expect(keyDialect.keyLiteral("00ff", "bytes")).toBe("x'00ff'");
});

test.each([
  ["t", "`d`.`t`"],
  ["x.t", "`x`.`t`"],
  ["`a.b`", "`d`.`a.b`"],
  ["`x`.`a``b`", "`x`.`a``b`"],
])("table %s is written %s", (name, expected) => {
  expect(tableName("d", name).sqlName).toBe(expected);
});
