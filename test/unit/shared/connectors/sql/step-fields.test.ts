import { expect, test } from "vitest";
import { plainColumn, sourceTablesOf, trimmedWhere } from "../../../../../shared/connectors/sql/step-fields.js";

test("connection wins over the flat keys, whose data source stands in where a connection has none", () => {
  const connection = [
    { datasource: "b", table: ["x"], querySql: undefined },
    { datasource: null, table: ["y_[0-1]"], querySql: undefined },
  ];
  expect(sourceTablesOf({ datasource: "a", table: ["ignored"], connection })).toEqual([
    { datasource: "b", tables: ["x"], queries: [] },
    { datasource: "a", tables: ["y_0", "y_1"], queries: [] },
  ]);
});

test("a connection that names a data source only takes its tables from the flat key", () => {
  const connection = [{ datasource: "b", table: undefined, querySql: undefined }];
  expect(sourceTablesOf({ datasource: null, table: ["t"], connection })).toEqual([
    { datasource: "b", tables: ["t"], queries: [] },
  ]);
});

test.each([
  ["id", "id"],
  [" `a``b` ", "a`b"],
  ['"x y"', "x y"],
  ["größe", "größe"],
  ["null", null],
  ["TRUE", null],
  ["1", null],
  ["'CN'", null],
  ["count(*)", null],
  ["a.b", null],
])("column entry %j names the column %j", (entry, expected) => {
  expect(plainColumn(entry)).toBe(expected);
});

test("a filter loses semicolons of both kinds at its end, and nothing else", () => {
  expect(trimmedWhere(" a = ';' ; ；\n")).toBe(" a = ';'");
  expect(trimmedWhere(" ; ")).toBeNull();
  expect(trimmedWhere(null)).toBeNull();
});
