import { expect, it } from "vitest";
import { nearest } from "../../../../../shared/script/text/nearest.js";

const known = ["errorLimit", "speed", "splitPk", "where", "table"];

it.each([
  ["erorLimit", "errorLimit"],
  ["SPEDE", "speed"],
  [" wehre ", "where"],
  ["spiltPk", "splitPk"],
  ["zebra", undefined],
  ["", undefined],
])('The nearest known key to "%s" is %s.', (word, expected) => {
  expect(nearest(word, known)).toBe(expected);
});

it("A very long word is near to nothing, and that is known at once.", () => {
  expect(nearest("x".repeat(1_000_000), known)).toBeUndefined();
});
