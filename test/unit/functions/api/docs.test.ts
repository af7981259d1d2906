import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { routes } from "../../../../functions/api/routes.js";
import { endpoints } from "../../../../shared/api/endpoints.js";
import { problem } from "../../../../shared/http/response.js";
import {
  type ErrorCode,
  errorHints,
  InternalError,
  TransientError,
  UserError,
} from "../../../../shared/model/errors.js";
import { withCalls } from "../../docs/api-page.js";

const isErrorCode = (code: string): code is ErrorCode => code in errorHints;

const file = path.resolve(import.meta.dirname, "../../../../docs/api.md");
const page = readFileSync(file, "utf8");

describe("docs/api.md", () => {
  it("lists every call with what it takes and answers; SLUICE_WRITE_DOCS=1 writes the list anew", () => {
    const written = withCalls(page, Object.values(endpoints));
    if (process.env.SLUICE_WRITE_DOCS === "1") writeFileSync(file, written);
    expect(readFileSync(file, "utf8")).toBe(written);
  });

  it("lists what is routed", () => {
    const callsOf = (all: readonly { method: string; path: string }[]) =>
      all.map((one) => `${one.method} ${one.path}`).sort();
    expect(callsOf(Object.values(endpoints))).toEqual(callsOf(routes));
  });

  it("gives each code the status that answers have", () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code = "", status]) => ({ code, status }));
    expect(rows.length).toBeGreaterThan(20);
    const wrong = rows.filter(({ code, status }) => {
      if (!isErrorCode(code)) return true;
      const Kind = status === "500" ? InternalError : Number(status) > 500 ? TransientError : UserError;
      return problem(new Kind(code, "x"), "r").statusCode !== Number(status);
    });
    expect(wrong).toEqual([]);
  });

  it("explains every error code, and none that does not exist", () => {
    const codes = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes.sort()).toEqual(Object.keys(errorHints).sort());
  });
});
