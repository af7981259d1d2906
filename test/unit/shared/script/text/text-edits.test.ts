import { expect, it } from "vitest";
import { applyEdits } from "../../../../../shared/script/text/text-edits.js";

it("Edits are applied in any order, and places can be traced back.", () => {
  const { text, originOf } = applyEdits("abcdef", [
    { offset: 4, length: 1, text: "" },
    { offset: 1, length: 0, text: "XY" },
    { offset: 6, length: 0, text: "!" },
  ]);
  expect(text).toBe("aXYbcdf!");
  expect([0, 1, 3, 5, 6].map(originOf)).toEqual([0, 1, 1, 3, 5]);
});

it("An insertion comes before a replacement at the same place.", () => {
  const edits = [
    { offset: 1, length: 1, text: "-" },
    { offset: 1, length: 0, text: "," },
  ];
  expect(applyEdits("abc", edits).text).toBe("a,-c");
});
