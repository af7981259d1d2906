import { expect, test } from "vitest";
import { compareKey, keyList, rangeConditions } from "../../../../../shared/connectors/sql/key-range.js";

const dialect = { quoteName: (name: string) => name, keyLiteral: (value: string) => value };
const key = [
  { name: "a", kind: "integer" },
  { name: "b", kind: "integer" },
  { name: "c", kind: "integer" },
] as const;

test("one column is compared plainly, several are spelled out for the index", () => {
  expect(compareKey(dialect, key.slice(0, 1), ">=", ["1"])).toBe("a >= 1");
  expect(compareKey(dialect, key, ">", ["1"])).toBe("a > 1");
  expect(compareKey(dialect, key, "<=", ["1", "2"])).toBe("a <= 1 AND (a < 1 OR (a = 1 AND b <= 2))");
  expect(compareKey(dialect, key, ">", ["1", "2", "3"])).toBe(
    "a >= 1 AND (a > 1 OR (a = 1 AND (b > 2 OR (b = 2 AND c > 3))))",
  );
});

test("a range has as many conditions as bounds", () => {
  expect(rangeConditions(dialect, key, { after: null, upTo: null })).toEqual([]);
  expect(rangeConditions(dialect, key, { after: ["1"], upTo: ["9"] })).toEqual(["a > 1", "a <= 9"]);
});

test("key columns are listed in order, with the direction for each", () => {
  expect(keyList(dialect, key)).toBe("a, b, c");
  expect(keyList(dialect, key, "DESC")).toBe("a DESC, b DESC, c DESC");
});
