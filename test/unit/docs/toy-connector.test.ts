import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const conformance = new URL("../../conformance/", import.meta.url);

test("a SQL system that is made by the page on connectors takes under 400 lines, with its tests", () => {
  const files = readdirSync(new URL("sqlite/", conformance)).map((name) => `sqlite/${name}`);
  expect(files.length).toBeGreaterThan(2);
  const lines = [...files, "sqlite.test.ts"].map(
    (file) => readFileSync(new URL(file, conformance), "utf8").split("\n").length - 1,
  );
  expect(lines.reduce((sum, count) => sum + count)).toBeLessThan(400);
});
