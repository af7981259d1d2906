import { expect, test } from "vitest";
import { checkTargetCount, tableOfSplit } from "../../../../../../shared/connectors/sql/write/target-of-split.js";

test("splits belong to tables in order, whatever number each has", () => {
  const splits = [3, 0, 1, 2];
  expect([0, 1, 2, 3, 4, 5, 6].map((split) => tableOfSplit(split, splits))).toEqual([0, 0, 0, 2, 3, 3, -1]);
});

test("several targets take as many source tables; one takes any number", () => {
  expect(() => checkTargetCount(1, [1, 2, 3])).not.toThrow();
  expect(() => checkTargetCount(2, [7, 0])).not.toThrow();
  expect(() => checkTargetCount(2, [7])).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path: "table" }));
  expect(() => checkTargetCount(2, [1, 1, 1])).toThrow(/2 target tables .* source has 3/);
});
