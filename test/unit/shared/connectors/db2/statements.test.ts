import { describe, expect, test } from "vitest";
import { db2RowSql } from "../../../../../shared/connectors/db2/bind-sql.js";
import { db2Cell } from "../../../../../shared/connectors/db2/column-type.js";
import { withDb2Texts } from "../../../../../shared/connectors/db2/reading.js";
import { db2Source, parseDb2Url } from "../../../../../shared/connectors/db2/source.js";
import { quoteDb2Text } from "../../../../../shared/connectors/db2/sql-text.js";
import { writtenDb2Table } from "../../../../../shared/connectors/db2/table-info.js";
import type { Db2Target } from "../../../../../shared/connectors/db2/target-column.js";

const column = (name: string, dataType: string, declared = dataType): Db2Target => ({
  ...{ name, dataType, declared, type: "string", scale: null, maxLength: null, isMoment: false, takesBytes: false },
  ...{ refusesEmpty: false, defaultForNull: false, isAlwaysIdentity: false, precision: null, refusesNull: false },
});
const table = {
  ...{ sqlName: '"SHOP"."ORDERS"', keys: [{ name: "PK", positions: [0] }], updateColumns: ["ID", "NAME", "DOC"] },
  columns: [column("ID", "bigint"), column("NAME", "varchar", "varchar(20)"), column("DOC", "xml")],
};

describe("the statement of a row", () => {
  test("takes texts by the types of its columns, and leaves out what takes its default", () => {
    expect(db2RowSql({ ...table, mode: "insert" })).toBe(
      `INSERT INTO "SHOP"."ORDERS" ("ID", "NAME", "DOC") VALUES (?, ?, XMLPARSE(DOCUMENT CAST(? AS CLOB)))`,
    );
    expect(db2RowSql({ ...table, mode: "insert" }, new Set([1, 2]))).toBe(
      `INSERT INTO "SHOP"."ORDERS" ("ID") VALUES (?)`,
    );
  });

  test("merges over the key, which it does not change", () => {
    expect(db2RowSql({ ...table, mode: "update" })).toBe(
      `MERGE INTO "SHOP"."ORDERS" AS d USING (VALUES (CAST(? AS bigint), CAST(? AS varchar(20)), XMLPARSE(DOCUMENT CAST(? AS CLOB)))) AS s (C0, C1, C2) ON (d."ID" = s.C0) WHEN MATCHED THEN UPDATE SET d."NAME" = s.C1, d."DOC" = s.C2 WHEN NOT MATCHED THEN INSERT ("ID", "NAME", "DOC") VALUES (s.C0, s.C1, s.C2)`,
    );
  });

  test("replaces what is not written by defaults", () => {
    expect(db2RowSql({ ...table, mode: "replace", own: { others: ["NOTE"] } })).toContain(
      `, d."NOTE" = DEFAULT WHEN NOT`,
    );
  });

  test("overrides numbers that the server would give, and is refused where it could not", () => {
    const columns = [{ ...column("ID", "bigint"), isAlwaysIdentity: true }];
    expect(db2RowSql({ ...table, columns, mode: "insert" })).toBe(
      `INSERT INTO "SHOP"."ORDERS" ("ID") OVERRIDING SYSTEM VALUE VALUES (?)`,
    );
    expect(() => db2RowSql({ ...table, columns, mode: "update" })).toThrow(/GENERATED ALWAYS AS IDENTITY/);
  });
});

describe("numbers, dates and bytes", () => {
  test("are text before the driver sees them", () => {
    const typed = ["BIGINT", "DECIMAL", "DECFLOAT", "DATE", "VARBINARY", "VARCHAR", "DOUBLE"];
    const found = [...typed.map((typeName) => ({ typeName, scale: 0 })), { typeName: "TIMESTAMP", scale: 12 }];
    expect(withDb2Texts("SELECT * FROM T", found, [])).toBe(
      `SELECT VARCHAR(C1), VARCHAR(C2), VARCHAR(C3), CHAR(C4, ISO), HEX(C5), C6, C7, VARCHAR_FORMAT(C8, 'YYYY-MM-DD HH24:MI:SS.FF12') FROM (SELECT * FROM T\n) AS ROWS_OF_SLUICE (C1, C2, C3, C4, C5, C6, C7, C8)`,
    );
  });

  test("are refused in a statement that begins by WITH, and taken where nothing is lost", () => {
    const sql = "WITH X AS (SELECT 1 FROM T) SELECT * FROM X";
    expect(withDb2Texts(sql, [{ typeName: "VARCHAR", scale: 0 }], [])).toBe(sql);
    expect(() => withDb2Texts(sql, [{ typeName: "BIGINT", scale: 0 }], [])).toThrow(/begins by WITH/);
  });

  test("arrive with zeros in front of points, the digits of their type, and as bytes", () => {
    expect(db2Cell(".5", { type: "double" })).toBe("0.5");
    expect(db2Cell("-.5", { type: "double" })).toBe("-0.5");
    expect(db2Cell(Math.fround(0.1), { type: "double", nativeType: "real" })).toBe("0.1");
    expect(db2Cell("00FF", { type: "bytes" })).toEqual(Buffer.from([0, 255]));
  });
});

test("texts are quoted, in pieces where they are long", () => {
  expect(quoteDb2Text("it's")).toBe("'it''s'");
  expect(quoteDb2Text("x".repeat(40_000)).split(" || ")).toHaveLength(5);
});

test("names are in upper case unless they are quoted", () => {
  expect(writtenDb2Table('shop."My.Table"')).toBe('"SHOP"."My.Table"');
});

test("DataX's plugin for whatever has a JDBC driver keeps its source, with TLS", () => {
  const jdbcUrl = ["jdbc:db2://db:50001/SHOP:sslConnection=true;"];
  const found = db2Source.fromInline?.({ username: "u", password: "p", connection: [{ jdbcUrl, table: ["T"] }] });
  expect(found?.sources.inline_1).toMatchObject({
    ...{ address: [{ host: "db", port: 50_001 }], database: "SHOP", securityProtocol: "authTypeSsl", username: "u" },
  });
  expect(() => parseDb2Url("jdbc:dm://db:5236/SHOP")).toThrow(/jdbc:db2/);
});
