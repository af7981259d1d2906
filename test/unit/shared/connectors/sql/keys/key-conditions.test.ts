import { expect, test } from "vitest";
import { compareKey, keyOrder, rangeConditions } from "../../../../../../shared/connectors/sql/keys/key-conditions.js";
import type { SqlText } from "../../../../../../shared/connectors/sql/sql-text.js";

const text: SqlText = {
  quoteName: (name) => name,
  quoteText: (value) => value,
  keyLiteral: (value) => value,
  nameIn: () => null,
};
const key = [
  { name: "a", kind: "integer" },
  { name: "b", kind: "integer" },
  { name: "c", kind: "integer" },
] as const;

test("one column is compared plainly, several are spelled out for the index", () => {
  expect(compareKey(text, key.slice(0, 1), { sign: ">=", value: ["1"] })).toBe("a >= 1");
  expect(compareKey(text, key, { sign: ">", value: ["1"] })).toBe("a > 1");
  expect(compareKey(text, key, { sign: "<=", value: ["1", "2"] })).toBe("a <= 1 AND (a < 1 OR (a = 1 AND b <= 2))");
  expect(compareKey(text, key, { sign: ">", value: ["1", "2", "3"] })).toBe(
    "a >= 1 AND (a > 1 OR (a = 1 AND (b > 2 OR (b = 2 AND c > 3))))",
  );
});

test("a literal is made for the column's own type, where the system says one", () => {
  const typed = { ...text, keyLiteral: (value: string, _kind: string, type?: string) => `${type}:${value}` };
  const mixed = [{ name: "a", kind: "text", literalType: "varchar(9)" } as const, key[1]];
  expect(compareKey(typed, mixed, { sign: ">", value: ["1", "2"] })).toBe(
    "a >= varchar(9):1 AND (a > varchar(9):1 OR (a = varchar(9):1 AND b > undefined:2))",
  );
});

test("a range has as many conditions as bounds", () => {
  expect(rangeConditions(text, key, { after: null, upTo: null })).toEqual([]);
  expect(rangeConditions(text, key, { after: ["1"], upTo: ["9"] })).toEqual(["a > 1", "a <= 9"]);
});

test("key columns are listed in order, with the direction for each", () => {
  expect(keyOrder(text, key)).toBe("a, b, c");
  expect(keyOrder(text, key, "DESC")).toBe("a DESC, b DESC, c DESC");
});
