import { describe, expect, it } from "vitest";
import { fitText, tableLines } from "../../../../infra/cli/table.js";

describe("text tables", () => {
  it("aligns columns, numbers on the right, without trailing blanks", () => {
    const rows = [
      { name: "orders", n: 5 },
      { name: "a", n: 12000 },
    ];
    const lines = tableLines(rows, [
      { title: "n", value: ({ n }) => String(n), right: true },
      { title: "name", value: ({ name }) => name },
    ]);
    expect(lines).toEqual(["    n  name", "    5  orders", "12000  a"]);
  });

  it("cuts long text with an ellipsis and takes line breaks out", () => {
    expect(fitText("one\n two", 20)).toBe("one two");
    expect(fitText("abcdefgh", 5)).toBe("abcd…");
  });
});
