import { expect, test } from "vitest";
import { mysqlFromInline } from "../../../../../shared/connectors/mysql/jdbc.js";
import { optionWarnings } from "../../../../../shared/connectors/mysql/jdbc-options.js";
import { mysqlSourceSchema, sourceWarnings } from "../../../../../shared/connectors/mysql/source.js";

test.each([
  [{ useUnicode: "true", characterEncoding: "UTF-8", useSSL: "false", allowMultiQueries: "true" }],
  [{ CHARACTERENCODING: "utf8", tinyInt1isBit: "false", yearIsDateType: "false", sslMode: "REQUIRED" }],
  [{ zeroDateTimeBehavior: "convertToNull", connectTimeout: "500" }],
  [{}],
])("options that do here what they say draw no warning: %j", (options) => {
  expect(optionWarnings(options)).toEqual([]);
});

test.each([
  ["tinyInt1isBit", "true", /TINYINT\(1\) is read as a number/],
  ["zeroDateTimeBehavior", "round", /zero date is read as it is/],
  ["socketTimeout", "60000", /as long as the run/],
  ["autoReconnect", "true", /the split goes on by another/],
  ["jdbcCompliantTruncation", "false", /nothing is cut/],
  ["maxRows", "100", /all rows are read/],
  ["sslCa", "/etc/ca.pem", /sslCa, sslCert and sslKey of a registered data source/],
  ["characterEncoding", "GBK", /arrives unchanged/],
  ["emptyStringsConvertToZero", "true", /is no zero/],
  ["useAffectedRows", "true", /count as written/],
  ["password", "topsecret", /of the property password/],
])("option %s=%s is told by name, with what happens in its stead and without its value", (name, value, expected) => {
  const [warning = "", ...others] = optionWarnings({ [name]: value });
  expect(warning).toMatch(expected);
  expect(warning).toContain(`option ${name} `);
  expect(warning).not.toContain(value === "true" || value === "round" ? "=" : value);
  expect(others).toEqual([]);
});

test("options that mean nothing here are listed once", () => {
  expect(
    optionWarnings({ rewriteBatchedStatements: "true", useCursorFetch: "true", noAccessToProcedureBodies: "true" }),
  ).toEqual([
    "options of the JDBC URL that change nothing here: rewriteBatchedStatements, useCursorFetch, noAccessToProcedureBodies",
  ]);
});

test("a DataX job is warned at its URL, a registered data source by its URL and its properties alike", () => {
  const jdbcUrl = "jdbc:mysql://h/d?autoReconnect=true&useCompression=true";
  const taken = mysqlFromInline({ username: "u", password: "p", connection: [{ jdbcUrl: [jdbcUrl], table: ["t"] }] });
  expect(taken?.warnings).toMatchObject([
    { path: "connection[0].jdbcUrl", message: expect.stringContaining("autoReconnect") },
    { path: "connection[0].jdbcUrl", message: expect.stringContaining("useCompression") },
  ]);
  expect(sourceWarnings({ jdbcUrl })).toHaveLength(2);
  expect(sourceWarnings({ host: "h", properties: { autoReconnect: true } })).toHaveLength(1);
  expect(sourceWarnings({ host: "h" })).toEqual([]);
});

test.each([
  "jdbc:mysql://h:3307",
  "jdbc:mysql://h:3307/",
  "jdbc:mysql://h:3307?useSSL=true",
  "jdbc:mysql://h:3307/?a=b",
])("%s names no database, which then is the tables' own", (jdbcUrl) => {
  const taken = mysqlFromInline({ username: "u", password: "p", connection: [{ jdbcUrl, table: ["d.t"] }] });
  expect(mysqlSourceSchema.parse(taken?.sources.inline_1)).toMatchObject({
    addresses: [{ host: "h", port: 3307 }],
    database: "",
  });
  expect(mysqlSourceSchema.parse({ jdbcUrl, username: "u" })).toMatchObject({ database: "" });
  expect(mysqlSourceSchema.parse({ jdbcUrl, username: "u", database: "d" })).toMatchObject({ database: "d" });
});

test("a password in a URL is told of, and neither kept nor repeated", () => {
  const jdbcUrl = "jdbc:mysql://h/d?autoReconnect=true&password=hush&trustCertificateKeyStorePassword=hush";
  const taken = mysqlFromInline({ username: "u", password: "p", connection: [{ jdbcUrl, table: ["t"] }] });
  expect(JSON.stringify(taken)).not.toContain("hush");
  expect(taken?.warnings?.map(({ message }) => message).join()).toMatch(/option password .* is not honoured/);
});

test("requireSSL asks for TLS, as useSSL does, in whatever case", () => {
  const taken = mysqlFromInline({
    username: "u",
    connection: [{ jdbcUrl: "jdbc:mysql://h/d?REQUIRESSL=TRUE", table: ["t"] }],
  });
  expect(mysqlSourceSchema.parse(taken?.sources.inline_1).tls).toEqual({ verify: false });
});
