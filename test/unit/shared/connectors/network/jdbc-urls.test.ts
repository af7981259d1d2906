import { expect, test } from "vitest";
import { parseDb2Url } from "../../../../../shared/connectors/db2/source.js";
import { parseMysqlUrl } from "../../../../../shared/connectors/network/mysql-url.js";
import { parseOracleUrl } from "../../../../../shared/connectors/oracle/source.js";
import { parsePostgresqlUrl } from "../../../../../shared/connectors/postgresql/jdbc-url.js";
import { loadConnector } from "../../../../../shared/connectors/registry.js";
import { parseSqlserverUrl } from "../../../../../shared/connectors/sqlserver/jdbc-url.js";
import { growth, LINEAR } from "../../../growth.js";

const place = ({ address, database }: ReturnType<typeof parseMysqlUrl>) =>
  `${address.map(({ host, port }) => `${host}:${port}`).join(",")} ${database}`;

test.each([
  [parsePostgresqlUrl, "jdbc:postgresql://db1:5433/shop", "db1:5433 shop"],
  [parsePostgresqlUrl, "jdbc:postgresql://db1,db2:6000/shop?sslmode=require", "db1:5432,db2:6000 shop"],
  [parsePostgresqlUrl, "jdbc:postgresql://[2001:db8::1]:5432/my%20shop", "2001:db8::1:5432 my shop"],
  [parseSqlserverUrl, "jdbc:sqlserver://db1:1434;databaseName=shop;encrypt=true", "db1:1434 shop"],
  [parseSqlserverUrl, "jdbc:sqlserver://db1;DatabaseName={my;shop}", "db1:1433 my;shop"],
  [parseSqlserverUrl, "jdbc:sqlserver://db1\\MAIN:1500;database=shop", "db1:1500 shop"],
  [parseOracleUrl, "jdbc:oracle:thin:@db1:1521:ORCL", "db1:1521 ORCL"],
  [parseOracleUrl, "jdbc:oracle:thin:@//db1:1522/shop.example.com", "db1:1522 shop.example.com"],
  [parseOracleUrl, "jdbc:oracle:thin:@db1/shop", "db1:1521 shop"],
  [parseOracleUrl, "jdbc:oracle:thin:@tcps://db1:2484/shop", "db1:2484 shop"],
  [parseDb2Url, "jdbc:db2://db1:50001/SHOP:sslConnection=true;", "db1:50001 SHOP"],
  [parseDb2Url, "jdbc:db2://db1/SHOP", "db1:50000 SHOP"],
  [parseMysqlUrl, "jdbc:mysql://ads1:10101/shop?useUnicode=true", "ads1:10101 shop"],
  [parseMysqlUrl, "jdbc:mariadb:aurora://db1,[::1]:3307/my%20shop", "db1:3306,::1:3307 my shop"],
  [parseMysqlUrl, "jdbc:oceanbase://db1", "db1:3306 "],
])("%o reads %s", (parse, url, expected) => {
  expect(place(parse(url))).toBe(expected);
});

test.each([
  [parsePostgresqlUrl, "jdbc:postgresql://db1:5433"],
  [parsePostgresqlUrl, "postgres://user:secret@db1/shop"],
  [parsePostgresqlUrl, "jdbc:postgresql://user:secret@db1/shop"],
  [parsePostgresqlUrl, "jdbc:postgresql://db1:99999/shop"],
  [parseSqlserverUrl, "jdbc:sqlserver://db1\\MAIN;databaseName=shop"],
  [parseSqlserverUrl, "jdbc:mysql://secret/shop"],
  [parseOracleUrl, "jdbc:oracle:thin:scott/secret@db1:1521:ORCL"],
  [parseOracleUrl, "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=secret)))"],
  [parseOracleUrl, "jdbc:oracle:thin:@tnsname"],
  [parseDb2Url, "jdbc:db2:secret"],
  [parseMysqlUrl, "jdbc:mysql:ads1/shop"],
])("%o refuses %s without repeating it", (parse, url) => {
  expect(() => parse(url)).toThrow(/^(is|has|names) /);
  expect(() => parse(url)).not.toThrow(/secret/);
});

const account = { username: "reader", password: "p" };
const urls = {
  mysql: "jdbc:mysql://db1:3307/shop",
  postgresql: "jdbc:postgresql://db1:3307/shop",
  sqlserver: "jdbc:sqlserver://db1:3307;databaseName=shop",
  oracle: "jdbc:oracle:thin:@//db1:3307/shop",
  db2: "jdbc:db2://db1:3307/shop",
  ads: "jdbc:mysql://db1:3307/shop",
};

