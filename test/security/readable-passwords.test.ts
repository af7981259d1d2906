import { constants, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { connectMysql } from "../../shared/connectors/mysql/client.js";
import { mysqlSourceSchema } from "../../shared/connectors/mysql/source.js";
import { loadConnector } from "../../shared/connectors/registry.js";
import type { JsonObject } from "../../shared/model/json.js";
import {
  type FakeLogin,
  fakeLogin,
  mysqlAuthSwitch,
  mysqlChallenge,
  mysqlGreeting,
  mysqlPacket,
} from "../servers/fake-logins.js";

const password = "the-secret-7";
const opened: FakeLogin[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function server(...talk: Parameters<typeof fakeLogin>): Promise<FakeLogin> {
  const made = await fakeLogin(...talk);
  opened.push(made);
  return made;
}

/** The connectivity test of a data source that says nothing of TLS but what `over` says. */
async function check(type: string, { port }: FakeLogin, over: JsonObject = {}) {
  const { source, check: run } = await loadConnector(type);
  const given = { host: "127.0.0.1", port, database: "d", username: "u", password, ...over };
  const steps = (await run?.(source.schema.parse(given), AbortSignal.timeout(3_000))) ?? [];
  return { last: steps.at(-1), names: steps.map(({ name, ok }) => (ok ? name : `${name}!`)) };
}

const holdsPassword = ({ received }: FakeLogin): boolean => {
  const all = Buffer.concat(received);
  // SQL Server's protocol swaps the halves of each byte of UTF-16 and turns some bits.
  const swapped = Buffer.from(password, "utf16le").map((byte) => (((byte << 4) | (byte >> 4)) & 0xff) ^ 0xa5);
  return all.includes(password) || all.includes(Buffer.from(swapped));
};

/** Full authentication, then a key that whoever stands in between has made. */
const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const key = (sequence: number) => mysqlPacket(sequence, 1, publicKey);

const mysqlTalks: [plugin: string, ...talk: Parameters<typeof fakeLogin>][] = [
  [
    "caching_sha2_password",
    mysqlGreeting("caching_sha2_password"),
    mysqlAuthSwitch(2, "caching_sha2_password"),
    mysqlPacket(4, 1, 4),
    key(6),
  ],
  [
    "caching_sha2_password, by a switch",
    mysqlGreeting("mysql_native_password"),
    mysqlAuthSwitch(2, "caching_sha2_password"),
    mysqlPacket(4, 1, 4),
    key(6),
  ],
  ["sha256_password", mysqlGreeting("sha256_password"), mysqlAuthSwitch(2, "sha256_password"), key(4)],
  ["mysql_clear_password", mysqlGreeting("mysql_clear_password"), mysqlAuthSwitch(2, "mysql_clear_password")],
];

/** The password, if the server's owner can get at it. */
function opensWithKey({ received }: FakeLogin): boolean {
  return received.some((data) => {
    try {
      const sent = data.subarray(4, 4 + 256);
      const hidden = privateDecrypt(
        { key: privateKey, oaepHash: "sha1", padding: constants.RSA_PKCS1_OAEP_PADDING },
        sent,
      );
      const plain = hidden.map((byte, i) => byte ^ (mysqlChallenge[i % mysqlChallenge.length] ?? 0));
      return Buffer.from(plain).toString() === `${password}\0`;
    } catch {
      return false;
    }
  });
}

describe("a server without TLS", () => {
  it.each(mysqlTalks)("of MySQL gets no password that it can read by %s", async (_, ...talk) => {
    for (const type of ["mysql", "ads"]) {
      const fake = await server(...talk);
      const { names, last } = await check(type, fake);
      expect(names).toEqual(["resolve", "connect", "login!"]);
      expect(last?.message).toContain("asks for the password itself");
      expect([holdsPassword(fake), opensWithKey(fake)]).toEqual([false, false]);
    }
  });

  it("of MySQL gets it where the data source allows its key, by either way of saying so", async () => {
    const [[, ...talk] = ["", null]] = mysqlTalks;
    for (const over of [{ properties: { allowPublicKeyRetrieval: "true" } }, { jdbcUrl: "" }]) {
      const fake = await server(...talk);
      const url = `jdbc:mysql://127.0.0.1:${fake.port}/d?allowPublicKeyRetrieval=true`;
      const checking = check("mysql", fake, "jdbcUrl" in over ? { jdbcUrl: url } : over);
      await expect.poll(() => opensWithKey(fake)).toBe(true);
      expect(holdsPassword(fake)).toBe(false);
      fake.close();
      await checking;
    }
  });

  it("of MySQL names both ways out", async () => {
    const [[, ...talk] = ["", null]] = mysqlTalks;
    const { last } = await check("mysql", await server(...talk));
    expect(last?.hint).toMatch(/TLS.*allowPublicKeyRetrieval=true/);
  });

  it("of MariaDB that wants an ed25519 signature is told apart, as the account's fault", async () => {
    const source = { host: "127.0.0.1", database: "d", username: "u", password };
    for (const type of ["mysql", "ads"]) {
      const fake = await server(mysqlGreeting("mysql_native_password"), mysqlAuthSwitch(2, "client_ed25519"));
      const { last } = await check(type, fake);
      expect(last).toMatchObject({ name: "login", ok: false, message: expect.stringContaining("client_ed25519") });
      expect(last?.message).not.toMatch(/TODO/);
      expect(last?.hint).toContain("mysql_native_password");
      expect(holdsPassword(fake)).toBe(false);
    }
    const fake = await server(mysqlGreeting("mysql_native_password"), mysqlAuthSwitch(2, "client_ed25519"));
    const connecting = connectMysql(mysqlSourceSchema.parse({ ...source, port: fake.port }), { use: "read" });
    await expect(connecting).rejects.toMatchObject({ code: "ACCESS_DENIED", recovery: "fix" });
  });

  const readablePlease = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
  const md5Please = Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]);

  it.each([
    ["at once", [Buffer.from("N"), readablePlease]],
    ["after a hash", [Buffer.from("N"), md5Please, readablePlease]],
  ])("of PostgreSQL gets no readable password, asked for %s", async (_, answers) => {
    // TLS is declined and the next connection begins without it.
    const fake = await server(null, ...answers);
    const { last } = await check("postgresql", fake);
    expect(last).toMatchObject({ name: "login", ok: false, hint: expect.stringContaining("require_auth=password") });
    expect(holdsPassword(fake)).toBe(false);
  });

  it("of PostgreSQL gets it where the data source says so", async () => {
    const fake = await server(null, Buffer.from("N"), readablePlease);
    const checking = check("postgresql", fake, { properties: { require_auth: "password" } });
    await expect.poll(() => holdsPassword(fake)).toBe(true);
    fake.close();
    await checking;
  });

  it.each([{}, { securityProtocol: "authTypeSsl" }])("of SQL Server gets no login at all: %j", async (over) => {
    const fake = await server(null, preloginWithoutEncryption());
    const { last } = await check("sqlserver", fake, over);
    expect(last).toMatchObject({ name: "tls", ok: false, hint: expect.stringContaining("encrypt=false") });
    expect(fake.received).toHaveLength(1);
    expect(holdsPassword(fake)).toBe(false);
  });
});

/** The answer by which a server says that it does no encryption at all. */
function preloginWithoutEncryption(): Buffer {
  const options = Buffer.of(0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff);
  const body = Buffer.concat([options, Buffer.of(15, 0, 0, 0, 0, 0), Buffer.of(2)]);
  return Buffer.concat([Buffer.of(4, 1, 0, body.length + 8, 0, 0, 1, 0), body]);
}
