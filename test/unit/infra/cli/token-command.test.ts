import { describe, expect, it } from "vitest";
import { problem, sluiceAt } from "./sluice-at.js";

const token = {
  id: "4f0c11aa22bb33cc",
  name: "ci",
  prefix: "slc_AbCdEf",
  role: "operator",
  state: "active",
  createdAt: "2026-11-20T10:00:00.000Z",
  createdBy: "root",
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
};

describe("sluice token", () => {
  it("makes a token and prints it alone on standard output", async () => {
    const answers = { "POST /v1/tokens": { status: 201, body: { ...token, token: "slc_AbCdEfsecret" } } };
    const { code, out, err, seen } = await sluiceAt(answers, ["token", "create", "ci", "--role", "operator"]);
    expect({ code, out }).toEqual({ code: 0, out: "slc_AbCdEfsecret\n" });
    expect(err).toContain("not shown again");
    expect(seen[0]?.body).toEqual({ name: "ci", role: "operator", expiresAt: null });
  });

  it("takes an expiry in days or as a time, and refuses anything else", async () => {
    const answers = { "POST /v1/tokens": { status: 201, body: { ...token, token: "slc_x" } } };
    const create = ["token", "create", "ci", "--role", "viewer", "--expires"];
    const { seen } = await sluiceAt(answers, [...create, "30d"]);
    const inDays = (Date.parse(String(seen[0]?.body.expiresAt)) - Date.now()) / 86_400_000;
    expect(inDays).toBeCloseTo(30, 1);
    const dated = await sluiceAt(answers, [...create, "2031-01-01T00:00:00+08:00"]);
    expect(dated.seen[0]?.body.expiresAt).toBe("2030-12-31T16:00:00.000Z");
    expect((await sluiceAt(answers, [...create, "soon"])).code).toBe(2);
  });

  it("lists tokens by their beginning", async () => {
    const { out } = await sluiceAt({ "GET /v1/tokens": { body: { items: [token], nextPage: "4f" } } }, [
      "token",
      "list",
    ]);
    expect(out).toContain("slc_AbCdEf…");
    expect(out).toContain("more: sluice token list --page 4f");
  });

  it("revokes by id, and names the role it takes when it is refused", async () => {
    const path = `POST /v1/tokens/${token.id}/revoke`;
    const done = await sluiceAt({ [path]: { body: { ...token, state: "revoked" } } }, ["token", "revoke", token.id]);
    expect(done).toMatchObject({ code: 0, out: `revoked token ${token.id} (ci)\n` });
    const refused = await sluiceAt({ [path]: problem(403, "FORBIDDEN", "takes role admin") }, [
      "token",
      "revoke",
      token.id,
    ]);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("takes role admin");
  });
});

describe("sluice audit", () => {
  it("shows who changed what, and passes filters on", async () => {
    const entry = {
      id: "e1",
      at: "2026-11-20T10:00:00.000Z",
      caller: { id: "token/4f", name: "ci", role: "admin" },
      requestId: "q",
      action: "job.store",
      object: "job/orders",
      after: { version: 3 },
    };
    const answers = { "GET /v1/audit": { body: { items: [entry], nextPage: null } } };
    const { out, seen } = await sluiceAt(answers, ["audit", "--action", "job", "--object", "job/orders"]);
    expect(out).toContain("ci (token/4f)");
    expect(out).toContain('{"version":3}');
    expect(seen[0]?.query).toEqual({ action: "job", object: "job/orders", limit: "50" });
  });
});
