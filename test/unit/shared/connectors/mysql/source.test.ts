import { expect, test } from "vitest";
import { mysqlSourceSchema } from "../../../../../shared/connectors/mysql/source.js";

const base = { database: "shop", username: "u", password: "p" };

test("an address list and a single host mean the same, with 3306 as the port", () => {
  const listed = mysqlSourceSchema.parse({ ...base, address: [{ host: "a" }, { host: "b", port: "3307" }] });
  expect(listed.addresses).toEqual([
    { host: "a", port: 3306 },
    { host: "b", port: 3307 },
  ]);
  expect(mysqlSourceSchema.parse({ ...base, host: "a", port: 3308 }).addresses).toEqual([{ host: "a", port: 3308 }]);
});

test("TLS is off unless asked for, and then the server's certificate must be trusted", () => {
  expect(mysqlSourceSchema.parse({ ...base, host: "a" }).tls).toBeNull();
  expect(mysqlSourceSchema.parse({ ...base, host: "a", securityProtocol: "authTypeSsl" }).tls).toEqual({
    verify: true,
  });
  expect(mysqlSourceSchema.parse({ ...base, host: "a", ssl: "true", sslVerify: false, sslCa: "PEM" }).tls).toEqual({
    verify: false,
    ca: "PEM",
  });
});

test("the connect time-out comes from the driver options", () => {
  expect(mysqlSourceSchema.parse({ ...base, host: "a", properties: { connectTimeout: "2000" } }).connectTimeoutMs).toBe(
    2000,
  );
  expect(mysqlSourceSchema.parse({ ...base, host: "a" }).connectTimeoutMs).toBe(10_000);
});

test("unknown properties, a missing address and an instance without address are refused", () => {
  expect(mysqlSourceSchema.safeParse({ ...base, host: "a", hots: "b" }).success).toBe(false);
  expect(mysqlSourceSchema.safeParse(base).error?.issues).toMatchObject([{ path: ["address"], message: "required" }]);
  expect(mysqlSourceSchema.safeParse({ ...base, instanceId: "rm-1" }).error?.issues[0]?.message).toMatch(
    /give the instance's address/,
  );
});
