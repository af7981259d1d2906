import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, createConnection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { connectMysql } from "../../shared/connectors/mysql/client.js";
import { mysql } from "../../shared/connectors/mysql/index.js";
import { mysqlSourceSchema } from "../../shared/connectors/mysql/source.js";
import type { JsonObject } from "../../shared/model/json.js";
import { makeCertificate } from "../servers/certificate.js";
import { type MysqlServer, parseMysqlUrl, startMariadb, urlVariable } from "../servers/mariadb.js";
import { patience } from "../servers/pace.mjs";

const isOurs = !process.env[urlVariable];
let folder: string;
let server: MysqlServer;
let admin: Connection;
/** The certificate that the server shows now. */
let ca = "";

/** Makes a certificate that the server's own account may read. */
async function newCertificate(...names: string[]) {
  const { certFile, keyFile } = makeCertificate(folder, names);
  await chmod(keyFile, 0o644);
  ca = await readFile(certFile, "utf8");
  return [`--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`];
}

async function show(...names: string[]): Promise<void> {
  await newCertificate(...names);
  await admin.query("FLUSH SSL");
}

beforeAll(async () => {
  if (!isOurs) return;
  folder = await mkdtemp(join(tmpdir(), "sluice-mysql-tls-"));
  await chmod(folder, 0o755);
  server = await startMariadb(await newCertificate("DNS:localhost"));
  const { host, port, user, password } = server;
  admin = await createConnection({ host, port, user, password });
  await admin.query("CREATE DATABASE shop");
});
beforeEach(async ({ skip }) => {
  if (!isOurs) skip("this server is not ours: its certificate cannot be changed");
  await show("DNS:localhost");
});
afterAll(async () => {
  await admin?.end();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const properties = (over: JsonObject): JsonObject => ({
  ...{ host: "localhost", port: server.port, database: "shop", username: server.user, password: server.password },
  ...{ securityProtocol: "authTypeSsl", ...over },
});

async function check(over: JsonObject) {
  const source = mysql.source.schema.parse(properties(over));
  const steps = (await mysql.check?.(source, AbortSignal.timeout(patience(1_000)))) ?? [];
  expect(JSON.stringify(steps)).not.toContain(server.password);
  return { steps, names: steps.map(({ name, ok }) => (ok ? name : `${name}!`)), last: steps.at(-1) };
}

/** The cipher of a connection as jobs make it; empty = plain text. */
async function cipherOf(over: JsonObject): Promise<string> {
  const client = await connectMysql(mysqlSourceSchema.parse(properties(over)), { use: "read" });
  const { rows } = await client.query("SHOW STATUS LIKE 'Ssl_cipher'");
  await client.close();
  return rows[0]?.[1] ?? "";
}

const allSteps = ["resolve", "connect", "tls", "login", "exists", "read"];

test("a certificate of a known authority, made for the host's name, is accepted", async () => {
  expect((await check({ sslCa: ca })).names).toEqual(allSteps);
  expect(await cipherOf({ sslCa: ca })).not.toBe("");
  expect(await cipherOf({ securityProtocol: "authTypeNone" })).toBe("");
});

test("TLS is done where the server offers it and nobody says otherwise, and the login tells which", async () => {
  const unsaid = { securityProtocol: undefined } as unknown as JsonObject;
  const loginOf = async (over: JsonObject) => {
    const { steps } = await check({ ...unsaid, ...over });
    return steps.find(({ name }) => name === "login")?.message;
  };
  expect(await loginOf({})).toMatch(/^the account is accepted; TLSv1\.3, cipher TLS_\S+, certificate not checked$/);
  expect(await loginOf({ properties: { sslMode: "PREFERRED" } })).toContain("TLSv1.3");
  const url = `jdbc:mysql://localhost:${server.port}/shop`;
  expect(await loginOf({ jdbcUrl: url })).toContain("TLSv1.3");
  for (const over of [{ properties: { sslMode: "DISABLED" } }, { jdbcUrl: `${url}?useSSL=false` }, { ssl: false }])
    expect(await loginOf(over)).toBe("the account is accepted; not encrypted");
  expect(await cipherOf({ ...unsaid })).not.toBe("");
  expect((await check({ ...unsaid, sslCa: ca })).steps[2]?.message).toMatch(
    /^TLSv1\.3, cipher \S+, certificate accepted$/,
  );
});

test("a server without TLS is logged in to without it where it is only preferred", async () => {
  const { host, port, user, password } = parseMysqlUrl(inject("mysql"));
  const plain = { host, port, database: "mysql", username: user, password, securityProtocol: undefined };
  const { steps } = await check(plain as unknown as JsonObject);
  expect(steps.find(({ name }) => name === "login")?.message).toBe("the account is accepted; not encrypted");
});

test("a certificate of an unknown authority is refused, in the test and in jobs, unless nobody asks", async () => {
  const { names, last } = await check({});
  expect(names).toEqual(["resolve", "connect", "tls!"]);
  expect(last?.hint).toContain("sslCa");
  await expect(cipherOf({})).rejects.toMatchObject({ code: "SOURCE_REFUSED", recovery: "fix" });
  expect((await check({ sslVerify: false })).names).toEqual(allSteps);
  expect(await cipherOf({ sslVerify: false })).not.toBe("");
});

test("a certificate that was made for another name is refused, however well it is known", async () => {
  await show("DNS:db.example");
  const { names, last } = await check({ sslCa: ca });
  expect(names).toEqual(["resolve", "connect", "tls!"]);
  expect(last?.hint).toContain("name it was made for");
  await expect(cipherOf({ sslCa: ca })).rejects.toMatchObject({ code: "SOURCE_REFUSED", recovery: "fix" });
  expect((await check({ sslCa: ca, sslVerify: false })).names).toEqual(allSteps);
});

test("an account that requires TLS is let in with it", async () => {
  await admin.query("DROP USER IF EXISTS careful");
  await admin.query("CREATE USER careful IDENTIFIED BY 'careful-secret' REQUIRE SSL");
  await admin.query("GRANT SELECT ON shop.* TO careful");
  const account = { username: "careful", password: "careful-secret" };
  expect((await check({ ...account, sslCa: ca })).names).toEqual(allSteps);
  expect((await check({ ...account, securityProtocol: "authTypeNone" })).names.at(-1)).toBe("login!");
});

test("an account of MariaDB's plugin ed25519 is told apart from a wrong password and from a fault of ours", async () => {
  await admin.query("INSTALL SONAME 'auth_ed25519'");
  await admin.query("CREATE OR REPLACE USER signer IDENTIFIED VIA ed25519 USING PASSWORD('signer-secret')");
  const account = { username: "signer", password: "signer-secret", sslCa: ca };
  const { names, last } = await check(account);
  expect(names.at(-1)).toBe("login!");
  expect(last?.message).toContain("client_ed25519");
  expect(last?.hint).toContain("mysql_native_password");
  await expect(cipherOf(account)).rejects.toMatchObject({ code: "ACCESS_DENIED", recovery: "fix" });
});

test("a password in a variable of the functions opens the connection", async () => {
  process.env.SLUICE_SECRET_TLS_SHOP = server.password;
  const { names } = await check({ password: "", passwordEnv: "SLUICE_SECRET_TLS_SHOP", sslCa: ca });
  delete process.env.SLUICE_SECRET_TLS_SHOP;
  expect(names).toEqual(allSteps);
  const { names: later, last } = await check({ password: "", passwordEnv: "SLUICE_SECRET_TLS_SHOP", sslCa: ca });
  expect(later.at(-1)).toMatch(/!$/);
  expect(last?.message).toContain("SLUICE_SECRET_TLS_SHOP");
});

test("a server without TLS is told apart from one whose certificate is bad", async () => {
  const { host, port, user, password } = parseMysqlUrl(inject("mysql"));
  const plain = { host, port, database: "mysql", username: user, password, sslVerify: false };
  const { names, last } = await check(plain);
  expect(names).toEqual(["resolve", "connect", "tls!"]);
  expect(last?.hint).toContain("Switch TLS on");
});
