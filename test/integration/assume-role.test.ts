import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { assumeRole } from "../../shared/connectors/network/assume-role.js";
import { openOssBucket } from "../../shared/connectors/oss/client.js";
import { oss } from "../../shared/connectors/oss/index.js";
import { ots } from "../../shared/connectors/ots/index.js";
import { loadConnector } from "../../shared/connectors/registry.js";
import { testConnectivity } from "../../shared/looks/connectivity.js";
import { batchOf, type Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { planned, sideOf, splitRefOf } from "../conformance/drive.js";
import type { StsKey } from "../servers/acs3-signed.js";
import { type FakeSts, startFakeSts } from "../servers/fake-sts.js";
import { patience } from "../servers/pace.mjs";
import { credentials as otsCredentials, startTablestore, tableOf } from "./local-cloud/tablestore-server.js";
import { startOss } from "./oss-connector-server.js";

const own = { accessKeyId: "STS.own", accessKeySecret: "own-secret-1", securityToken: "own-token-1" };
let sts: FakeSts;

beforeAll(async () => {
  sts = await startFakeSts(own);
});
afterAll(() => sts.close());
let issueAsUsual: FakeSts["issue"];
beforeEach(() => {
  issueAsUsual = sts.issue;
  sts.asked.length = 0;
  vi.stubEnv("SLUICE_STS_ENDPOINT", sts.endpoint);
  vi.stubEnv("ALIBABA_CLOUD_ACCESS_KEY_ID", own.accessKeyId);
  vi.stubEnv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", own.accessKeySecret);
  vi.stubEnv("ALIBABA_CLOUD_SECURITY_TOKEN", own.securityToken);
});
afterEach(() => {
  sts.issue = issueAsUsual;
  sts.failures.length = 0;
  vi.unstubAllEnvs();
});

/** A role that no other test has taken on. */
const newRole = () => `acs:ram::1234567890123456:role/sluice-source-${randomBytes(4).toString("hex")}`;

function ask(roleArn: string, over: { externalId?: string; now?: () => number; own?: StsKey } = {}) {
  const { externalId = "", now = Date.now } = over;
  return assumeRole({ roleArn, externalId }, { own: () => over.own ?? own, env: process.env, now });
}

describe("a role", () => {
  test("is assumed by a signed call that names it and asks for an hour", async () => {
    const roleArn = newRole();
    expect(await ask(roleArn, { externalId: "shop=7+/" })).toMatchObject({
      accessKeySecret: expect.stringMatching(/^secret-/),
    });
    expect(sts.asked).toEqual([
      { RoleArn: roleArn, RoleSessionName: "sluice", DurationSeconds: "3600", ExternalId: "shop=7+/" },
    ]);
    await ask(newRole());
    expect(sts.asked[1]).not.toHaveProperty("ExternalId");
  });

  test("is asked for once by all that need it, and apart for another external id", async () => {
    const roleArn = newRole();
    const keys = await Promise.all(Array.from({ length: 20 }, () => ask(roleArn)));
    expect(new Set(keys.map(({ securityToken }) => securityToken)).size).toBe(1);
    expect(await ask(roleArn)).toEqual(keys[0]);
    expect(sts.asked).toHaveLength(1);
    expect(await ask(roleArn, { externalId: "other" })).not.toEqual(keys[0]);
    expect(sts.asked).toHaveLength(2);
  });

  test("is renewed before its key ends: beside the calls at first, by the calls when little is left", async () => {
    const roleArn = newRole();
    const startMs = Date.now();
    const atMinute = (minutes: number) => ask(roleArn, { now: () => startMs + minutes * 60_000 });
    const first = await atMinute(0);
    expect(await atMinute(49)).toEqual(first);
    expect(sts.asked).toHaveLength(1);
    expect(await atMinute(51)).toEqual(first);
    await expect.poll(() => sts.asked.length).toBe(2);
    await expect.poll(async () => (await atMinute(51)).securityToken).not.toBe(first.securityToken);
    // The second key, by the server's clock, ends when the first does.
    expect(await atMinute(59)).not.toEqual(first);
    expect(sts.asked).toHaveLength(3);
  });

  test("keeps its key while a renewal ahead of time fails, and is not asked for at every call", async () => {
    const roleArn = newRole();
    const startMs = Date.now();
    const first = await ask(roleArn);
    for (let i = 0; i < 3; i++) sts.failures.push({ status: 503, body: {} });
    const late = () => ask(roleArn, { now: () => startMs + 52 * 60_000 });
    expect(await late()).toEqual(first);
    await expect.poll(() => sts.failures.length).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let i = 0; i < 5; i++) expect(await late()).toEqual(first);
    expect(sts.asked).toHaveLength(1);
  });
});

