import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs, makeWorkspace } from "./api-caller.js";
import { fresh } from "./fresh.js";

const ISSUER = "https://login.sluice.test/";
const AUDIENCE = "sluice-api";

let sluice: TestSluice;
let provider: Server;
let publicKeys: object[] = [];
let isDown = false;
let key: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair("RS256");
  key = pair.privateKey;
  publicKeys = [{ ...(await exportJWK(pair.publicKey)), kid: "one", alg: "RS256" }];
  provider = createServer((_request, response) => {
    response.writeHead(isDown ? 500 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: publicKeys }));
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  sluice = await startSluice({
    environment: {
      SLUICE_OIDC_ISSUER: ISSUER,
      SLUICE_OIDC_AUDIENCE: AUDIENCE,
      SLUICE_OIDC_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`,
      SLUICE_OIDC_ROLE_CLAIM: "roles",
    },
  });
});

afterAll(async () => {
  await sluice.close();
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
});

interface TokenOptions {
  readonly claims?: JWTPayload;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | number;
  readonly signWith?: CryptoKey | Uint8Array;
  readonly alg?: string;
  readonly kid?: string;
}

async function jwt(options: TokenOptions = {}): Promise<string> {
  const { claims = { roles: ["viewer"] }, issuer = ISSUER, audience = AUDIENCE, expires = "5m" } = options;
  return new SignJWT({ sub: "ada", name: "Ada", ...claims })
    .setProtectedHeader({ alg: options.alg ?? "RS256", kid: options.kid ?? "one" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(options.signWith ?? key);
}

const list = (token: string, workspace?: string) =>
  callAs(sluice, { token, ...(workspace && { workspace }) }, ["GET", "/v1/runs"]);

describe("a JWT of the identity provider", () => {
  it("opens the API with the role of its claim, and its subject is known to the audit trail", async () => {
    const token = await jwt({ claims: { roles: "admin" } });
    expect((await list(token)).status).toBe(200);
    expect((await callAs(sluice, { token }, ["PUT", "/v1/members/bob"], { role: "viewer" })).status).toBe(200);
    const { body } = await callAs(sluice, {}, ["GET", "/v1/audit?caller=oidc/ada"]);
    expect(body.items[0]).toMatchObject({ caller: { id: "oidc/ada", name: "Ada", role: "admin" } });
  });

  it("may do what its role may, in the workspaces that the claim names", async () => {
    await makeWorkspace(sluice, "team");
    const token = await jwt({ claims: { roles: ["viewer", "team:admin"] } });
    expect((await callAs(sluice, { token }, ["GET", "/v1/tokens"])).status).toBe(403);
    expect((await callAs(sluice, { token, workspace: "team" }, ["GET", "/v1/tokens"])).status).toBe(200);
  });

  it("has the role of the workspace's member when the claim gives none", async () => {
    const grace = fresh("grace");
    const token = await jwt({ claims: { sub: grace, roles: undefined } });
    expect(await list(token)).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    await callAs(sluice, {}, ["PUT", `/v1/members/${grace}`], { role: "admin" });
    expect((await callAs(sluice, { token }, ["GET", "/v1/members"])).status).toBe(200);
    expect((await list(token, "team")).status).toBe(403);
    await callAs(sluice, {}, ["DELETE", `/v1/members/${grace}`]);
    expect((await list(token)).status).toBe(403);
  });

  it("is refused when anything about it is wrong", async () => {
    const stranger = await generateKeyPair("RS256");
    const wrong: Record<string, string> = {
      issuer: await jwt({ issuer: "https://elsewhere.test/" }),
      audience: await jwt({ audience: "another-api" }),
      expired: await jwt({ expires: Math.floor(Date.now() / 1000) - 60 }),
      signature: await jwt({ signWith: stranger.privateKey }),
      unknownKey: await jwt({ signWith: stranger.privateKey, kid: "two" }),
      sharedSecret: await jwt({ alg: "HS256", signWith: new TextEncoder().encode(JSON.stringify(publicKeys[0])) }),
      noSubject: await jwt({ claims: { sub: "" } }),
      none: new UnsecuredJWT({ sub: "ada", roles: "admin" })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setExpirationTime("5m")
        .encode(),
      tampered: (await jwt()).replace(
        /\.[^.]+\./,
        `.${Buffer.from('{"sub":"ada","roles":"admin"}').toString("base64url")}.`,
      ),
      nonsense: "a.b.c",
    };
    for (const [what, token] of Object.entries(wrong)) {
      const { status, body, text } = await list(token);
      expect({ what, status, code: body.code }).toEqual({ what, status: 401, code: "UNAUTHORIZED" });
      expect(text).not.toContain(token);
    }
    expect((await list(wrong.expired ?? "")).body.detail).toBe("the JWT is not valid: it has expired (exp)");
    expect((await list(wrong.issuer ?? "")).body.detail).toContain("(iss)");
  });

  it("is not let in while the provider's keys cannot be had, and is told to try again", async () => {
    const dark = await startSluice({
      environment: {
        SLUICE_OIDC_ISSUER: ISSUER,
        SLUICE_OIDC_AUDIENCE: AUDIENCE,
        SLUICE_OIDC_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/dark`,
      },
    });
    isDown = true;
    try {
      const answer = await callAs(dark, { token: await jwt() }, ["GET", "/v1/runs"]);
      expect(answer).toMatchObject({ status: 503, body: { code: "SOURCE_UNREACHABLE", recovery: "retry" } });
    } finally {
      isDown = false;
      await dark.close();
    }
  });
});

describe("without an identity provider", () => {
  it("no JWT is let in", async () => {
    const plain = await startSluice();
    try {
      expect(
        (await callAs(plain, { token: await jwt({ claims: { roles: "admin" } }) }, ["GET", "/v1/runs"])).status,
      ).toBe(401);
    } finally {
      await plain.close();
    }
  });
});
