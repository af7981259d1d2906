import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { CheckStep } from "../../shared/connectors/contract.js";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { JsonObject } from "../../shared/model/json.js";
import { patience } from "../servers/pace.mjs";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { freePort } from "../servers/server-process.js";
import { underShortLimit } from "./under-short-limit.js";

let scratch: ScratchDatabase;
const accounts: string[] = [];

beforeAll(async () => {
  scratch = await scratchDatabase();
});
afterEach(async () => {
  for (const name of accounts.splice(0)) await scratch.query(`DROP USER IF EXISTS '${name}'@'%'`);
});
afterAll(() => scratch?.drop());

async function account(options: { grants?: string; requires?: string } = {}) {
  const username = `u_${randomBytes(6).toString("hex")}`;
  const password = randomBytes(12).toString("hex");
  await scratch.query(`CREATE USER '${username}'@'%' IDENTIFIED BY '${password}' ${options.requires ?? ""}`);
  if (options.grants) await scratch.query(`GRANT ${options.grants} ON ${scratch.name}.* TO '${username}'@'%'`);
  accounts.push(username);
  return { username, password };
}

async function check(properties: JsonObject, options: { write?: boolean; timeoutMs?: number } = {}) {
  const source = mysql.source.schema.parse(properties);
  const { write = false, timeoutMs = patience(1_000) } = options;
  const steps = (await mysql.check?.(source, AbortSignal.timeout(timeoutMs), { write })) ?? [];
  expect(JSON.stringify(steps)).not.toContain(String(properties.password));
  return steps;
}

const names = (steps: readonly CheckStep[]) => steps.map(({ name, ok }) => (ok ? name : `${name}!`));
const everyStep = ["resolve", "connect", "login", "exists", "read", "write"];

test("an account with all grants passes every step", async () => {
  expect(names(await check(scratch.source, { write: true }))).toEqual(everyStep);
});

test("an account that may read but not insert fails only where writing is asked for", async () => {
  const reader = { ...scratch.source, ...(await account({ grants: "SELECT" })) };
  expect(names(await check(reader))).toEqual(everyStep.slice(0, 5));
  const steps = await check(reader, { write: true });
  expect(names(steps).at(-1)).toBe("write!");
  expect(steps.at(-1)?.hint).toContain("INSERT");
  const writer = { ...scratch.source, ...(await account({ grants: "SELECT, INSERT" })) };
  expect(names(await check(writer, { write: true }))).toEqual(everyStep);
});

test("a wrong password fails at the login and says so", async () => {
  const steps = await check({ ...scratch.source, password: "wrong-password-9" });
  expect(names(steps)).toEqual(["resolve", "connect", "login!"]);
  expect(steps[2]?.hint).toContain("password");
});

test("an account that requires TLS fails at the login with the advice to use it", async () => {
  const steps = await check({ ...scratch.source, ...(await account({ grants: "SELECT", requires: "REQUIRE SSL" })) });
  expect(names(steps)).toEqual(["resolve", "connect", "login!"]);
  expect(steps[2]?.hint).toContain("authTypeSsl");
});

test("a closed port fails at connecting", async () => {
  const steps = await check({ ...scratch.source, port: await freePort() });
  expect(names(steps)).toEqual(["resolve", "connect!"]);
  expect(steps[1]?.hint).toContain("port is closed");
});

test("the second address is taken when the first is closed", async () => {
  const { host, port, ...rest } = scratch.source;
  const address = [
    { host, port: 1 },
    { host, port },
  ];
  expect(names(await check({ ...rest, address }))).toEqual(everyStep.slice(0, 5));
});

test("a server that never answers fails within the time limit", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const source = mysql.source.schema.parse({ ...scratch.source, port });
  const steps = await underShortLimit(async (signal) => (await mysql.check?.(source, signal)) ?? [], patience(50));
  expect(names(steps)).toEqual(["resolve", "connect", "login!"]);
  server.close();
});

test("an unknown database fails at its own step, after the login", async () => {
  const steps = await check({ ...scratch.source, database: "no_such_database" });
  expect(names(steps)).toEqual(["resolve", "connect", "login", "exists!"]);
  expect(steps[3]?.hint).toContain("no_such_database");
});

test("an account without a grant on the database is told which to ask for", async () => {
  const steps = await check({ ...scratch.source, ...(await account()) });
  expect(names(steps)).toEqual(["resolve", "connect", "login", "exists!"]);
  expect(steps[3]?.hint).toContain(`GRANT SELECT ON ${scratch.name}.*`);
});
