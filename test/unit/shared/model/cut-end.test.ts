import { expect, it } from "vitest";
import { withoutSemicolons } from "../../../../shared/model/cut-end.js";

it.each([
  ["a ; ", "a"],
  ["a；\n;", "a"],
  [" ; a", " ; a"],
  [" ;", ""],
  ["", ""],
])("takes blanks and semicolons from the end of %j", (text, expected) => {
  expect(withoutSemicolons(text)).toBe(expected);
});
