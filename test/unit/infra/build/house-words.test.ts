import ts from "typescript";
import { describe, expect, it } from "vitest";

// The lint's own scripts are run as they are and have no types.
const script = new URL("../../../../infra/build/house-words.mjs", import.meta.url).href;
const { houseWordsIn } = (await import(script)) as {
  houseWordsIn(source: ts.SourceFile): readonly { name: string; line: number }[];
};

const namesIn = (text: string) =>
  houseWordsIn(ts.createSourceFile("some.ts", text, ts.ScriptTarget.Latest, true)).map(({ name }) => name);

describe("house words", () => {
  it.each([
    ["a variable", "const told = 1;", "told"],
    ["a part of a variable", "const isTold = true;", "isTold"],
    ["a constant", "const MOST_SHOWN = 1;", "MOST_SHOWN"],
    ["a parameter", "function f(wish: string) {}", "wish"],
    ["a name taken apart", "const { rows: [shown] } = found;", "shown"],
    ["a property", "const row = { shown: 1 };", "shown"],
    ["a method of a type", "interface Runs { look(id: string): void }", "look"],
    ["a function", "function desk() {}", "desk"],
    ["a type", "interface NodeWish {}", "NodeWish"],
  ])("are refused as the name of %s", (_, text, name) => {
    expect(namesIn(text)).toEqual([name]);
  });

  it("are let through in others' names, in texts and where a longer word is the field's", () => {
    expect(namesIn('const lookup = dns.lookup; driver.told("shown"); const lookAt = lookAtUpload; // wish')).toEqual(
      [],
    );
  });

  it("say the line of a name", () => {
    const source = ts.createSourceFile("some.ts", "\n/** Told. */\nconst told = 1;", ts.ScriptTarget.Latest, true);
    expect(houseWordsIn(source)).toEqual([{ name: "told", line: 3 }]);
  });
});
