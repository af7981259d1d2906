import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");
const page = readFileSync(path.join(root, "docs/deploy.md"), "utf8");

/** `name` in `path`, as the page's last table has them. */
const places = [...page.matchAll(/((?:`\w+`(?:, | and )?)+) in `([\w./-]+)`/g)].flatMap(([, names = "", file = ""]) =>
  [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => ({ name, file })),
);

describe("the page on deploying", () => {
  it("names functions that exist for what was never tried", () => {
    expect(places.length).toBeGreaterThan(12);
    const missing = places.filter(
      ({ name, file }) =>
        !existsSync(path.join(root, file)) ||
        !new RegExp(`\\b${name}\\b`).test(readFileSync(path.join(root, file), "utf8")),
    );
    expect(missing).toEqual([]);
  });

  it("uses only variables that s.yaml knows, or the deployer's own", () => {
    const manifest = readFileSync(path.join(root, "s.yaml"), "utf8");
    const names = new Set([...page.matchAll(/\bSLUICE_[A-Z_]+[A-Z]\b/g)].map(([name]) => name));
    const own = ["SLUICE_ENDPOINT", "SLUICE_TOKEN"];
    expect([...names].filter((name) => !own.includes(name) && !manifest.includes(`env('${name}'`))).toEqual([]);
  });
});
