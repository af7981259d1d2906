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
  expect(mysqlSourceSchema.safeParse(base).error?.issues).toMatchObject([
    { path: ["address"], message: "required: host and port, or a jdbcUrl" },
  ]);
  expect(mysqlSourceSchema.safeParse({ ...base, instanceId: "rm-1" }).error?.issues[0]?.message).toMatch(
    /give the instance's address/,
  );
});

test("a URL stands in place of address and database, may leave the database open, and has a length", () => {
  const account = { username: "u", password: "p" };
  const parse = (given: object) => mysqlSourceSchema.safeParse({ ...account, ...given });
  const url = "jdbc:mysql://b:3307/other?connecttimeout=2000&useSSL=false";
  expect(parse({ host: "a", database: "shop", jdbcUrl: url }).data).toMatchObject({
    ...{ addresses: [{ host: "b", port: 3307 }], database: "other", connectTimeoutMs: 2000, tls: null },
    prefersTls: false,
  });
  expect(parse({ jdbcUrl: "jdbc:mysql://b" }).data).toMatchObject({ database: "" });
  expect(parse({ jdbcUrl: "jdbc:mysql://b", database: "shop" }).data).toMatchObject({ database: "shop" });
  expect(parse({ host: "b" }).error?.issues).toMatchObject([{ path: ["database"], message: "required" }]);
  expect(parse({ jdbcUrl: `jdbc:mysql://b/shop?x=${"y".repeat(4000)}` }).error?.issues[0]?.path).toEqual(["jdbcUrl"]);
});
