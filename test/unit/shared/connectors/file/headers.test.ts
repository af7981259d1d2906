import { describe, expect, it } from "vitest";
import { readText } from "./read-text.js";

const given = { column: ["*"], skipHeader: true };
const names = ["id", "name"];

describe("with column * the header of each file", () => {
  it("may differ from the first one's in case and blanks", async () => {
    const { rows } = await readText("ID, Name \n1,a\n", given, { names });
    expect(rows).toEqual([["1", "a"]]);
  });

  it.each([
    ["name,id\na,1\n", 'column 1 is "name" in its header, but "id" in that of the first file'],
    ["id,title\n1,a\n", 'column 2 is "title" in its header, but "name"'],
    ["id\n1\n", 'column 2 is missing in its header, but "name"'],
    ["id,name,more\n1,a,b\n", 'column 3 is "more" in its header, but missing'],
    ["1,a\n2,b\n", 'column 1 is "1" in its header'],
  ])("ends the run when it says something else: %j", async (text, message) => {
    for (const chunkBytes of [1, 65_536])
      await expect(readText(text, given, { names, chunkBytes })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        path: "column",
        message: expect.stringContaining(`o: ${message}`),
      });
  });

  it("says nothing where names were invented, headers are not skipped, or columns are listed", async () => {
    expect((await readText("x,x\n1,a\n", given, { names: ["c0", "c1"] })).rows).toEqual([["1", "a"]]);
    expect((await readText("b,a\n", { column: ["*"] }, { names })).rows).toEqual([["b", "a"]]);
    const listed = { column: [{ index: 0 }, { index: 1 }], skipHeader: true };
    expect((await readText("b,a\n1,2\n", listed)).rows).toEqual([["1", "2"]]);
  });

  it("is not looked at in the middle of a file", async () => {
    const from = { names, offset: 10, line: 3 };
    expect((await readText("1,a\n", given, from)).rows).toEqual([["1", "a"]]);
  });
});
