import { describe, expect, test } from "vitest";
import { statementsOf } from "../../../../../shared/connectors/sql/text/statements.js";
import { readSql } from "../../../../../shared/connectors/sqlserver/column-type.js";
import type { SqlserverConnection } from "../../../../../shared/connectors/sqlserver/connection.js";
import { floatText, realText } from "../../../../../shared/connectors/sqlserver/float-text.js";
import { notOnlySqlserverSet } from "../../../../../shared/connectors/sqlserver/only-set.js";
import { asTable } from "../../../../../shared/connectors/sqlserver/query-table.js";
import { sampledSqlserverRanges } from "../../../../../shared/connectors/sqlserver/ranges.js";
import { sqlserverText } from "../../../../../shared/connectors/sqlserver/sql-text.js";
import { sqlserverStatements } from "../../../../../shared/connectors/sqlserver/statement-rules.js";
import type { SqlserverTable } from "../../../../../shared/connectors/sqlserver/table-info.js";
import { sqlserverNameParts, sqlserverWrittenTable } from "../../../../../shared/connectors/sqlserver/table-name.js";

describe("literals of keys", () => {
  test("are of the column's own type, lest the server compares by other rules than those of its index", () => {
    const { keyLiteral, keySql } = sqlserverText;
    expect(keyLiteral("-9223372036854775808", "integer")).toBe("-9223372036854775808");
    expect(keyLiteral("1 OR 1=1", "integer")).toBe("N'1 OR 1=1'");
    expect(keyLiteral("a-b'", "text", "varchar(40) COLLATE SQL_Latin1_General_CP1_CI_AS")).toBe(
      "CAST(N'a-b''' COLLATE SQL_Latin1_General_CP1_CI_AS AS varchar(40))",
    );
    expect(keyLiteral("你", "text")).toBe("N'你'");
    expect(keyLiteral("00112233-4455-6677-8899-AABBCCDDEEFF", "text", "uniqueidentifier")).toBe(
      "CAST(N'00112233-4455-6677-8899-AABBCCDDEEFF' AS uniqueidentifier)",
    );
    expect(keyLiteral("2024-02-29 12:00:00.123 +08:00", "datetime", "datetimeoffset(3)")).toBe(
      "CONVERT(datetimeoffset(3), N'2024-02-29 12:00:00.123 +08:00', 121)",
    );
    expect(keyLiteral("00ff", "bytes")).toBe("0x00ff");
    expect(keySql?.("v", "text", "varchar(40) COLLATE X")).toBe("CONVERT(nvarchar(4000), [v])");
    expect(keySql?.("m", "decimal", "money")).toBe("CONVERT(varchar(41), [m], 2)");
    expect(keySql?.("d", "datetime", "smalldatetime")).toBe("CONVERT(varchar(19), [d], 120)");
  });
});

describe("columns are selected as text where the driver would lose something", () => {
  test.each([
    ["decimal", "CONVERT(varchar(41), [c])"],
    ["money", "CONVERT(varchar(30), [c], 2)"],
    ["datetime2", "CONVERT(varchar(34), [c], 121)"],
    ["datetimeoffset", "CONVERT(varchar(34), [c], 121)"],
    ["date", "CONVERT(varchar(10), [c], 23)"],
    ["time", "CONVERT(varchar(16), [c])"],
    ["varchar", "CONVERT(nvarchar(4000), [c])"],
    ["xml", "CONVERT(nvarchar(max), [c])"],
    ["hierarchyid", "[c].ToString()"],
    ["geometry", "N'SRID=' + CONVERT(nvarchar(11), [c].STSrid) + N';' + [c].AsTextZM()"],
    ["vector", "CONVERT(nvarchar(max), [c])"],
    ["bigint", null],
    ["float", null],
    ["nvarchar", null],
    ["varbinary", null],
    ["uniqueidentifier", null],
  ])("%s: %s", (type, expected) => {
    expect(readSql(type, "[c]", { isLong: false })).toBe(expected);
  });

  test("a sql_variant is converted by the style of what is in it", () => {
    const sql = readSql("sql_variant", "[v]", { isLong: false }) ?? "";
    expect(sql).toContain("WHEN 'float' THEN CONVERT(nvarchar(4000), CONVERT(float, [v]), 3)");
    expect(sql).toContain("WHEN 'datetimeoffset' THEN CONVERT(nvarchar(4000), CONVERT(datetimeoffset(7), [v]), 121)");
    expect(sql).toContain("WHEN 'varbinary' THEN CONVERT(nvarchar(4000), CONVERT(varbinary(8000), [v]), 1)");
  });

  test("floats are the shortest text that reads back", () => {
    expect([0.1, -0, 1e22, 5e-324].map(floatText)).toEqual(["0.1", "-0", "1e+22", "5e-324"]);
    expect([Math.fround(0.1), Math.fround(3.4028234e38), 1, Math.fround(1 / 3)].map(realText)).toEqual([
      "0.1",
      "3.4028235e+38",
      "1",
      "0.33333334",
    ]);
  });
});