describe("a refusal of STS", () => {
  const failureOf = (asking: Promise<unknown>) => asking.then(String, (error: Error & { code?: string }) => error);

  test("is told with the role and the code, and nothing that should stay secret", async () => {
    const roleArn = newRole();
    sts.failures.push({ status: 403, body: { Code: "NoPermission", Message: "ExternalId=shop-7 own-secret-1" } });
    const error = await failureOf(ask(roleArn, { externalId: "shop-7" }));
    expect(error).toMatchObject({ code: "ACCESS_DENIED", path: "authIdentity" });
    expect(String(error)).toContain(roleArn);
    expect(String(error)).toContain("NoPermission");
    expect(String(error)).not.toMatch(/shop-7|own-secret/);
    const wrong = await failureOf(ask(roleArn, { own: { ...own, accessKeySecret: "another" } }));
    expect(wrong).toMatchObject({ code: "ACCESS_DENIED", message: expect.stringContaining("SignatureDoesNotMatch") });
    expect(await ask(roleArn)).toHaveProperty("accessKeyId");
  });

  test("that may pass is tried again; other answers than documented are no key", async () => {
    sts.failures.push({ status: 503, body: {} }, { status: 400, body: { Code: "Throttling.User" } });
    expect(await ask(newRole())).toHaveProperty("securityToken");
    for (let i = 0; i < 3; i++) sts.failures.push({ status: 200, body: { Credentials: { AccessKeyId: "only" } } });
    expect(await failureOf(ask(newRole()))).toMatchObject({ code: "SOURCE_BUSY" });
  });

  test("is not mistaken for silence, nor is an address that would give the signature away", async () => {
    vi.stubEnv("SLUICE_STS_ENDPOINT", "http://127.0.0.1:1");
    expect(await failureOf(ask(newRole()))).toMatchObject({ code: "SOURCE_UNREACHABLE" });
    vi.stubEnv("SLUICE_STS_ENDPOINT", "http://sts.example.com");
    expect(await failureOf(ask(newRole()))).toMatchObject({ code: "CONFIG_INVALID" });
  });
});

/**
 * Lets a server know one key at a time. STS hands that one out, about to end, so that each call asks for the newest;
 * `turn` ends it and begins the next.
 */
function turning(known: StsKey): { turn(): void } {
  let count = 0;
  const turn = () => {
    count += 1;
    const key = {
      accessKeyId: `STS.t${count}`,
      accessKeySecret: `turn-secret-${count}`,
      securityToken: `turn-${count}`,
    };
    Object.assign(known, key);
  };
  turn();
  sts.issue = () => ({ ...known, livesMs: 1_000 });
  return { turn };
}

const login = () => ({ authType: "RamRole", authIdentity: newRole(), externalId: "shop-7" });
const columns: Column[] = [
  { name: "id", type: "long" },
  { name: "note", type: "string" },
];

function batchFrom(first: number, count: number, length: number) {
  const rows = Array.from({ length: count }, (_, i) => [String(first + i), "n".repeat(length)]);
  return batchOf(rows, { columns, checkpoint: first + count, dirty: [] });
}

