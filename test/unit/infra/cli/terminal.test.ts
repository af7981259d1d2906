import { describe, expect, it } from "vitest";
import { outputOf, wantsColours } from "../../../../infra/cli/terminal.js";

describe("colours", () => {
  it("are for terminals, unless NO_COLOR says no", () => {
    expect(wantsColours({}, { isTerminal: true })).toBe(true);
    expect(wantsColours({}, { isTerminal: false })).toBe(false);
    expect(wantsColours({ NO_COLOR: "1" }, { isTerminal: true })).toBe(false);
    expect(wantsColours({ NO_COLOR: "" }, { isTerminal: true })).toBe(true);
    expect(wantsColours({ TERM: "dumb" }, { isTerminal: true })).toBe(false);
  });

  it("are forced by FORCE_COLOR, which wins over NO_COLOR", () => {
    expect(wantsColours({ FORCE_COLOR: "1" }, { isTerminal: false })).toBe(true);
    expect(wantsColours({ FORCE_COLOR: "", NO_COLOR: "1" }, { isTerminal: false })).toBe(true);
    expect(wantsColours({ FORCE_COLOR: "0" }, { isTerminal: true })).toBe(false);
  });
});

describe("an output", () => {
  function written(work: (output: ReturnType<typeof outputOf>) => void): string {
    const parts: string[] = [];
    const write = (text: unknown) => parts.push(String(text)) > 0;
    work(outputOf({ write, isTTY: true, columns: 80 }, {}));
    return parts.join("");
  }

  it.each([
    ["\u001b]0;title\u0007", "\\u001b]0;title\\u0007"],
    ["\u001b[2Jx\u009b31m", "\\u001b[2Jx\\u009b31m"],
    ["a\rb\r\nc\td\n", "a\\u000db\r\nc\td\n"],
    ["back\b\u007f\u0000", "back\\u0008\\u007f\\u0000"],
    ["\u202egpj.exe\u2028\u2066", "\\u202egpj.exe\\u2028\\u2066"],
    ["naïve 好 😀 עברית \u200f", "naïve 好 😀 עברית \u200f"],
  ])("shows control characters instead of obeying them: %j", (text, expected) => {
    expect(written((output) => output.write(text))).toBe(expected);
    expect(written((output) => output.write(output.paint("red", text)))).toBe(`\u001b[31m${expected}\u001b[39m`);
    expect(written((output) => output.redraw(text))).toBe(`\r\u001b[2K${expected}`);
  });

  it("leaves JSON what it was", () => {
    const value = { name: "\u009b\u001b\u2028\u202e" };
    expect(JSON.parse(written((output) => output.write(JSON.stringify(value))))).toEqual(value);
  });
});
