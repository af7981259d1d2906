import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs } from "./api-caller.js";

const ISSUER = "https://login.sluice.test/";
const AUDIENCE = "sluice-api";

/** How the provider answers, and what it was asked. */
type Answering = (response: ServerResponse) => void;

let provider: Server;
let address: string;
let pem: string;
let key: CryptoKey;
let keySet: string;
let answering: Answering;
let asked = 0;
/** Connections that a redirect led to. */
let redirected = 0;

const healthy: Answering = (response) => response.end(keySet);

beforeAll(async () => {
  const pair = await generateKeyPair("RS256", { extractable: true });
  key = pair.privateKey;
  pem = await exportSPKI(pair.publicKey);
  keySet = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: "one", alg: "RS256" }] });
  provider = createServer((request, response) => {
    if (request.url === "/elsewhere") redirected += 1;
    asked += 1;
    response.setHeader("content-type", "application/json");
    answering(response);
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
beforeEach(() => {
  answering = healthy;
  asked = 0;
});
afterAll(async () => {
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
});

/** A Sluice of its own, so that it has fetched no keys yet. */
async function withSluice<T>(use: (sluice: TestSluice) => Promise<T>): Promise<T> {
  const sluice = await startSluice({
    environment: {
      SLUICE_OIDC_ISSUER: ISSUER,
      SLUICE_OIDC_AUDIENCE: AUDIENCE,
      SLUICE_OIDC_JWKS_URL: `${address}/keys`,
      // The limit on failed sign-ins has a test of its own.
      SLUICE_RATE_LIMIT: "100000",
    },
  });
  try {
    return await use(sluice);
  } finally {
    await sluice.close();
  }
}

interface TokenOptions {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly signWith?: CryptoKey | Uint8Array;
}

function jwt({ header = {}, claims = {}, signWith = key }: TokenOptions = {}): Promise<string> {
  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  const payload = { sub: "ada", iss: ISSUER, aud: AUDIENCE, exp: inAnHour, sluice_role: "admin", ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: "one", ...header }).sign(signWith, {
    crit: { "urn:unknown": true },
  });
}

const listing = (sluice: TestSluice, token: string) => callAs(sluice, { token }, ["GET", "/v1/runs"]);

describe("a forged or broken JWT", () => {
  it("is refused as such, whatever is wrong with it", async () => {
    const ec = await generateKeyPair("ES384");
    const header = (one: object) => Buffer.from(JSON.stringify(one)).toString("base64url");
    const [, payload, signature] = (await jwt()).split(".");
    const now = Math.floor(Date.now() / 1000);
    const tokens: Record<string, string> = {
      publicKeyAsSecret: await jwt({ header: { alg: "HS256" }, signWith: new TextEncoder().encode(pem) }),
      none: `${header({ alg: "none" })}.${payload}.`,
      noneWithSignature: `${header({ alg: "none", kid: "one" })}.${payload}.${signature}`,
      notYet: await jwt({ claims: { nbf: now + 600 } }),
      wrongAudience: await jwt({ claims: { aud: ["a", "b"] } }),
      noExpiry: await jwt({ claims: { exp: undefined } }),
      expiryAsText: await jwt({ claims: { exp: String(now + 600) } }),
      noAudience: await jwt({ claims: { aud: undefined } }),
      path: await jwt({ header: { kid: "../../etc/passwd" } }),
      url: await jwt({ header: { kid: `${address}/own`, jku: `${address}/own`, x5u: `${address}/own` } }),
      embedded: await jwt({
        header: { kid: "me", jwk: await exportJWK(ec.publicKey), alg: "ES384" },
        signWith: ec.privateKey,
      }),
      critical: await jwt({ header: { crit: ["urn:unknown"], "urn:unknown": 1 } }),
      wrongCurve: await jwt({ header: { alg: "ES384" }, signWith: ec.privateKey }),
      subjectIsNumber: await jwt({ claims: { sub: 7 } }),
      subjectIsList: await jwt({ claims: { sub: ["ada"] } }),
      subjectIsObject: await jwt({ claims: { sub: { length: 1 } } }),
      noJson: `${header({ alg: "RS256" })}.${Buffer.from("no json").toString("base64url")}.${signature}`,
      headerIsList: `${header([])}.${payload}.${signature}`,
      long: `${header({ alg: "RS256" })}.${"a".repeat(6000)}.${signature}`,
    };
    await withSluice(async (sluice) => {
      expect((await listing(sluice, await jwt())).status).toBe(200);
      for (const [what, token] of Object.entries(tokens)) {
        const { status, body, text } = await listing(sluice, token);
        expect({ what, status, code: body.code, detail: body.detail }).toMatchObject({
          what,
          status: 401,
          code: "UNAUTHORIZED",
        });
        expect(text).not.toContain(token);
      }
      expect(asked).toBe(1);
      // A fresh set of keys is not asked for again at once, whatever keys tokens name.
      const since = Date.now();
      for (let i = 0; i < 30; i++) await listing(sluice, await jwt({ header: { kid: `unknown-${i}` } }));
      expect(asked).toBeLessThanOrEqual(2 + Math.floor((Date.now() - since) / 30_000));
      // No header may be as long as this, so that nobody looks at it.
      expect((await listing(sluice, `e30.${"a".repeat(100_000)}.e30`)).status).toBe(431);
      expect((await listing(sluice, await jwt())).status).toBe(200);
    });
  });
});

describe("a provider of keys that fails", () => {
  let sent = 0;
  const blanks = Buffer.alloc(256 * 1024, " ");
  const failures: Record<string, Answering> = {
    "is down": (response) => response.writeHead(500).end(),
    redirects: (response) => response.writeHead(302, { location: `${address}/elsewhere` }).end(),
    "answers no keys": (response) => response.end('{"keys":{}}'),
    "answers without end": (response) => {
      const more = () => {
        for (let goesOn = true; goesOn && !response.destroyed; sent += blanks.length) goesOn = response.write(blanks);
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
  };

  it.each(Object.entries(failures))("and %s is neither read to its end nor asked for each token", async (_, answer) => {
    answering = answer;
    sent = 0;
    await withSluice(async (sluice) => {
      const since = Date.now();
      for (let i = 0; i < 5; i++) {
        const { status, body } = await listing(sluice, await jwt());
        expect({ status, code: body.code }).toEqual({ status: 503, code: "SOURCE_UNREACHABLE" });
      }
      expect(redirected).toBe(0);
      expect(asked).toBeLessThanOrEqual(1 + Math.floor((Date.now() - since) / 5000));
      // What the buffers of both ends hold is sent whoever reads.
      expect(sent).toBeLessThan(64 * 1024 * 1024);
    });
  });
});
