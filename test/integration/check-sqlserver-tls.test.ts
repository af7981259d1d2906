import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectSqlserver } from "../../shared/connectors/sqlserver/connect.js";
import { sqlserver } from "../../shared/connectors/sqlserver/index.js";
import type { SqlserverSource } from "../../shared/connectors/sqlserver/source.js";
import type { JsonObject } from "../../shared/model/json.js";
import { makeCertificate } from "../servers/certificate.js";
import { patience } from "../servers/pace.mjs";
import { startTdsServer, type TdsServer } from "../servers/tds/server.js";

let folder: string;
const servers: TdsServer[] = [];
/** By the name in their certificate, and one that has none. */
const at: Record<"localhost" | "db.example" | "plain", { server: TdsServer; ca: string } | null> = {
  ...{ localhost: null, "db.example": null, plain: null },
};

async function started(name: string | null): Promise<{ server: TdsServer; ca: string }> {
  let certificate: { cert: string; key: string } | undefined;
  if (name !== null) {
    const own = join(folder, name);
    mkdirSync(own);
    const { certFile, keyFile } = makeCertificate(own, [`DNS:${name}`]);
    certificate = { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  }
  const server = await startTdsServer(certificate ? { certificate } : {});
  servers.push(server);
  server.database("shop");
  return { server, ca: certificate?.cert ?? "" };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-sqlserver-tls-"));
  at.localhost = await started("localhost");
  at["db.example"] = await started("db.example");
  at.plain = await started(null);
});
afterAll(async () => {
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true });
});

const place = (name: keyof typeof at) => {
  const found = at[name];
  if (!found) throw new Error("not started");
  return found;
};

const parsed = (name: keyof typeof at, over: JsonObject) => {
  const { server } = place(name);
  const given = { host: "localhost", port: server.port, database: "shop", ...server.account, ...over };
  return sqlserver.source.schema.parse(given) as SqlserverSource;
};

async function check(name: keyof typeof at, over: JsonObject) {
  const steps = (await sqlserver.check?.(parsed(name, over), AbortSignal.timeout(patience(1_000)))) ?? [];
  expect(JSON.stringify(steps)).not.toContain(place(name).server.account.password);
  return {
    steps: steps.map(({ name: step, ok }) => (ok ? step : `${step}!`)),
    tls: steps.find(({ name: step }) => step === "tls"),
    last: steps.at(-1),
  };
}

/** What a job's connection says when asked for one. */
async function one(name: keyof typeof at, over: JsonObject) {
  const client = await connectSqlserver(parsed(name, over), { use: "read" });
  const { rows } = await client.query("SELECT 1 AS one");
  await client.close();
  return rows;
}

const verified = (over: JsonObject = {}) => ({ securityProtocol: "authTypeSsl", ...over });
const allSteps = ["resolve", "connect", "tls", "login", "exists", "read"];

test("a certificate of a known authority, made for the host's name, is accepted, in the test and in jobs", async () => {
  const { ca } = place("localhost");
  const { steps, tls } = await check("localhost", verified({ sslCa: ca }));
  expect(steps).toEqual(allSteps);
  expect(tls?.message).toMatch(/^TLSv1\.2, cipher \S+, certificate accepted$/);
  expect(await one("localhost", verified({ sslCa: ca }))).toEqual([["1"]]);
});

test("a certificate of an unknown authority is refused, in the test and in jobs", async () => {
  const before = place("localhost").server.heard.length;
  for (const over of [verified(), { properties: { encrypt: "true", trustServerCertificate: "false" } }]) {
    const { steps, last } = await check("localhost", over);
    expect(steps).toEqual(["resolve", "connect", "tls!"]);
    expect(last?.hint).toContain("sslCa");
    await expect(one("localhost", over)).rejects.toMatchObject({ code: "SOURCE_REFUSED", recovery: "fix" });
  }
  expect(place("localhost").server.heard).toHaveLength(before);
});

test.each<[string, JsonObject]>([
  ["trustServerCertificate", { properties: { encrypt: "true", trustServerCertificate: "true" } }],
  ["nothing that is said of TLS", {}],
])("%s takes any certificate, and the test says that nobody checked it", async (_, over) => {
  const { steps, tls } = await check("localhost", over);
  expect(steps).toEqual(allSteps);
  expect(tls?.message).toMatch(/certificate not checked$/);
  expect(await one("db.example", over)).toEqual([["1"]]);
});

test("a certificate that was made for another name is refused, unless hostNameInCertificate names it", async () => {
  const { ca } = place("db.example");
  const { steps, last } = await check("db.example", verified({ sslCa: ca }));
  expect(steps).toEqual(["resolve", "connect", "tls!"]);
  expect(last?.hint).toContain("name it was made for");
  await expect(one("db.example", verified({ sslCa: ca }))).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
  const named = verified({ sslCa: ca, properties: { encrypt: "true", hostNameInCertificate: "db.example" } });
  expect((await check("db.example", named)).steps).toEqual(allSteps);
  expect(await one("db.example", named)).toEqual([["1"]]);
  const other = verified({ sslCa: ca, properties: { encrypt: "true", hostNameInCertificate: "other.example" } });
  expect((await check("db.example", other)).steps).toEqual(["resolve", "connect", "tls!"]);
});

test("a server that encrypts everything is not logged in to without, and one that has no TLS not with it", async () => {
  const { steps, last } = await check("localhost", { properties: { encrypt: "false" } });
  expect(steps.at(-1)).toMatch(/!$/);
  expect(last?.message).toMatch(/encrypt/i);
  const refusal = { code: "SOURCE_REFUSED", recovery: "fix" };
  await expect(one("localhost", { properties: { encrypt: "false" } })).rejects.toMatchObject(refusal);
  const demanding = { properties: { encrypt: "true", trustServerCertificate: "true" } };
  await expect(one("plain", demanding)).rejects.toMatchObject(refusal);
  const refused = await check("plain", demanding);
  expect(refused.steps).toEqual(["resolve", "connect", "tls!"]);
  expect(refused.last?.message).toContain("no password was sent");
  expect((await check("plain", { properties: { encrypt: "false" } })).steps).toEqual(
    allSteps.filter((step) => step !== "tls"),
  );
});
