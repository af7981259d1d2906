import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { CheckStep } from "../../shared/connectors/contract.js";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import type { JsonObject } from "../../shared/model/json.js";
import { patience } from "../servers/pace.mjs";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";
import { freePort } from "../servers/server-process.js";
import { underShortLimit } from "./under-short-limit.js";

let scratch: ScratchPostgres;
const isOurs = () => inject("postgresCa") !== "";

beforeAll(async () => {
  scratch = await scratchPostgres();
  await scratch.query("CREATE TABLE orders (id bigint PRIMARY KEY)");
});
afterAll(() => scratch?.drop());

async function check(properties: JsonObject, write = false): Promise<readonly CheckStep[]> {
  const source = postgresql.source.schema.parse(properties);
  const steps = await postgresql.check?.(source, AbortSignal.timeout(patience(1_000)), { write });
  const password = String(properties.password);
  expect(JSON.stringify(steps)).not.toContain(password);
  return steps ?? [];
}

const names = (steps: readonly CheckStep[]) => steps.map(({ name, ok }) => (ok ? name : `${name}!`));

test("the owner of a database passes every step", async () => {
  await scratch.query(`GRANT ALL ON orders TO ${scratch.source.username}`);
  const steps = await check(scratch.source, true);
  expect(names(steps)).toEqual(["resolve", "connect", "login", "exists", "read", "write"]);
  expect(steps[4]?.message).toBe("1 of 1 tables can be read");
  expect(steps[2]?.message).toMatch(isOurs() ? /; TLSv1\.3, cipher TLS_\S+, certificate not checked$/ : /accepted;/);
  const plain = await check({ ...scratch.source, properties: { sslmode: "disable" } });
  expect(plain[2]?.message).toBe("the account is accepted; not encrypted");
});

test("a JDBC URL leads to the same place", async () => {
  const { host, port, database, username, password } = scratch.source;
  const steps = await check({ jdbcUrl: `jdbc:postgresql://${host}:${port}/${database}`, username, password });
  expect(steps.every(({ ok }) => ok)).toBe(true);
});

test("a wrong password fails at the login and says so", async () => {
  const steps = await check({ ...scratch.source, password: "wrong-password-9" });
  expect(names(steps)).toEqual(["resolve", "connect", "login!"]);
  expect(steps[2]?.hint).toContain("password");
});

test("a closed port fails at connecting", async () => {
  const steps = await check({ ...scratch.source, port: await freePort() });
  expect(names(steps)).toEqual(["resolve", "connect!"]);
  expect(steps[1]?.hint).toContain("port is closed");
});

test("an unknown host fails at the name", async () => {
  const steps = await check({ ...scratch.source, host: "no-such-host.invalid" });
  expect(names(steps)).toEqual(["resolve!"]);
  expect(steps[0]?.hint).toMatch(/host|name server/);
});

test("a server that accepts and never answers fails at the login within the time limit", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const source = postgresql.source.schema.parse({ ...scratch.source, port });
  const steps = await underShortLimit(async (signal) => (await postgresql.check?.(source, signal)) ?? [], patience(50));
  expect(names(steps)).toEqual(["resolve", "connect", "login!"]);
  expect(steps[2]?.message).toContain("time limit");
  server.close();
});

test("an unknown database fails at its own step, after the login", async () => {
  const steps = await check({ ...scratch.source, database: "no_such_database" });
  expect(names(steps)).toEqual(["resolve", "connect", "login", "exists!"]);
  expect(steps[3]?.hint).toContain("no_such_database");
});

test("an account without grants fails at reading and is told which to ask for", async () => {
  const account = await scratch.account(["sluice_plain"]);
  const steps = await check({ ...scratch.source, ...account });
  expect(names(steps)).toEqual(["resolve", "connect", "login", "exists", "read!"]);
  expect(steps[4]?.hint).toContain("GRANT");
});

test("an account that may read but not insert fails only where writing is asked for", async () => {
  const account = await scratch.account(["sluice_plain"]);
  await scratch.query(`GRANT SELECT ON orders TO ${account.username}`);
  expect((await check({ ...scratch.source, ...account })).every(({ ok }) => ok)).toBe(true);
  const steps = await check({ ...scratch.source, ...account }, true);
  expect(names(steps).at(-1)).toBe("write!");
  expect(steps.at(-1)?.hint).toContain("INSERT");
  await scratch.query(`REVOKE ALL ON orders FROM ${account.username}`);
});

test("an account that may not connect to the database is told to ask for CONNECT", async () => {
  const account = await scratch.account(["sluice_plain"]);
  await scratch.query(`REVOKE CONNECT ON DATABASE ${scratch.database} FROM PUBLIC`);
  const steps = await check({ ...scratch.source, ...account }).finally(() =>
    scratch.query(`GRANT CONNECT ON DATABASE ${scratch.database} TO PUBLIC`),
  );
  expect(names(steps)).toEqual(["resolve", "connect", "login", "exists!"]);
  expect(steps[3]?.hint).toContain("CONNECT");
});

test("a server that wants TLS says so, and takes it with its certificate", async ({ skip }) => {
  if (!isOurs()) skip("this server is not ours: its rules are unknown");
  const account = await scratch.account([]);
  await scratch.query(`GRANT SELECT ON orders TO ${account.username}`);
  const plain = await check({ ...scratch.source, ...account, securityProtocol: "authTypeNone" });
  expect(names(plain)).toEqual(["resolve", "connect", "tls!"]);
  expect(plain[2]?.hint).toContain("authTypeSsl");
  const tls = { securityProtocol: "authTypeSsl", sslCa: inject("postgresCa") };
  const encrypted = await check({ ...scratch.source, ...account, ...tls });
  expect(names(encrypted)).toEqual(["resolve", "connect", "tls", "login", "exists", "read"]);
  const untrusted = await check({ ...scratch.source, ...account, securityProtocol: "authTypeSsl" });
  expect(names(untrusted)).toEqual(["resolve", "connect", "tls!"]);
  expect(untrusted[2]?.hint).toContain("sslCa");
  await scratch.query(`REVOKE ALL ON orders FROM ${account.username}`);
});

test("an account that the server's rules bar is told about the allow-list", async ({ skip }) => {
  if (!isOurs()) skip("this server is not ours: its rules are unknown");
  const account = await scratch.account(["sluice_barred"]);
  const steps = await check({ ...scratch.source, ...account });
  expect(names(steps)).toEqual(["resolve", "connect", "login!"]);
  expect(steps[2]?.hint).toContain("allow-list");
});
