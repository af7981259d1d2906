import { describe, expect, test } from "vitest";
import { oracleRowSql } from "../../../../../shared/connectors/oracle/bind-sql.js";
import { oracleCell } from "../../../../../shared/connectors/oracle/cells.js";
import { textSqlOf } from "../../../../../shared/connectors/oracle/column-type.js";
import type { OracleField } from "../../../../../shared/connectors/oracle/connection.js";
import { withTexts } from "../../../../../shared/connectors/oracle/exact-reading.js";
import { oracleText, quoteOracleText } from "../../../../../shared/connectors/oracle/sql-text.js";
import { displayedOracleTable, writtenOracleTable } from "../../../../../shared/connectors/oracle/table-name.js";
import type { OracleTarget } from "../../../../../shared/connectors/oracle/target-column.js";

const column = (name: string, dataType: string, declared = dataType): OracleTarget => ({
  ...{ name, dataType, declared, type: "string", scale: null, maxLength: null, isMoment: false, takesBytes: false },
  ...{ refusesEmpty: false, defaultForNull: false, refusesNull: false, maxBytes: null, countsCharacters: false },
  precision: null,
});
const table = {
  ...{ sqlName: '"SHOP"."ORDERS"', keys: [{ name: "PK", positions: [0] }], updateColumns: ["ID", "DOC", "AT"] },
  columns: [
    column("ID", "number"),
    column("DOC", "clob"),
    column("AT", "timestamp"),
    column("CODE", "char", "char(4)"),
  ],
};

describe("the statement of a row", () => {
  test("has its values converted by the server, and large ones last", () => {
    expect(oracleRowSql({ ...table, mode: "insert" })).toBe(
      `INSERT INTO "SHOP"."ORDERS" ("ID", "AT", "CODE", "DOC") VALUES (TO_NUMBER(:SLUICE_1), TO_TIMESTAMP(:SLUICE_2, 'SYYYY-MM-DD HH24:MI:SS.FF9'), CAST(:SLUICE_3 AS char(4)), :SLUICE_4)`,
    );
  });

  test("leaves out what takes its default", () => {
    expect(oracleRowSql({ ...table, mode: "insert" }, new Set([1, 3]))).toBe(
      `INSERT INTO "SHOP"."ORDERS" ("ID", "AT") VALUES (TO_NUMBER(:SLUICE_1), TO_TIMESTAMP(:SLUICE_2, 'SYYYY-MM-DD HH24:MI:SS.FF9'))`,
    );
  });

  test("merges over the key, which it does not change", () => {
    expect(oracleRowSql({ ...table, mode: "update" })).toBe(
      `MERGE INTO "SHOP"."ORDERS" d USING (SELECT TO_NUMBER(:SLUICE_1) AS C0, TO_TIMESTAMP(:SLUICE_2, 'SYYYY-MM-DD HH24:MI:SS.FF9') AS C2, CAST(:SLUICE_3 AS char(4)) AS C3, :SLUICE_4 AS C1 FROM DUAL) s ON (d."ID" = s.C0) WHEN MATCHED THEN UPDATE SET d."AT" = s.C2, d."DOC" = s.C1 WHEN NOT MATCHED THEN INSERT ("ID", "AT", "CODE", "DOC") VALUES (s.C0, s.C2, s.C3, s.C1)`,
    );
  });

  test("replaces what is not written by defaults", () => {
    const own = { isUnicode: true, others: ["NOTE"] };
    expect(oracleRowSql({ ...table, mode: "replace", own })).toContain(
      `d."CODE" = s.C3, d."DOC" = s.C1, d."NOTE" = DEFAULT WHEN NOT`,
    );
  });

  test("is refused where no key tells which row is meant", () => {
    expect(() => oracleRowSql({ ...table, keys: [], mode: "update" })).toThrow(/no primary or unique key/);
  });
});