describe("a querySql as a table", () => {
  const asIs = async () => undefined;
  test("keeps WITH in front of it, and comments at its end", async () => {
    expect(await asTable(asIs, "SELECT a FROM t -- all", "[a]")).toBe(
      "SELECT [a] FROM (SELECT a FROM t -- all\n) AS sluice_query",
    );
    const sql = "WITH x AS (SELECT 1 a), [select] AS (SELECT 2 b) SELECT a FROM x";
    expect(await asTable(asIs, sql, "[a]")).toBe(
      "WITH x AS (SELECT 1 a), [select] AS (SELECT 2 b) SELECT [a] FROM (SELECT a FROM x\n) AS sluice_query",
    );
  });

  test("may be sorted, which the server allows beside OFFSET only", async () => {
    const strict = async (sql: string) => {
      if (!sql.includes("OFFSET")) throw new Error("1033");
    };
    expect(await asTable(strict, "SELECT a FROM t ORDER BY a", "[a]")).toBe(
      "SELECT [a] FROM (SELECT a FROM t ORDER BY a\nOFFSET 0 ROWS\n) AS sluice_query",
    );
  });
});

test("keys at every n-th row are asked for in one statement; of a large table those of a sample", async () => {
  const asked: string[] = [];
  const query = async (sql: string) => {
    asked.push(sql);
    return {
      names: [],
      rows: [
        ["5", "b"],
        ["5", "b"],
        ["9", "a"],
      ],
    };
  };
  const client = { query } as unknown as SqlserverConnection;
  const table = {
    sqlName: "[dbo].[t]",
    rows: 50_000_000,
    indexes: [{ isSorted: true, columns: ["a", "b"] }],
  } as unknown as SqlserverTable;
  const key = [
    { name: "a", kind: "integer" } as const,
    { name: "b", kind: "text", literalType: "varchar(9) COLLATE X" } as const,
  ];
  const found = await sampledSqlserverRanges(client, table, { key, always: ["(x = 1)"], count: 4 });
  expect(found?.map(({ after, upTo }) => [after, upTo])).toEqual([
    [null, ["5", "b"]],
    [
      ["5", "b"],
      ["9", "a"],
    ],
    [["9", "a"], null],
  ]);
  expect(asked[0]).toMatch(
    /NTILE\(4\) OVER \(ORDER BY \[a\], \[b\]\) AS sluice_tile\s+FROM \[dbo\]\.\[t\] TABLESAMPLE SYSTEM \(0\.40 PERCENT\) WHERE \(x = 1\)/,
  );
  expect(await sampledSqlserverRanges(client, { ...table, indexes: [] }, { key, always: [], count: 4 })).toBeNull();
});

test.each([
  ["t", ["t"], "[t]"],
  ["dbo.t", ["dbo", "t"], "[dbo].[t]"],
  ["[My Schema].[a.b]", ["My Schema", "a.b"], "[My Schema].[a.b]"],
  ['"x"."y]"', ["x", "y]"], "[x].[y]]]"],
  ["shop..t", ["shop", "", "t"], "[shop]..[t]"],
  ["库.订单", ["库", "订单"], "[库].[订单]"],
])("table %s is taken apart and written", (name, parts, written) => {
  expect(sqlserverNameParts(name)).toEqual(parts);
  expect(sqlserverWrittenTable(name)).toBe(written);
});

test("statements of a job are cut at semicolons and GO, never within names in brackets, and batches stay whole", () => {
  const sqlOf = (entry: string) => statementsOf(sqlserverStatements, entry).map(({ sql }) => sql);
  expect(sqlOf("DELETE FROM [a;b]; SELECT ';'")).toEqual(["DELETE FROM [a;b]", "SELECT ';'"]);
  expect(sqlOf("DELETE FROM a\nGO\nDELETE FROM b\ngo")).toEqual(["DELETE FROM a", "DELETE FROM b"]);
  expect(sqlOf("DECLARE @n int = 1; DELETE FROM t WHERE id = @n;")).toEqual([
    "DECLARE @n int = 1; DELETE FROM t WHERE id = @n;",
  ]);
  expect(sqlOf("BEGIN TRANSACTION; DELETE FROM t")).toEqual(["BEGIN TRANSACTION", "DELETE FROM t"]);
});

test("a plan runs nothing of session but SET for the session itself", () => {
  for (const entry of [
    "SET LOCK_TIMEOUT 5000",
    "set transaction isolation level read uncommitted;",
    "SET LANGUAGE 'us_english'",
  ])
    expect(notOnlySqlserverSet(entry)).toBeNull();
  for (const entry of [
    "DELETE FROM t",
    "SET @x = (SELECT 1)",
    "SET NOCOUNT ON; DELETE FROM t",
    "SET IDENTITY_INSERT t ON",
    "SET CONTEXT_INFO 0x1",
  ])
    expect(notOnlySqlserverSet(entry)).toBe("would run");
});
