import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connectorNames, loadConnector } from "../../shared/connectors/registry.js";
import { testConnectivity } from "../../shared/looks/connectivity.js";
import type { JsonObject } from "../../shared/model/json.js";
import { fakeMaxcompute } from "../servers/fake-maxcompute.js";
import { patience } from "../servers/pace.mjs";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { freePort } from "../servers/server-process.js";

let scratch: ScratchDatabase;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  scratch = await scratchDatabase();
});
afterEach(() => {
  delete process.env.SLUICE_NETWORK_DENY;
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
});
afterAll(() => scratch?.drop());

async function listening(server: Server): Promise<number> {
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function check(type: string, properties: JsonObject, timeoutMs = patience(1_000)) {
  const connector = await loadConnector(type);
  const { ok, steps } = await testConnectivity(connector, connector.source.schema.parse(properties), { timeoutMs });
  const report = JSON.stringify(steps);
  for (const name of connector.source.secrets)
    if (properties[name]) expect(report).not.toContain(String(properties[name]));
  expect(steps.filter((step) => !step.ok && !step.hint)).toEqual([]);
  return { ok, steps, names: steps.map((step) => (step.ok ? step.name : `${step.name}!`)) };
}

const account = { username: "reader", password: "very-secret-7" };
const key = { accessId: "LTAItest", accessKey: "very-secret-8" };

/** Properties of every type that connects, for an address. */
const everywhere = (host: string, port: number): Record<string, JsonObject> => ({
  mysql: { host, port, database: "shop", ...account },
  postgresql: { host, port, database: "shop", ...account },
  sqlserver: { host, port, database: "shop", ...account },
  oracle: { host, port, database: "shop", ...account },
  ads: { host, port, database: "shop", ...account },
  oss: { endpoint: `http://${host}:${port}`, bucket: "shop", ...key },
  s3: { endpoint: `http://${host}:${port}`, bucket: "shop", ...key },
  ots: { endpoint: `http://${host}:${port}`, instanceName: "shop", ...key },
  odps: { endpoint: `http://${host}:${port}/api`, project: "shop", ...key },
});
const types = Object.keys(everywhere("localhost", 1));

test("every type that has a test is looked at here, or says that it has none", async () => {
  const untested = connectorNames().filter((name) => !types.includes(name));
  expect(untested).toEqual(["db2", "stream"]);
  const db2 = { host: "127.0.0.1", port: 1, database: "shop", ...account };
  await expect(check("db2", db2)).rejects.toMatchObject({ code: "UNSUPPORTED", message: /ibm_db/ });
  await expect(check("stream", {})).rejects.toMatchObject({ code: "UNSUPPORTED" });
});

test.each(types)("%s tells a closed port", async (type) => {
  const port = await freePort();
  const { names, steps } = await check(type, everywhere("127.0.0.1", port)[type] ?? {});
  expect(names).toEqual(["resolve", "connect!"]);
  expect(steps[1]?.hint).toContain("port is closed");
});

test.each(types)("%s gives up on a server that never answers, in time", async (type) => {
  const port = await listening(createServer());
  const properties = everywhere("127.0.0.1", port)[type] ?? {};
  // Beside one that has ten times as long, which holds however slow the machine is.
  const [short, long] = [50, 500].map((usualMs) => check(type, properties, patience(usualMs)));
  const first = await Promise.race([short?.then(() => "short"), long?.then(() => "long")]);
  expect(first).toBe("short");
  for (const socket of sockets) socket.destroy();
  await long;
  const { names } = (await short) ?? { names: [] };
  expect(names.at(-1)).toMatch(/!$/);
  expect(names.slice(0, 2)).toEqual(["resolve", "connect"]);
});

test.each(types)("%s gives up on a server that hangs up at once", async (type) => {
  const port = await listening(createServer((socket) => socket.destroy()));
  const { names, steps } = await check(type, everywhere("127.0.0.1", port)[type] ?? {});
  expect(names.slice(0, 2)).toEqual(["resolve", "connect"]);
  expect(names.at(-1)).toMatch(/!$/);
  expect(steps.at(-1)?.message).not.toMatch(/NJS-512/);
});

test.each(types)("%s is kept from addresses that the guard refuses, by number and by name", async (type) => {
  let visitors = 0;
  const port = await listening(createServer(() => visitors++));
  process.env.SLUICE_NETWORK_DENY = "127.0.0.0/8 ::1";
  for (const host of ["127.0.0.1", "localhost"]) {
    const { names, steps } = await check(type, everywhere(host, port)[type] ?? {});
    expect(names).toEqual(["resolve!"]);
    expect(steps[0]?.message).toContain("not allowed");
  }
  expect((await check(type, everywhere("100.100.100.200", 80)[type] ?? {})).names).toEqual(["resolve!"]);
  expect(visitors).toBe(0);
});

test("an Oracle listener cannot send us where the guard lets nobody go", async () => {
  const port = await listening(
    createServer((socket) => {
      socket.once("data", () => {
        const address = "(ADDRESS=(PROTOCOL=tcp)(HOST=169.254.169.254)(PORT=80))";
        const packet = Buffer.alloc(10 + address.length);
        packet.writeUInt16BE(packet.length, 0);
        packet.writeUInt8(5, 4);
        packet.writeUInt16BE(address.length, 8);
        packet.write(address, 10);
        socket.write(packet);
      });
    }),
  );
  const { names, steps } = await check("oracle", everywhere("127.0.0.1", port).oracle ?? {});
  expect(names).toEqual(["resolve", "connect", "exists!"]);
  expect(steps[2]?.message).toContain("169.254.169.254");
  expect(steps[2]?.message).toContain("not allowed");
});

test("AnalyticDB 2.0 logs in with the MySQL protocol", async () => {
  const { host, port, database, username, password } = scratch.source;
  const good = { url: `${host}:${port}`, database, accessId: username, accessKey: password };
  expect((await check("ads", good)).names).toEqual(["resolve", "connect", "login", "exists", "read"]);
  expect((await check("ads", { ...good, accessKey: "very-wrong-9" })).names.at(-1)).toBe("login!");
  expect((await check("ads", { ...good, database: "no_such_database" })).names.at(-1)).toBe("exists!");
});

test("MaxCompute is asked for one table, signed; each refusal is told by its step", async () => {
  const { server, endpoint } = await fakeMaxcompute(key);
  servers.push(server);
  const good = { endpointMode: "Custom", endpoint, project: "shop", ...key };
  expect((await check("odps", good)).names).toEqual(["resolve", "connect", "login", "exists", "read"]);
  expect((await check("odps", { ...good, accessKey: "very-wrong-9" })).names.at(-1)).toBe("login!");
  expect((await check("odps", { ...good, project: "other" })).names.at(-1)).toBe("exists!");
  expect((await check("odps", { ...good, project: "shop_closed" })).names.at(-1)).toBe("read!");
  expect((await check("odps", { ...good, securityToken: "token-of-yesterday" })).names.at(-1)).toBe("login!");
});