describe("texts in SQL", () => {
  test("are literals, in pieces where they are long", () => {
    expect(quoteOracleText("it's")).toBe("'it''s'");
    expect(quoteOracleText("x".repeat(5_000))).toMatch(/^TO_CLOB\('x{1000}'\)( \|\| TO_CLOB\('x{1000}'\)){4}$/);
  });

  test.each([
    ["integer", "-5", "-5"],
    ["decimal", "0.50", "0.50"],
    ["text", "o'k", "'o''k'"],
    ["bytes", "00ff", "HEXTORAW('00ff')"],
    ["datetime", "2024-02-29 12:34:56", "TO_DATE('2024-02-29 12:34:56', 'SYYYY-MM-DD HH24:MI:SS')"],
    ["datetime", "2024-02-29 12:34:56.000000000", "TO_DATE('2024-02-29 12:34:56', 'SYYYY-MM-DD HH24:MI:SS')"],
    ["datetime", "2024-02-29 12:34:56.5", "TO_TIMESTAMP('2024-02-29 12:34:56.5', 'SYYYY-MM-DD HH24:MI:SS.FF9')"],
    ["datetime", "0044-03-15 00:00:00 BC", "TO_DATE('-0044-03-15 00:00:00', 'SYYYY-MM-DD HH24:MI:SS')"],
  ] as const)("a key of %s %s is %s", (kind, value, sql) => {
    expect(oracleText.keyLiteral(value, kind)).toBe(sql);
  });

  test.each([
    ["DATE", 0, `REPLACE(TO_CHAR("C", 'YYYY-MM-DD HH24:MI:SS BC'), ' AD')`],
    ["TIMESTAMP", 3, `REPLACE(TO_CHAR("C", 'YYYY-MM-DD HH24:MI:SS.FF3 BC'), ' AD')`],
    ["TIMESTAMP WITH TIME ZONE", 6, `REPLACE(TO_CHAR(SYS_EXTRACT_UTC("C"), 'YYYY-MM-DD HH24:MI:SS.FF6 BC'), ' AD')`],
    ["INTERVAL DAY TO SECOND", 6, `TO_CHAR("C")`],
    ["XMLTYPE", null, `XMLSERIALIZE(CONTENT "C" AS CLOB)`],
    ["NUMBER", 0, null],
    ["CLOB", null, null],
  ])("a %s is selected as its text", (typeName, scale, sql) => {
    expect(textSqlOf({ typeName, scale, precision: null }, '"C"')).toBe(sql);
  });
});

describe("a statement whose result the driver would lose something of", () => {
  const field = (name: string, typeName: string): OracleField => ({ name, typeName, precision: null, scale: 0 });

  test("is wrapped, whatever its columns are called, in the order of the key", () => {
    expect(
      withTexts("SELECT ID, SYSDATE FROM T ORDER BY ID", [field("ID", "NUMBER"), field("SYSDATE", "DATE")], [0]),
    ).toBe(
      `WITH ROWS_OF_SLUICE (C1, C2) AS (SELECT ID, SYSDATE FROM T ORDER BY ID\n) SELECT C1, REPLACE(TO_CHAR(C2, 'YYYY-MM-DD HH24:MI:SS BC'), ' AD') FROM ROWS_OF_SLUICE ORDER BY C1`,
    );
  });

  test("is wrapped by its own names where it begins with WITH itself", () => {
    expect(withTexts("WITH A AS (SELECT 1 FROM DUAL) SELECT D FROM A", [field("D", "DATE")], [])).toBe(
      `SELECT REPLACE(TO_CHAR("D", 'YYYY-MM-DD HH24:MI:SS BC'), ' AD') FROM (WITH A AS (SELECT 1 FROM DUAL) SELECT D FROM A\n)`,
    );
    expect(() =>
      withTexts("WITH A AS (SELECT 1 FROM DUAL) SELECT D, D FROM A", [field("D", "DATE"), field("D", "DATE")], []),
    ).toThrow(/one name/);
  });

  test("is itself where there is nothing to lose, and refused where a column has no text", () => {
    expect(withTexts("SELECT 1 FROM DUAL", [field("1", "NUMBER")], [])).toBe("SELECT 1 FROM DUAL");
    expect(() => withTexts("SELECT F FROM T", [field("F", "BFILE")], [])).toThrow(
      /"F" is of type BFILE, which has no text/,
    );
  });
});

test.each([
  [".5", "NUMBER", "0.5"],
  ["-.25", "NUMBER", "-0.25"],
  ["-1e126", "NUMBER", "-Infinity"],
  [`1${"0".repeat(126)}`, "NUMBER", "Infinity"],
  [Math.fround(0.1), "BINARY_FLOAT", "0.1"],
  [-0, "BINARY_DOUBLE", "-0"],
  [Number.NaN, "BINARY_DOUBLE", "NaN"],
  [".5", "VARCHAR2", ".5"],
  [true, "BOOLEAN", "true"],
])("the driver's %s of a %s is %s", (value, type, cell) => {
  expect(oracleCell(value, type)).toBe(cell);
});

test("names mean what the server would take them for, unless they are quoted", () => {
  expect(writtenOracleTable("shop.orders")).toBe('"SHOP"."ORDERS"');
  expect(writtenOracleTable('"My Schema"."Order.2024"')).toBe('"My Schema"."Order.2024"');
  expect(writtenOracleTable("订单 表")).toBe('"订单 表"');
  expect(displayedOracleTable(null, "Order.2024")).toBe('"Order.2024"');
  expect(displayedOracleTable("SHOP", "ORDERS")).toBe("SHOP.ORDERS");
});
