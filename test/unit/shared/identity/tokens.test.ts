import { describe, expect, it } from "vitest";
import { hashToken, sameHash } from "../../../../shared/identity/token-text.js";
import { callerOfToken, createToken, revokeToken } from "../../../../shared/identity/tokens.js";
import type { TokenRecord, TokensStore } from "../../../../shared/store/tokens-store.js";

function memoryTokens() {
  const rows = new Map<string, { value: TokenRecord; version: number }>();
  const find: TokensStore["find"] = async (hash) => {
    const row = rows.get(hash);
    return row && { key: [hash], hash, ...row };
  };
  const store: TokensStore = {
    find,
    insert: async (hash, value) => void rows.set(hash, { value, version: 1 }),
    async findById(workspace, id) {
      const found = [...rows].find(([, { value }]) => value.id === id && value.workspace === workspace);
      return found && find(found[0]);
    },
    async replace(hash, value, version) {
      if (rows.get(hash)?.version !== version) return false;
      rows.set(hash, { value, version: version + 1 });
      return true;
    },
    list: async () => ({ items: [], nextPage: null }),
  };
  return { store, rows };
}

const NOON = Date.parse("2030-01-01T12:34:56Z");
const asked = { name: "ci", role: "operator" as const, expiresAt: null };
const by = { workspace: "team", by: "root", now: NOON };

describe("a token", () => {
  it("is random, is stored as a hash only, and shows its first characters", async () => {
    const { store, rows } = memoryTokens();
    const one = await createToken(store, asked, by);
    const other = await createToken(store, asked, by);
    expect(one.token).toMatch(/^slc_[\w-]{43}$/);
    expect(one.token).not.toBe(other.token);
    expect(one.token.startsWith(one.view.prefix)).toBe(true);
    expect(JSON.stringify([...rows])).not.toContain(one.token.slice(10));
  });

  it("tells who holds it, and when it was used to the hour", async () => {
    const { store, rows } = memoryTokens();
    const { token, view } = await createToken(store, asked, by);
    expect(await callerOfToken(store, token, by)).toEqual({ id: `token/${view.id}`, name: "ci", role: "operator" });
    const stored = rows.get(hashToken(token));
    expect(stored?.value.lastUsedAt).toBe("2030-01-01T12:00:00.000Z");
    await callerOfToken(store, token, { ...by, now: NOON + 60_000 });
    expect(rows.get(hashToken(token))?.version).toBe(stored?.version);
  });

  it("is refused when unknown, foreign, expired or revoked", async () => {
    const { store } = memoryTokens();
    const { token } = await createToken(store, { ...asked, expiresAt: "2030-01-02T00:00:00.000Z" }, by);
    await expect(callerOfToken(store, `${token}x`, by)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    await expect(callerOfToken(store, token, { ...by, workspace: "other" })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(callerOfToken(store, token, { ...by, now: NOON + 86_400_000 })).rejects.toThrow("expired");
    const { view } = await createToken(store, asked, by);
    expect((await revokeToken(store, { workspace: "team", id: view.id, now: NOON })).after.state).toBe("revoked");
    expect((await revokeToken(store, { workspace: "team", id: view.id, now: NOON })).before.state).toBe("revoked");
    await expect(revokeToken(store, { workspace: "other", id: view.id, now: NOON })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("cannot be made for the past", async () => {
    const { store } = memoryTokens();
    await expect(createToken(store, { ...asked, expiresAt: "2029-01-01T00:00:00Z" }, by)).rejects.toMatchObject({
      path: "expiresAt",
    });
  });
});

describe("comparing hashes", () => {
  it("takes equal ones only, and never an empty one", () => {
    expect(sameHash(hashToken("a"), hashToken("a"))).toBe(true);
    expect(sameHash(hashToken("a"), hashToken("b"))).toBe(false);
    expect(sameHash("", "")).toBe(false);
    expect(sameHash(hashToken("a"), "zz")).toBe(false);
  });
});
