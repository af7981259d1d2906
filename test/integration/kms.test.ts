import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKms } from "../../shared/platform/kms.js";
import { createSecretBox } from "../../shared/secrets/create-secret-box.js";
import { isSigned } from "../servers/acs3-signed.js";

const credentials = { accessKeyId: "STS.shard", accessKeySecret: "role-secret", securityToken: "role-token" };

/** What the server is to do with the next requests, first come first served; then it works. */
let failures: { status: number; body: object }[] = [];
let requests = 0;
let server: Server;
let endpoint: string;

const master = randomBytes(32);

/** Wraps as a one-time pad under the context; enough to be wrong with another one. */
function wrap(key: Buffer, context: string): Buffer {
  const pad = createHmac("sha256", master).update(context).digest();
  return Buffer.from(key.map((byte, i) => byte ^ (pad[i] ?? 0)));
}

function answer(request: IncomingMessage): { status: number; body: object } {
  requests++;
  const failure = failures.shift();
  if (failure) return failure;
  if (!isSigned(request, credentials)) return { status: 400, body: { Code: "SignatureDoesNotMatch", Message: "no" } };
  if (request.headers["x-acs-version"] !== "2016-01-20") return { status: 400, body: { Code: "InvalidVersion" } };
  const query = new URL(request.url ?? "", "http://kms").searchParams;
  const context = query.get("EncryptionContext") ?? "";
  if (request.headers["x-acs-action"] === "GenerateDataKey") {
    const key = randomBytes(query.get("KeySpec") === "AES_256" ? 32 : 16);
    const body = {
      KeyId: query.get("KeyId"),
      KeyVersionId: "1",
      Plaintext: key.toString("base64"),
      CiphertextBlob: wrap(key, context).toString("base64"),
      RequestId: "r",
    };
    return { status: 200, body };
  }
  const key = wrap(Buffer.from(query.get("CiphertextBlob") ?? "", "base64"), context);
  return { status: 200, body: { KeyId: "key-1", Plaintext: key.toString("base64"), RequestId: "r" } };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const { status, body } = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  failures = [];
  requests = 0;
});

const secrets = () => ({
  masterKey: "",
  previousMasterKey: "",
  allowEnvironmentKey: false,
  kmsKeyId: "key-1",
  kmsEndpoint: endpoint,
});
const environment = () => ({ stage: "prod", region: "cn-hangzhou", secrets: secrets() });
const open = (signer = credentials) => createKms(environment(), signer);

describe("secrets in a production stage", () => {
  it("are sealed and opened through KMS with signed requests", async () => {
    const box = createSecretBox(environment(), open(), Date.now);
    const sealed = await box.seal({ password: "p+/= ü*'" }, "default/shop");
    expect(sealed.keyId).toBe("kms:key-1");
    const later = createSecretBox(environment(), open(), Date.now);
    expect(await later.open(sealed, "default/shop")).toEqual({ password: "p+/= ü*'" });
    await expect(createSecretBox(environment(), open(), Date.now).open(sealed, "default/bank")).rejects.toThrow(
      "do not open",
    );
  });
});

describe("KMS", () => {
  it("is asked again when it is busy, and a lasting refusal is told at once", async () => {
    failures = [
      { status: 503, body: {} },
      { status: 400, body: { Code: "Throttling.User", Message: "slow down" } },
    ];
    expect((await open().generateDataKey({ sluice: "a" })).key).toHaveLength(32);
    expect(requests).toBe(3);
    failures = [{ status: 400, body: { Code: "Forbidden.KeyNotFound", Message: "secret detail" } }];
    await expect(open().generateDataKey({ sluice: "a" })).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(requests).toBe(4);
  });

  it("refuses who signs with another secret, without the secret in the message", async () => {
    const wrong = open({ ...credentials, accessKeySecret: "another-secret" });
    const error = await wrong.decrypt("AAAA", {}).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("SignatureDoesNotMatch") });
    expect(String(error)).not.toContain("another-secret");
  });

  it("must be reached over TLS unless it is on this machine", () => {
    const plain = { ...environment(), secrets: { ...secrets(), kmsEndpoint: "http://kms.example.com" } };
    expect(() => createKms(plain, credentials)).toThrow("expected https");
  });
});
