import { expect, it } from "vitest";
import { joinPath, splitPath } from "../../../../../shared/script/text/field-path.js";

it.each([
  ["steps[0].parameter.column[12]", ["steps", 0, "parameter", "column", 12]],
  ['setting["Speed "].mbps', ["setting", "Speed ", "mbps"]],
  ['["a.b"]["c\\"]"]', ["a.b", 'c"]']],
  ["", []],
])("The path %s is taken apart and put together again.", (path, parts) => {
  expect(splitPath(path)).toEqual(parts);
  expect(parts.reduce<string>(joinPath, "")).toBe(path);
});

it("What is no path is told from one.", () => {
  for (const text of ["a[", "a..b", "[x]", "a[0]]", 'a["']) expect(splitPath(text)).toBeUndefined();
});
