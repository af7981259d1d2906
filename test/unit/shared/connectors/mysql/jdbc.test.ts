import { expect, test } from "vitest";
import { mysqlFromInline } from "../../../../../shared/connectors/mysql/jdbc.js";
import { mysqlSourceSchema } from "../../../../../shared/connectors/mysql/source.js";

test("a DataX reader's alternatives become one data source with several addresses", () => {
  const taken = mysqlFromInline({
    username: "u",
    password: "p",
    column: ["id"],
    connection: [
      { jdbcUrl: ["jdbc:mysql://a:3307/shop?useSSL=false", "jdbc:mysql://b/shop"], table: ["t"] },
      { jdbcUrl: ["jdbc:mariadb://c:3308,d/other?connectTimeout=500"], table: ["t"] },
    ],
  });
  expect(taken?.parameter).toEqual({
    column: ["id"],
    connection: [
      { datasource: "inline_1", table: ["t"] },
      { datasource: "inline_2", table: ["t"] },
    ],
  });
  const sources = Object.values(taken?.sources ?? {}).map((source) => mysqlSourceSchema.parse(source));
  expect(sources[0]).toMatchObject({
    addresses: [
      { host: "a", port: 3307 },
      { host: "b", port: 3306 },
    ],
    database: "shop",
    username: "u",
    password: "p",
    tls: null,
  });
  expect(sources[1]).toMatchObject({ addresses: [{ host: "c" }, { host: "d" }], connectTimeoutMs: 500 });
});

test.each([
  ["jdbc:mysql://h/d?useSSL=true", { verify: false }],
  ["jdbc:mysql://h/d?useSSL=true&verifyServerCertificate=true", { verify: true }],
  ["jdbc:mysql://h/d?sslMode=VERIFY_CA", { verify: true }],
  ["jdbc:mysql://h/d?sslMode=PREFERRED&useSSL=true", null],
  ["jdbc:mysql://[::1]:3306/d", null],
])("a DataX writer's URL %s is understood", (jdbcUrl, tls) => {
  const taken = mysqlFromInline({ username: "u", password: "p", connection: [{ jdbcUrl, table: ["t"] }] });
  expect(mysqlSourceSchema.parse(taken?.sources.inline_1).tls).toEqual(tls);
});

test("a parameter without JDBC URL is left alone", () => {
  expect(mysqlFromInline({ datasource: "a", table: "t" })).toBeNull();
  expect(mysqlFromInline({ connection: [{ datasource: "a", table: ["t"] }] })).toBeNull();
});

test.each(["jdbc:oracle:thin:@h:1521:x", "jdbc:mysql://h:0/d?password=secret", "h:3306/d", 5])(
  "the URL %j is refused at its place, without being repeated",
  (jdbcUrl) => {
    const connection = [
      { jdbcUrl: "jdbc:mysql://h/d", table: ["t"] },
      { jdbcUrl, table: ["t"] },
    ];
    expect(() => mysqlFromInline({ connection })).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        path: "connection[1].jdbcUrl",
        message: expect.not.stringContaining("secret"),
      }),
    );
  },
);

test("an alternative that cannot be one is passed over with a word, as DataX passes over what does not answer", () => {
  const jdbcUrl = ["jdbc:mysql://a:port/farm", "jdbc:mysql://b/farm", "jdbc:mysql://c/barn", "jdbc:mysql://d/%zz"];
  const taken = mysqlFromInline({ username: "u", connection: [{ jdbcUrl, table: ["t"] }] });
  expect(mysqlSourceSchema.parse(taken?.sources.inline_1)).toMatchObject({
    addresses: [{ host: "b" }],
    database: "farm",
  });
  expect(taken?.warnings).toEqual([
    { path: "connection[0].jdbcUrl[0]", message: "jdbcUrl has no valid host and port; it is not tried" },
    {
      path: "connection[0].jdbcUrl[2]",
      message: "jdbcUrl names another database than the first one; alternatives share one; it is not tried",
    },
    {
      path: "connection[0].jdbcUrl[3]",
      message: "jdbcUrl is not of the form jdbc:mysql://host:port/database?options; it is not tried",
    },
  ]);
});

test("cluster and tenant of OceanBase, which DataX writes before the URL, belong to the user's name", () => {
  const jdbcUrl = "||_dsc_ob10_dsc_||herd:sheep||_dsc_ob10_dsc_||jdbc:oceanbase://proxy:2883/farm";
  const taken = mysqlFromInline({ username: "u", password: "p", connection: [{ jdbcUrl, table: ["t"] }] });
  expect(mysqlSourceSchema.parse(taken?.sources.inline_1)).toMatchObject({
    addresses: [{ host: "proxy", port: 2883 }],
    database: "farm",
    username: "u@sheep#herd",
  });
});
