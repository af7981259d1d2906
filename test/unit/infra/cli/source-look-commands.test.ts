import { describe, expect, it } from "vitest";
import { sluiceAt } from "./sluice-at.js";

const tested = (ok: boolean | null) => ({
  ...{ description: "", tags: [], resourceGroup: null, properties: {}, updatedAt: "2026-11-20T10:00:00.000Z" },
  connectivity: ok === null ? null : { ok, at: "2026-11-20T10:00:00.000Z", message: "" },
});
const source = (name: string, definitions: Record<string, object>) => ({
  ...{ name, type: "mysql", ...tested(null), definitions, applicableEnvironment: null, missing: [], version: 1 },
});

describe("sluice source list", () => {
  it("shows how the last tests went, of each half where they differ", async () => {
    const items = [
      source("fine", { production: tested(true) }),
      source("torn", { development: tested(true), production: tested(false) }),
      source("fresh", { production: tested(null) }),
    ];
    const answers = { "GET /v1/data-sources": { body: { items, nextPage: null } } };
    const args = ["source", "list", "--name", "f", "--usable-in", "development"];
    const { out, seen } = await sluiceAt(answers, args);
    expect(out).toMatch(/fine .* ok /);
    expect(out).toMatch(/torn .* development ok, production failed /);
    expect(out).toMatch(/fresh .* not tested /);
    expect(seen[0]?.query).toEqual({ limit: "50", name: "f", usableIn: "development" });
  });

  it("tells an empty workspace from filters that nothing fits", async () => {
    const answers = { "GET /v1/data-sources": { body: { items: [], nextPage: null } } };
    expect((await sluiceAt(answers, ["source", "list"])).out).toContain("sluice source add");
    expect((await sluiceAt(answers, ["source", "list", "--tag", "x"])).out).toBe("no data source fits\n");
  });

  it("shows what can be restored, and until when", async () => {
    const at = { deletedAt: "2026-11-20T10:00:00.000Z", restorableUntil: "2026-11-27T10:00:00.000Z" };
    const items = [{ name: "gone", type: "mysql", environment: "production", ...at }];
    const answers = { "GET /v1/deleted-data-sources": { body: { items, nextPage: null } } };
    const { out } = await sluiceAt(answers, ["source", "list", "--deleted"]);
    expect(out).toMatch(/gone +mysql +production/);
    expect(out).toContain("2026-11-27");
  });
});

describe("sluice source test", () => {
  it("of several asks once, shows each result, and fails when one does", async () => {
    const step = { name: "connect", ok: true, durationMs: 5, message: "answers" };
    const items = [
      { name: "a", ok: true, environment: "production", steps: [step] },
      { name: "b", ok: false, error: { code: "UNSUPPORTED", message: "has no test", hint: "Use another." } },
    ];
    const answers = { "POST /v1/data-source-batches/test": { body: { items } } };
    const { code, out, seen } = await sluiceAt(answers, ["source", "test", "a", "b", "--write"]);
    expect(code).toBe(4);
    expect(out).toContain("a: reachable");
    expect(out).toContain("b: not tested: has no test");
    expect(seen).toMatchObject([{ body: { names: ["a", "b"], write: true } }]);
  });
});
