import { expect, test } from "vitest";
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
