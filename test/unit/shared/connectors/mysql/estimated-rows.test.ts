import { expect, test } from "vitest";
import { rowsInPlan } from "../../../../../shared/connectors/mysql/estimated-rows.js";

test.each([
  ["MySQL and MariaDB", ["id", "type", "rows", "Extra"], [["1", "range", "4926", "Using where"]], 4926],
  [
    "TiDB",
    ["id", "estRows", "task"],
    [
      ["HashAgg_12", "1.00", "root"],
      ["TableRangeScan_10", "4926.00", "cop"],
    ],
    4926,
  ],
  ["a tree", ["EXPLAIN"], [["-> Aggregate: count(0)  (cost=1 rows=1)"]], null],
  ["operators without figures", ["LOGICAL EXECUTIONPLAN"], [['LogicalView(tables="orders_[0-3]")']], null],
  ["a count that needs no rows", ["id", "rows", "Extra"], [["1", null, "Select tables optimized away"]], null],
])("the estimate in the plan of %s", (_name, names, rows, expected) => {
  expect(rowsInPlan({ names, rows })).toBe(expected);
});
