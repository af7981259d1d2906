import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { routes } from "../../../../functions/api/routes.js";
import { errorHints } from "../../../../shared/model/errors.js";

const page = readFileSync(path.resolve(import.meta.dirname, "../../../../docs/api.md"), "utf8");
const cells = page.split("\n").flatMap((line) => {
  const [, call, role] = /^\| `((?:GET|POST|PUT|DELETE) [^`]+)` \| (\w+) \|/.exec(line) ?? [];
  return call === undefined ? [] : [`${call} ${role}`];
});

describe("docs/api.md", () => {
  it("lists every route with its role, and none that does not exist", () => {
    expect([...cells].sort()).toEqual(routes.map(({ method, path: at, role }) => `${method} ${at} ${role}`).sort());
  });

  it("explains every error code, and none that does not exist", () => {
    const codes = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes.sort()).toEqual(Object.keys(errorHints).sort());
  });
});
