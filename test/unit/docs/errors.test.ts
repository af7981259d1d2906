import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { errorHints } from "../../../shared/model/errors.js";

const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/errors.md"), "utf8");

it("The page of errors shows every code with its hint, and no other", () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)].map(([, code, hint]) => [code, hint]);
  expect(Object.fromEntries(rows)).toEqual(errorHints);
});