describe("work that outlives a key of its role", () => {
  test("on Tablestore goes on, writing and reading", async () => {
    const server = await startTablestore();
    const before = { ...otsCredentials };
    try {
      await server.client().createTable(tableOf("notes", { id: "INTEGER" }));
      const { turn } = turning(otsCredentials as StsKey);
      const source: JsonObject = { endpoint: `http://127.0.0.1:${server.port}`, instanceName: "unit", ...login() };
      const target = { table: "notes", writeMode: "PutRow", primaryKey: [{ name: "id", type: "INT" }] };
      const column = [{ name: "note", type: "STRING" }];
      const into = sideOf(ots, ots.writer!.params, source, { ...target, column });
      const prepared = await ots.writer!.prepare(into, { runId: "r", exactlyOnce: "auto", columns });
      const session = await ots.writer!.open(into, splitRefOf(prepared, columns));
      for (let i = 0; i < 4; i++) {
        await session.write(batchFrom(i * 20, 20, 100_000));
        turn();
      }
      await session.close();
      const from = sideOf(ots, ots.reader!.params, source, { table: "notes", column: ["id", ...column] });
      const [split] = await planned(ots.reader!, from, 1);
      let found = 0;
      for await (const { rows } of ots.reader!.read(from, split!.spec, null)) {
        found += [...rows].length;
        turn();
      }
      expect(found).toBe(80);
      expect(sts.asked.every(({ ExternalId }) => ExternalId === "shop-7")).toBe(true);
    } finally {
      Object.assign(otsCredentials, before);
      await server.stop();
    }
  });

  test("on OSS goes on, writing and listing", async () => {
    const place = await startOss();
    try {
      const { turn } = turning(place.credentials);
      const source: JsonObject = { endpoint: place.source.endpoint ?? "", bucket: "lake", ...login() };
      const into = sideOf(oss, oss.writer!.params, source, { object: "out/notes" });
      const run = { runId: "r", exactlyOnce: "auto", columns } as const;
      const prepared = await oss.writer!.prepare(into, run);
      const session = await oss.writer!.open(into, splitRefOf(prepared, columns));
      for (let i = 0; i < 3; i++) {
        await session.write(batchFrom(i * 10, 10, 20));
        await session.flush();
        turn();
      }
      const { token } = await session.close();
      turn();
      await oss.writer!.finish!(into, { ...run, prepared }, [token ?? null]);
      const bucket = openOssBucket(oss.source.schema.parse(source), AbortSignal.timeout(patience(2_000)));
      let objects = 0;
      for await (const { size } of bucket.list("out/", 1)) {
        expect(size).toBeGreaterThan(0);
        objects += 1;
        turn();
      }
      expect(objects).toBe(3);
    } finally {
      await place.close();
    }
  });

  test("would not with the key that it began with", async () => {
    const place = await startOss();
    try {
      const { turn } = turning(place.credentials);
      const { accessKeyId: accessId, accessKeySecret: accessKey, securityToken } = place.credentials;
      const fixed = oss.source.schema.parse({ ...place.source, accessId, accessKey, securityToken });
      const bucket = openOssBucket(fixed, AbortSignal.timeout(patience(2_000)));
      expect(await bucket.head("none")).toBeNull();
      turn();
      await expect(bucket.head("none")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    } finally {
      await place.close();
    }
  });
});

describe("the connectivity test of a source with a role", () => {
  async function check(type: string, properties: JsonObject) {
    const connector = await loadConnector(type);
    const source = connector.source.schema.parse(properties);
    const { steps } = await testConnectivity(connector, source, { timeoutMs: patience(1_000) });
    expect(JSON.stringify(steps)).not.toMatch(/shop-7|secret/);
    return { steps, names: steps.map(({ name, ok }) => (ok ? name : `${name}!`)) };
  }

  async function fakeMaxcompute() {
    const server = createServer(({ method, url = "", headers }, response) => {
      const token = String(headers["authorization-sts-token"] ?? "");
      const number = token.replace(/^token\+\/=/, "");
      const agent = `x-odps-user-agent:${headers["x-odps-user-agent"]}`;
      const text = [method, "", "", headers.date, agent, url.replace(/^\/api/, "")].join("\n");
      const signature = createHmac("sha1", `secret-${number}`).update(text).digest("base64");
      const isRight = headers.authorization === `ODPS STS.${number}:${signature}`;
      response.writeHead(isRight ? 200 : 401).end(isRight ? "<Tables/>" : "<Error><Code>Unauthorized</Code></Error>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { server, port: (server.address() as AddressInfo).port };
  }

  test("logs in to MaxCompute with the role's key and token", async () => {
    const { server, port } = await fakeMaxcompute();
    const endpoint = { endpointMode: "Custom", endpoint: `http://127.0.0.1:${port}/api`, project: "shop" };
    expect((await check("odps", { ...endpoint, ...login() })).names).toEqual(
      ["resolve", "connect", "login", "exists", "read"], // the token was right
    );
    server.close();
  });

  test.each(["oss", "s3", "ots", "odps"])(
    "of type %s says at the login that the role cannot be assumed",
    async (type) => {
      const { server, port } = await fakeMaxcompute();
      const endpoint = `http://127.0.0.1:${port}`;
      const places: Record<string, JsonObject> = {
        oss: { endpoint, bucket: "lake" },
        s3: { endpoint, bucket: "lake" },
        ots: { endpoint, instanceName: "unit" },
        odps: { endpointMode: "Custom", endpoint, project: "shop" },
      };
      sts.failures.push({ status: 404, body: { Code: "EntityNotExist.Role", Message: "shop-7" } });
      const { names, steps } = await check(type, { ...places[type], ...login() });
      expect(names).toEqual(["resolve", "connect", "login!"]);
      expect(steps[2]?.message).toContain("EntityNotExist.Role");
      expect(steps[2]?.hint).toContain("authIdentity");
      server.close();
    },
  );
});