test.each(Object.entries(urls))("a %s source is the same by URL and by host and port", async (type, jdbcUrl) => {
  const { schema } = (await loadConnector(type)).source;
  // A URL may say more than where the server is.
  const parse = (given: object) => ({ ...(schema.parse({ ...account, ...given }) as object), options: {} });
  const byUrl = parse({ jdbcUrl });
  expect(byUrl).toEqual(parse({ host: "db1", port: "3307", database: "shop" }));
  expect(byUrl).toMatchObject({ addresses: [{ host: "db1", port: 3307 }], database: "shop" });
});

test.each(Object.entries(urls))(
  "a %s source refuses a password in the URL, a bad URL, and no address",
  async (type, url) => {
    const { schema } = (await loadConnector(type)).source;
    const refusal = (properties: object): string => {
      const { error } = schema.safeParse({ ...account, ...properties });
      return JSON.stringify(error?.issues ?? []);
    };
    const separator = { sqlserver: ";", db2: ":", oracle: "?" }[type] ?? "?";
    const withPassword = refusal({ jdbcUrl: `${url}${separator}password=tell-nobody` });
    expect(withPassword).toContain("jdbcUrl");
    expect(withPassword).not.toContain("tell-nobody");
    expect(refusal({ jdbcUrl: "jdbc:nothing://tell-nobody" })).toContain("jdbcUrl");
    expect(refusal({ jdbcUrl: "jdbc:nothing://tell-nobody" })).not.toContain("tell-nobody");
    expect(refusal({ database: "shop" })).toContain("required");
    expect(refusal({ host: "db1", database: "shop", surprise: 1 })).toContain("surprise");
  },
);

test.each(Object.entries(urls))(
  "a %s source takes the time that the length of a URL allows",
  async (type, url) => {
    const { schema } = (await loadConnector(type)).source;
    const parse = (count: number) => {
      for (const part of ["a", "a=", "={", ";", ":", "@", "@:", "/", "(", "[", ",", "?", "&", "%"])
        for (const start of [
          url,
          `${url};`,
          `${url}?`,
          `${url}:`,
          "jdbc:oracle:thin:@",
          "jdbc:mysql://",
          "jdbc:sqlserver://",
        ])
          schema.safeParse({ ...account, jdbcUrl: `${start}${part.repeat(count)}` });
    };
    expect(growth(6_250, parse)).toBeLessThan(LINEAR);
  },
  60_000,
);

test("a URL may ask for TLS, and a SID is told from a service", async () => {
  const parsed = async (type: string, jdbcUrl: string) =>
    (await loadConnector(type)).source.schema.parse({ ...account, jdbcUrl });
  const tls = { tls: { verify: true } };
  expect(await parsed("postgresql", "jdbc:postgresql://db1/shop?sslmode=verify-full")).toMatchObject(tls);
  expect(await parsed("postgresql", "jdbc:postgresql://db1/shop")).toMatchObject({ tls: null });
  expect(await parsed("sqlserver", "jdbc:sqlserver://db1;databaseName=shop;encrypt=true")).toMatchObject(tls);
  expect(await parsed("oracle", "jdbc:oracle:thin:@tcps://db1:2484/shop")).toMatchObject({ ...tls, isSid: false });
  expect(await parsed("oracle", "jdbc:oracle:thin:@db1:1521:ORCL")).toMatchObject({ tls: null, isSid: true });
  expect(await parsed("db2", "jdbc:db2://db1:50001/SHOP:sslConnection=true;")).toMatchObject(tls);
});

test("a password may stand in a variable of the functions, and only in one meant for that", async () => {
  const { schema } = (await loadConnector("postgresql")).source;
  const source = { username: "reader", host: "db1", database: "shop" };
  expect(schema.parse({ ...source, passwordEnv: "SLUICE_SECRET_SHOP" })).toMatchObject({
    passwordEnv: "SLUICE_SECRET_SHOP",
  });
  expect(schema.safeParse({ ...source, passwordEnv: "SLUICE_MASTER_KEY" }).success).toBe(false);
  expect(schema.safeParse({ ...source, password: "p", passwordEnv: "SLUICE_SECRET_SHOP" }).success).toBe(false);
});
