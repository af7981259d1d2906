import { expect, test } from "vitest";
import { sourceTablesOf } from "../../../../../shared/connectors/sql/step-fields.js";
import { expandTables } from "../../../../../shared/connectors/sql/table-names.js";

test.each([
  [["orders"], ["orders"]],
  [
    ["a, b", "c"],
    ["a", "b", "c"],
  ],
  [["t_[08-11]"], ["t_08", "t_09", "t_10", "t_11"]],
  [["t_[8-10]"], ["t_8", "t_9", "t_10"]],
  [["t_[2-0]"], ["t_0", "t_1", "t_2"]],
  [["shop.t[0-1]_old"], ["shop.t0_old", "shop.t1_old"]],
  [["d[0-1].t[0-1]"], ["d0.t0", "d0.t1", "d1.t0", "d1.t1"]],
])("%j expands to %j", (entries, expected) => {
  expect(expandTables(entries, "table")).toEqual(expected);
});

test("an empty name and an absurd range are refused with their place", () => {
  expect(() => expandTables(["a,,b"], "connection[0].table")).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", path: "connection[0].table" }),
  );
  expect(() => expandTables(["t[0-999999]"], "table")).toThrow(/more than 10000 tables/);
});

test.each([
  ["a product of ranges", ["t[0-9999][0-9999]"]],
  ["many ranges of one", [`t${"[0-9]".repeat(150)}`]],
  ["many entries", Array.from({ length: 20 }, (_, i) => `t${i}_[0-999]`)],
  ["a list", ["a,".repeat(20_000).concat("a")]],
  ["numbers without end", [`t[0-${"9".repeat(400)}]`]],
])("%s is counted before a table is named", (_, entries) => {
  expect(() => expandTables(entries, "table")).toThrow(/more than (10000 tables|15 digits)/);
});

test("widths and names have bounds", () => {
  expect(() => expandTables([`t[${"0".repeat(2_000)}-9999]`], "table")).toThrow(/2008 characters, of at most 1000/);
  expect(() => expandTables(["t[9007199254740993-9007199254740993]"], "table")).toThrow(/more than 15 digits/);
});

test("the connections of a job share one bound", () => {
  const connection = Array.from({ length: 20 }, (_, i) => ({ datasource: null, table: [`t${i}_[0-999]`] }));
  expect(() => sourceTablesOf({ datasource: "db", connection })).toThrow(
    expect.objectContaining({
      path: "connection[10].table",
      message: expect.stringContaining("more than 10000 tables"),
    }),
  );
});
