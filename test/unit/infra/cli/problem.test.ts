import { describe, expect, it } from "vitest";
import { BadInput } from "../../../../infra/cli/bad-input.js";
import { errorDocument, showError } from "../../../../infra/cli/problem.js";
import { ApiProblem, Unreachable } from "../../../../shared/api/client/failures.js";
import { UserError } from "../../../../shared/model/errors.js";
import { ScriptError } from "../../../../shared/script/text/script-error.js";
import { fakeTerminal } from "./fake-terminal.js";

const printed = (error: unknown, script: { file: string; text: string } | null = null): string => {
  const terminal = fakeTerminal();
  showError(error, terminal.err, script);
  return terminal.written.err;
};

describe("errors for people", () => {
  it("show file, line and column, the line itself with a caret, and what to do", () => {
    const issue = { message: 'unknown key "splitpk2"', path: "steps[0].parameter.splitpk2", line: 2, column: 4 };
    expect(printed(new ScriptError(issue), { file: "job.json", text: '{\n\t "splitpk2": 1\n}' })).toBe(
      [
        'job.json:2:4: error: steps[0].parameter.splitpk2: unknown key "splitpk2"',
        '  2 | \t "splitpk2": 1',
        "      \t  ^",
        "hint: Correct the job script at the place named in the message and submit it again.",
        "",
      ].join("\n"),
    );
  });

  it("show every issue of an API problem", () => {
    const problem = {
      status: 400,
      title: "Bad Request",
      detail: "line 1: first (the first of 2 problems)",
      code: "SCRIPT_INVALID",
      hint: "Correct it.",
      issues: [{ message: "first", line: 1, column: 1 }, { message: "second" }],
    };
    const text = printed(new ApiProblem(problem), { file: "j", text: "x" });
    expect(text).toContain("j:1:1: error: first\n  1 | x\n      ^\n");
    expect(text).toContain("j: error: second\n");
    expect(text).not.toContain("the first of 2");
  });

  it("cut a very long line around the caret", () => {
    const text = `${"a".repeat(500)}!${"b".repeat(500)}`;
    const lines = printed(new ScriptError({ message: "m", line: 1, column: 501 }), { file: "j", text }).split("\n");
    expect(lines[1]?.length).toBeLessThan(140);
    expect(lines[1]?.[lines[2]?.indexOf("^") ?? -1]).toBe("!");
  });

  it("tell how to register a data source that a job names and that is not there", () => {
    const detail =
      'steps[0].parameter.datasource: data source "shop" is not registered; register it, or correct the name';
    const problem = { status: 404, title: "Not Found", detail, code: "NOT_FOUND", hint: "Check the name." };
    expect(printed(new ApiProblem(problem))).toMatch(
      /hint: Check the name\.\nregister it: sluice source add shop --type/,
    );
    const other = { ...problem, detail: 'there is no data source "shop"' };
    expect(printed(new ApiProblem(other))).not.toContain("register it");
  });

  it("name the field when no script is at hand, once", () => {
    expect(printed(new UserError("CONFIG_INVALID", "required", { path: "properties.host" }))).toContain(
      "error: properties.host: required\n",
    );
    expect(
      printed(new UserError("CONFIG_INVALID", "properties.host: required", { path: "properties.host" })),
    ).toContain("error: properties.host: required\n");
  });
});

describe("errors as documents", () => {
  it("carry code, message and hint, whatever was thrown", () => {
    expect(errorDocument(new BadInput("no job", "Name one."))).toEqual({
      error: { code: "CONFIG_INVALID", message: "no job", hint: "Name one." },
    });
    expect(errorDocument(new Unreachable("no answer", "Check."))).toMatchObject({ error: { code: "UNREACHABLE" } });
    expect(errorDocument(new TypeError("x is not a function"))).toMatchObject({ error: { code: "INTERNAL" } });
  });
});
