import { describe, expect, it } from "vitest";
import { problem, sluiceAt } from "./sluice-at.js";

const ada = { subject: "ada@example.com", role: "operator", updatedAt: "2026-11-20T10:00:00.000Z", version: 1 };

describe("sluice member", () => {
  it("lists people with their roles, by page", async () => {
    const answers = { "GET /v1/members": { body: { items: [ada], nextPage: "bob" } } };
    const { code, out, seen } = await sluiceAt(answers, ["member", "list", "--limit", "1"]);
    expect(code).toBe(0);
    expect(out).toMatch(/ada@example\.com +operator/);
    expect(out).toContain("more: sluice member list --page bob");
    expect(seen[0]?.query).toEqual({ limit: "1" });
    const none = await sluiceAt({ "GET /v1/members": { body: { items: [], nextPage: null } } }, ["member", "list"]);
    expect(none.out).toContain("no members yet");
  });

  it("gives a role, and refuses one that does not exist before it asks", async () => {
    const path = "PUT /v1/members/ada%40example.com";
    const set = await sluiceAt({ [path]: { body: ada } }, ["member", "set", "ada@example.com", "operator"]);
    expect(set).toMatchObject({ code: 0, out: "ada@example.com is operator\n" });
    expect(set.seen[0]?.body).toEqual({ role: "operator" });
    const wrong = await sluiceAt({}, ["member", "set", "ada@example.com", "king"]);
    expect(wrong).toMatchObject({ code: 2, seen: [] });
    expect(wrong.err).toContain("Allowed choices are viewer, developer, operator, admin");
  });

  it("takes a role away, and says so when there was none", async () => {
    const path = "DELETE /v1/members/bob";
    const gone = await sluiceAt({ [path]: { status: 204, body: "" } }, ["member", "remove", "bob", "--json"]);
    expect(JSON.parse(gone.out)).toEqual({ subject: "bob", removed: true });
    const refused = await sluiceAt({ [path]: problem(404, "NOT_FOUND", 'there is no member "bob"') }, [
      ...["member", "remove", "bob"],
    ]);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('there is no member "bob"');
  });
});
