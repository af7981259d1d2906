import { describe, expect, it } from "vitest";
import { roleOfClaim } from "../../../../shared/identity/oidc.js";
import { readIdentitySettings } from "../../../../shared/identity/settings.js";

describe("the role claim", () => {
  it.each([
    ["admin", "admin"],
    ["team:operator", "operator"],
    ["other:admin", null],
    [["viewer", "team:developer", "other:admin"], "developer"],
    [["unknown"], null],
    ["ADMIN", null],
    ["team:", null],
    [undefined, null],
    [{ role: "admin" }, null],
    [42, null],
  ])("%j gives %j in workspace team", (claim, role) => {
    expect(roleOfClaim(claim, "team")).toBe(role);
  });
});

describe("identity settings", () => {
  it("know an identity provider only when it is named in full", () => {
    const env = { SLUICE_OIDC_ISSUER: "i", SLUICE_OIDC_AUDIENCE: "a" };
    expect(readIdentitySettings(env).oidc).toBeNull();
    expect(readIdentitySettings({ ...env, SLUICE_OIDC_JWKS_URL: "u" }).oidc).toMatchObject({
      issuer: "i",
      roleClaim: "sluice_role",
    });
  });

  it("have a rate even when the environment tells none", () => {
    expect(readIdentitySettings({}).ratePerSecond).toBe(100);
    expect(readIdentitySettings({ SLUICE_RATE_LIMIT: "nonsense" }).ratePerSecond).toBe(100);
    expect(readIdentitySettings({ SLUICE_RATE_LIMIT: "5" }).ratePerSecond).toBe(5);
  });
});
