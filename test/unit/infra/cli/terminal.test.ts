import { describe, expect, it } from "vitest";
import { wantsColours } from "../../../../infra/cli/terminal.js";

describe("colours", () => {
  it("are for terminals, unless NO_COLOR says no", () => {
    expect(wantsColours(true, {})).toBe(true);
    expect(wantsColours(false, {})).toBe(false);
    expect(wantsColours(true, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColours(true, { NO_COLOR: "" })).toBe(true);
    expect(wantsColours(true, { TERM: "dumb" })).toBe(false);
  });

  it("are forced by FORCE_COLOR, which wins over NO_COLOR", () => {
    expect(wantsColours(false, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColours(false, { FORCE_COLOR: "", NO_COLOR: "1" })).toBe(true);
    expect(wantsColours(true, { FORCE_COLOR: "0" })).toBe(false);
  });
});
