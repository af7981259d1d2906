import { describe, expect, test } from "vitest";
import { oracleSource, parseOracleUrl } from "../../../../../shared/connectors/oracle/source.js";

const cluster =
  "jdbc:oracle:thin:@(DESCRIPTION=(LOAD_BALANCE=on)(ADDRESS_LIST=(ADDRESS=(PROTOCOL=TCP)(HOST=rac1)(PORT=1521))(ADDRESS = (PROTOCOL = TCP)(HOST = rac2)(PORT = 1522)))(CONNECT_DATA=(SERVER=DEDICATED)(SERVICE_NAME=shop)))";
const account = { username: "reader", password: "p" };

describe("a descriptor", () => {
  test("gives all its addresses in order, and the service", () => {
    expect(parseOracleUrl(cluster)).toEqual({
      address: [
        { host: "rac1", port: 1521 },
        { host: "rac2", port: 1522 },
      ],
      ...{ database: "shop", options: { protocol: "tcp" } },
    });
    expect(oracleSource.schema.parse({ jdbcUrl: cluster, ...account })).toMatchObject({ isSid: false, tls: null });
  });

  test("may name a SID, or TLS", () => {
    const one = (address: string, data: string) =>
      oracleSource.schema.parse({
        jdbcUrl: `jdbc:oracle:thin:@(DESCRIPTION=${address}(CONNECT_DATA=${data}))`,
        ...account,
      });
    expect(one("(ADDRESS=(PROTOCOL=tcp)(HOST=a)(PORT=1521))", "(SID=ORCL)")).toMatchObject({
      isSid: true,
      database: "ORCL",
    });
    expect(one("(ADDRESS=(PROTOCOL=tcps)(HOST=a)(PORT=2484))", "(SERVICE_NAME=s)")).toMatchObject({
      tls: { verify: true },
    });
  });

  test.each([
    ["(DESCRIPTION=(ADDRESS=(HOST=secret)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=s))", /parentheses/],
    ["(DESCRIPTION=(ADDRESS=(HOST=secret)(PORT=99999))(CONNECT_DATA=(SERVICE_NAME=s)))", /valid host and port/],
    ["(DESCRIPTION=(ADDRESS=(HOST=secret)(PORT=1521)))", /neither SERVICE_NAME nor SID/],
    ["(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=secret)))", /no ADDRESS/],
    ["(DESCRIPTION=(ADDRESS=(PROTOCOL=ipc)(HOST=a)(KEY=secret))(CONNECT_DATA=(SID=s)))", /other protocols/],
    [`(${"A=(".repeat(40)}${")".repeat(40)})`, /too deep/],
  ])("%s is refused without being repeated", (text, words) => {
    expect(() => parseOracleUrl(`jdbc:oracle:thin:@${text}`)).toThrow(words);
    expect(() => parseOracleUrl(`jdbc:oracle:thin:@${text}`)).not.toThrow(/secret/);
  });
});

test("database is a service, or a SID where the data source says so", () => {
  const of = (more: object) => oracleSource.schema.parse({ host: "a", database: "x", ...account, ...more });
  expect(of({})).toMatchObject({ isSid: false });
  expect(of({ databaseIs: "sid" })).toMatchObject({ isSid: true });
});

test("a DataX connection becomes a data source that finds the same database", () => {
  const parameter = { ...account, connection: [{ jdbcUrl: ["jdbc:oracle:thin:@db1:1521:ORCL"], table: ["T"] }] };
  const { sources = {} } = oracleSource.fromInline?.(parameter) ?? {};
  expect(oracleSource.schema.parse(sources.inline_1)).toMatchObject({
    ...{ addresses: [{ host: "db1", port: 1521 }], database: "ORCL", isSid: true },
  });
});
