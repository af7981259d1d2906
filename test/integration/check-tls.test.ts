import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckStep } from "../../shared/connectors/contract.js";
import { loadConnector } from "../../shared/connectors/registry.js";
import type { JsonObject } from "../../shared/model/json.js";
import { makeCertificate } from "../servers/certificate.js";
import { patience } from "../servers/pace.mjs";

const root = resolve(import.meta.dirname, "../..");
const servers: NetServer[] = [];
let folder: string;
let ownPort: number;
let foreignPort: number;
let authorities: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-check-tls-"));
  const own = await secureServer("own", "DNS:localhost");
  const foreign = await secureServer("foreign", "DNS:db.example");
  ownPort = await listening(own.server);
  foreignPort = await listening(foreign.server);
  authorities = join(folder, "authorities.pem");
  await writeFile(authorities, own.cert + foreign.cert);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A server that finds an empty list in whatever it is asked, with a certificate for a name. */
async function secureServer(label: string, name: string): Promise<{ server: Server; cert: string }> {
  await mkdir(join(folder, label));
  const { certFile, keyFile } = makeCertificate(join(folder, label), [name]);
  const [cert, key] = [await readFile(certFile, "utf8"), await readFile(keyFile, "utf8")];
  const server = createServer({ cert, key }, (_, response) => {
    response.writeHead(200, { connection: "close" }).end("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>");
  });
  return { server: server.on("tlsClientError", () => {}), cert };
}

async function listening(server: NetServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

const key = { accessId: "LTAItest", accessKey: "very-secret-8" };
const sources = (port: number): Record<string, JsonObject> => ({
  oss: { endpoint: `https://localhost:${port}`, bucket: "shop", ...key },
  s3: { endpoint: `https://localhost:${port}`, bucket: "shop", ...key },
  ots: { endpoint: `https://localhost:${port}`, instanceName: "shop", ...key },
  odps: { endpointMode: "Custom", endpoint: `https://localhost:${port}/api`, project: "shop", ...key },
});
const types = Object.keys(sources(1));
const named = (steps: readonly CheckStep[]) => steps.map(({ name, ok }) => (ok ? name : `${name}!`));

async function check(type: string, port: number): Promise<readonly CheckStep[]> {
  const connector = await loadConnector(type);
  const source = connector.source.schema.parse(sources(port)[type]);
  return (await connector.check?.(source, AbortSignal.timeout(patience(1_000)))) ?? [];
}

/** The same in a process of its own: which authorities are trusted is settled when a process starts. */
async function checkTrusting(port: number): Promise<Record<string, CheckStep[]>> {
  const contents = `
    import { odps } from "./shared/connectors/odps/index.js";
    import { oss } from "./shared/connectors/oss/index.js";
    import { s3 } from "./shared/connectors/s3/index.js";
    import { ots } from "./shared/connectors/ots/index.js";
    const sources = JSON.parse(process.argv[2]);
    const work = [oss, s3, ots, odps].map(async ({ name, source, check }) => {
      return [name, await check(source.schema.parse(sources[name]), AbortSignal.timeout(${patience(1_000)}))];
    });
    Promise.all(work).then((found) => process.stdout.write(JSON.stringify(Object.fromEntries(found)), () => process.exit()));
  `;
  const outfile = join(folder, `check-${port}.cjs`);
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    ...{ outfile, bundle: true, platform: "node", format: "cjs", packages: "external", logLevel: "error" },
  });
  const env = { ...process.env, NODE_PATH: join(root, "node_modules"), NODE_EXTRA_CA_CERTS: authorities };
  const given = [outfile, JSON.stringify(sources(port))];
  const { stdout } = await promisify(execFile)(process.execPath, given, { env, timeout: patience(3_000) });
  return JSON.parse(stdout);
}

test.each(types)("%s does not talk to a server whose certificate nobody vouches for", async (type) => {
  const steps = await check(type, ownPort);
  expect(named(steps)).toEqual(["resolve", "connect", "tls!"]);
  expect(steps[2]?.hint).toContain("authority");
  expect(steps[2]?.hint).not.toContain("sslCa");
});

test.each(types)("%s says that a server speaks no TLS", async (type) => {
  const port = await listening(createHttpServer((_, response) => response.end()));
  const steps = await check(type, port);
  expect(named(steps)).toEqual(["resolve", "connect", "tls!"]);
  expect(steps[2]?.hint).toContain("no TLS");
});

test("oss, s3, ots and odps go on to the login when the certificate is trusted and made for the name", async () => {
  const found = await checkTrusting(ownPort);
  expect(Object.keys(found).sort()).toEqual([...types].sort());
  for (const type of types) {
    const steps = found[type] ?? [];
    expect([type, ...named(steps).slice(0, 3)]).toEqual([type, "resolve", "connect", "tls"]);
    expect(steps[2]?.message).toMatch(/^TLSv1\.[23]/);
    expect(steps[3]?.name).toBe("login");
  }
  expect(named(found.oss ?? [])).toEqual(["resolve", "connect", "tls", "login", "exists", "read"]);
});

test("oss, s3, ots and odps refuse a certificate that was made for another name", async () => {
  const found = await checkTrusting(foreignPort);
  for (const type of types) {
    expect([type, ...named(found[type] ?? [])]).toEqual([type, "resolve", "connect", "tls!"]);
    expect(found[type]?.[2]?.message).toContain("db.example");
  }
});
