import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "../../infra/cli/program.js";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { fakeTerminal } from "../unit/infra/cli/fake-terminal.js";
import { makeWorkspace } from "./api-caller.js";
import { fresh } from "./fresh.js";

let local: TestSluice;

beforeAll(async () => {
  local = await startSluice();
});
afterAll(() => local.close());

/** Runs the command with a token against the real API. */
async function run(args: readonly string[], token = local.token) {
  const terminal = fakeTerminal({ env: { SLUICE_ENDPOINT: local.cloud.endpoints.api, SLUICE_TOKEN: token } });
  return { code: await sluice(args, terminal), ...terminal.written };
}

describe("tokens from the command line", () => {
  it("are made, used, listed, refused what their role forbids, and revoked", async () => {
    const ci = fresh("ci");
    const made = await run(["token", "create", ci, "--role", "viewer", "--expires", "1d"]);
    expect(made.code).toBe(0);
    const token = made.out.trim();
    expect((await run(["runs"], token)).out).toContain("no runs yet");
    const refused = await run(["token", "list"], token);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("takes role admin");

    const { items } = JSON.parse((await run(["token", "list", "--json"])).out);
    const listed = items.find(({ name }: { name: string }) => name === ci);
    expect(listed).toMatchObject({ role: "viewer", state: "active" });
    expect((await run(["token", "revoke", listed.id])).out).toBe(`revoked token ${listed.id} (${ci})\n`);
    expect((await run(["runs"], token)).err).toContain("the bearer token is revoked");
    expect((await run(["token", "list"])).out).toContain("revoked");
  });

  it("belong to the workspace that --workspace names", async () => {
    await makeWorkspace(local, "team");
    const { out } = await run(["token", "create", "there", "--role", "viewer", "--workspace", "team"]);
    expect((await run(["runs", "--workspace", "team"], out.trim())).code).toBe(0);
    expect((await run(["runs"], out.trim())).err).toContain('not for workspace "default"');
  });

  it("leave their traces in the audit trail", async () => {
    const { out } = await run(["audit", "--action", "token"]);
    expect(out).toMatch(/root +token\.revoke/);
    expect(out).toMatch(/root +token\.create/);
    expect(out).not.toMatch(/slc_[\w-]{20}/);
  });
});

describe("members from the command line", () => {
  it("get a role, are listed, and lose it again", async () => {
    expect((await run(["member", "set", "ada", "viewer"])).out).toBe("ada is viewer\n");
    expect((await run(["member", "set", "ada", "operator"])).out).toBe("ada is operator\n");
    expect((await run(["member", "list"])).out).toMatch(/ada +operator/);
    expect((await run(["member", "remove", "ada"])).out).toBe("removed ada\n");
    expect((await run(["member", "list"])).out).toContain("no members yet");
    expect((await run(["member", "remove", "ada"])).code).toBe(2);
  });
});
