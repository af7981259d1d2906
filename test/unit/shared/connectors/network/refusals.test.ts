import { expect, test } from "vitest";
import { explainLogin } from "../../../../../shared/connectors/mysql/check.js";
import { textToSign } from "../../../../../shared/connectors/odps/wire/signature.js";
import { explainOracle } from "../../../../../shared/connectors/oracle/check.js";
import { explainPostgresql } from "../../../../../shared/connectors/postgresql/check.js";
import { explainSqlserver } from "../../../../../shared/connectors/sqlserver/check.js";
import { SqlserverRefusal } from "../../../../../shared/connectors/sqlserver/client.js";

const source = {
  addresses: [{ host: "db1", port: 1 }],
  database: "shop",
  username: "reader",
  password: "p",
  passwordEnv: null,
  tls: null,
  connectTimeoutMs: 1000,
  nullsZeroDates: false,
};

test.each([
  ["28P01", "password authentication failed", "login", /password/],
  ["3D000", 'database "shop" does not exist', "exists", /no database shop/],
  ["42501", 'permission denied for database "shop"', "exists", /GRANT CONNECT/],
  ["53300", "too many connections", "login", /later/],
  ["28000", 'no pg_hba.conf entry for host "10.0.0.1", no encryption', "tls", /authTypeSsl/],
  ["28000", 'no pg_hba.conf entry for host "10.0.0.1", SSL encryption', "login", /allow-list/],
  ["", "The server does not support SSL connections", "tls", /authTypeNone/],
])("PostgreSQL: %s %s belongs to %s", (code, message, step, hint) => {
  const fault = explainPostgresql(Object.assign(new Error(message), code ? { code } : {}), source);
  expect(fault).toMatchObject({ step, hint: expect.stringMatching(hint) });
});

test.each([
  [1045, "Access denied for user", "login", /password.*TLS/],
  [1044, "Access denied for user to database", "exists", /GRANT SELECT/],
  [1049, "Unknown database 'shop'", "exists", /no database shop/],
  [1130, "Host is not allowed to connect", "login", /allow-list/],
  [3159, "Connections using insecure transport are prohibited", "tls", /authTypeSsl/],
])("MySQL: %s %s belongs to %s", (errno, message, step, hint) => {
  const fault = explainLogin(Object.assign(new Error(message), { errno, code: "ER" }), source);
  expect(fault).toMatchObject({ step, hint: expect.stringMatching(hint) });
});

test.each([
  [[18456], "Login failed for user", "login", /password/],
  [[4060, 18456], "Cannot open database", "exists", /no database shop/],
  [[916], "not able to access the database", "exists", /user of database/],
  [[40615], "Client with IP address is not allowed", "login", /allow-list/],
  [[], "Server does not support encryption", "tls", /TLS/],
])("SQL Server: %s %s belongs to %s", (numbers, message, step, hint) => {
  const fault = explainSqlserver(new SqlserverRefusal(numbers, message, {}), source);
  expect(fault).toMatchObject({ step, hint: expect.stringMatching(hint) });
});

test.each([
  ["ORA-01017: invalid username/password; logon denied", "login", /password/],
  ["ORA-01045: user lacks CREATE SESSION privilege", "login", /CREATE SESSION/],
  ["NJS-518: cannot connect. Service x is not registered (similar to ORA-12514)", "exists", /service or SID/],
  ["ORA-12528: TNS:listener: all instances are blocking", "exists", /later/],
  ["NJS-505: unable to initiate TLS", "tls", /sslCa/],
])("Oracle: %s belongs to %s", (message, step, hint) => {
  expect(explainOracle(new Error(message), source)).toMatchObject({ step, hint: expect.stringMatching(hint) });
});

test("MaxCompute signs method, content headers, date, its own headers and the sorted resource, a line each", () => {
  const text = textToSign({
    method: "GET",
    resource: "/projects/shop/tables",
    query: { maxitems: "1", expectmarker: "true", tables: "" },
    headers: {
      date: "Thu, 01 Jan 1970 00:00:00 GMT",
      "x-odps-b": "2",
      "x-odps-a": "1",
      "authorization-sts-token": "t",
    },
  });
  expect(text.split("\n")).toEqual([
    "GET",
    "",
    "",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "x-odps-a:1",
    "x-odps-b:2",
    "/projects/shop/tables?expectmarker=true&maxitems=1&tables",
  ]);
});

test("grants that are advised can be run as they are, whatever the names", () => {
  const odd = { ...source, database: 'my-"shop`', username: "Reader" };
  const refusal = (more: object) => Object.assign(new Error("permission denied"), more);
  expect(explainPostgresql(refusal({ code: "42501" }), odd).hint).toBe(
    'GRANT CONNECT ON DATABASE "my-""shop`" TO "Reader".',
  );
  expect(explainPostgresql(refusal({ code: "42501" }), source).hint).toBe("GRANT CONNECT ON DATABASE shop TO reader.");
  expect(explainLogin(refusal({ errno: 1044, code: "ER" }), odd).hint).toBe(
    'GRANT SELECT ON `my-"shop```.* TO Reader.',
  );
});
