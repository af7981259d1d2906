import { describe, expect, it } from "vitest";
import {
  errorHints,
  fromErrorReport,
  InternalError,
  TransientError,
  toErrorReport,
  UserError,
} from "../../../../shared/model/errors.js";

describe("errors", () => {
  it("keep code, path, recovery and cause", () => {
    const cause = new Error("driver");
    const error = new UserError("CONFIG_INVALID", "table: required", { cause, path: "steps[0].parameter.table" });
    expect(error).toMatchObject({ name: "UserError", recovery: "fix", path: "steps[0].parameter.table", cause });
    expect(error.hint).toBe(errorHints.CONFIG_INVALID);
  });

  it.each([
    [new UserError("NOT_FOUND", "no job x"), UserError],
    [new TransientError("SOURCE_BUSY", "503"), TransientError],
    [new InternalError("INTERNAL", "impossible"), InternalError],
  ])("survive the hop between functions: %s", (error, kind) => {
    const report = toErrorReport(error);
    const rebuilt = fromErrorReport(JSON.parse(JSON.stringify(report)));
    expect(rebuilt).toBeInstanceOf(kind);
    expect(toErrorReport(rebuilt)).toEqual(report);
  });

  it("turn whatever was thrown into INTERNAL, without a stack", () => {
    expect(toErrorReport(new TypeError("x is undefined"))).toEqual({
      code: "INTERNAL",
      message: "TypeError: x is undefined",
      hint: errorHints.INTERNAL,
      recovery: "report",
    });
    expect(toErrorReport("boom").message).toBe("boom");
  });
});
