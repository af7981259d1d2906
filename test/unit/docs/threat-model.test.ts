import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./documents.js";

/** The rows of the table of promises, as cells. */
function promises(): readonly (readonly string[])[] {
  const lines = readFileSync(path.join(root, "docs/threat-model.md"), "utf8").split("\n");
  return lines
    .filter((line) => line.startsWith("| ") && !line.startsWith("| who |"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function wrongWith([who = "", promise = "", heldBy = ""]: readonly string[]): string | null {
  const [, file = "", title = ""] = /^`([^`]+)`: (.+)$/.exec(heldBy) ?? [];
  if (who === "" || promise === "") return "no attacker or no promise";
  if (!file.startsWith("test/") || !existsSync(path.join(root, file))) return `no test file "${file}"`;
  const text = readFileSync(path.join(root, file), "utf8");
  return title !== "" && text.includes(title.replaceAll("\\|", "|")) ? null : `no test "${title}"`;
}

describe("the threat model", () => {
  it("names an attacker, a promise and a test that is there in each row", () => {
    expect(promises().length).toBeGreaterThan(0);
    for (const row of promises()) expect([row.join(" | "), wrongWith(row)]).toEqual([row.join(" | "), null]);
  });

  it("would see a test that is not there", () => {
    expect(wrongWith(["a", "b", "`test/unit/docs/threat-model.test.ts`: no such title".concat("!")])).toMatch(
      /no test/,
    );
    expect(wrongWith(["a", "b", "`test/nowhere.test.ts`: x"])).toMatch(/no test file/);
  });
});
