import { describe, expect, test } from "vitest";
import {
  duplicatesSql,
  faultsSql,
  makeStageSql,
  stagedFaults,
  zoneSql,
} from "../../../../../shared/connectors/sqlserver/stage.js";
import type {
  SqlserverTarget,
  SqlserverWrittenTable,
} from "../../../../../shared/connectors/sqlserver/target-column.js";
import {
  moveSql,
  sqlserverCellLiteral,
  sqlserverInsertParts,
} from "../../../../../shared/connectors/sqlserver/write-sql.js";

function target(name: string, declared: string, more: Partial<SqlserverTarget> = {}): SqlserverTarget {
  const dataType = declared.replace(/\W.*/, "");
  return {
    ...{ name, declared, dataType, type: "string", scale: null, precision: null, maxLength: null, isMoment: false },
    ...{
      takesBytes: false,
      refusesEmpty: false,
      refusesNull: false,
      defaultForNull: false,
      isNullable: true,
      isIdentity: false,
    },
    ...{ collation: null, codePage: null, ...more },
  };
}

const latin = { collation: "Latin1_General_CI_AS", codePage: 1252 };
const id = target("id", "int", { isNullable: false });
const code = target("code]", "varchar(9)", latin);
const day = target("day", "datetime2(3)", { scale: 3 });
const raw = target("raw", "varbinary(max)", { takesBytes: true });

function table(
  mode: SqlserverWrittenTable["mode"],
  columns: readonly SqlserverTarget[],
  more: Partial<SqlserverWrittenTable> = {},
) {
  const keys = [{ name: "pk", positions: [0] }];
  const updateColumns = columns.map(({ name }) => name);
  return { sqlName: "[dbo].[t]", mode, columns, updateColumns, keys, own: { key: null, others: ["note"] }, ...more };
}

const one = (sql: string) => sql.replace(/\s+/g, " ").trim();

describe("moving staged rows on", () => {
  test("insert converts text by the column's own type and a style that no language changes, in order", () => {
    expect(moveSql(table("insert", [id, code, day, raw]), "#s")).toBe(
      "INSERT INTO [dbo].[t] ([id], [code]]], [day], [raw]) SELECT CONVERT(int, c0), c1, CONVERT(datetime2(3), c2, 121), c3 FROM #s ORDER BY sluice_row",
    );
  });

  test("numbers of identity columns are taken for this statement's session", () => {
    const identity = { ...id, isIdentity: true };
    expect(moveSql(table("insert", [identity]), "#s")).toBe(
      "SET IDENTITY_INSERT [dbo].[t] ON; INSERT INTO [dbo].[t] ([id]) SELECT CONVERT(int, c0) FROM #s ORDER BY sluice_row",
    );
    expect(one(moveSql(table("update", [identity, day]), "#s"))).toMatch(
      /^SET IDENTITY_INSERT .* UPDATE SET t\.\[day\] = s\.c1 WHEN NOT/s,
    );
  });

  test("update merges under a lock on the key's range; of one key the last row counts, and the server wants a semicolon", () => {
    expect(one(moveSql(table("update", [id, day]), "#s"))).toBe(
      one(`MERGE INTO [dbo].[t] WITH (HOLDLOCK, UPDLOCK) AS t
      USING (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY c0 ORDER BY sluice_row DESC) AS sluice_place
        FROM (SELECT sluice_row, CONVERT(int, c0) AS c0, CONVERT(datetime2(3), c1, 121) AS c1 FROM #s) AS waiting) AS numbered WHERE sluice_place = 1) AS s
      ON t.[id] = s.c0 WHEN MATCHED THEN UPDATE SET t.[day] = s.c1
      WHEN NOT MATCHED THEN INSERT ([id], [day]) VALUES (s.c0, s.c1);`),
    );
  });

  test("replace puts columns that are not written back to their defaults, ignore changes nothing, update only what is named", () => {
    expect(one(moveSql(table("replace", [id, day]), "#s"))).toContain(
      "UPDATE SET t.[day] = s.c1, t.[note] = DEFAULT WHEN",
    );
    expect(one(moveSql(table("ignore", [id, day]), "#s"))).not.toContain("WHEN MATCHED");
    expect(one(moveSql(table("update", [id, day, raw], { updateColumns: ["raw"] }), "#s"))).toContain(
      "UPDATE SET t.[raw] = s.c2 WHEN",
    );
    expect(one(moveSql(table("update", [id]), "#s"))).not.toContain("WHEN MATCHED");
  });

  test("texts are compared by the target's collation in its code page, and keys that are null are the same one", () => {
    const own = { key: ["code]"], others: [] };
    const sql = one(moveSql(table("update", [id, code], { own }), "#s"));
    expect(sql).toContain("PARTITION BY CONVERT(varchar(9), c1 COLLATE Latin1_General_CI_AS) ORDER BY");
    expect(sql).toContain(
      "ON (t.[code]]] = CONVERT(varchar(9), s.c1 COLLATE Latin1_General_CI_AS) OR (t.[code]]] IS NULL AND s.c1 IS NULL))",
    );
  });
});

describe("the stage", () => {
  test("takes text and bytes of any length", () => {
    expect(one(makeStageSql({ columns: [id, raw] }))).toBe(
      "IF OBJECT_ID(N'tempdb..#sluice_stage') IS NOT NULL TRUNCATE TABLE #sluice_stage ELSE CREATE TABLE #sluice_stage (sluice_row int NOT NULL, c0 nvarchar(max) NULL, c1 varbinary(max) NULL)",
    );
  });

  test("is looked through for nulls, for what TRY_CONVERT cannot convert, and for characters that a code page has not", () => {
    expect(one(faultsSql({ columns: [id, code, raw] }))).toBe(
      one(`SELECT -1 AS sluice_row, COUNT(*) AS fault FROM #sluice_stage UNION ALL
      SELECT sluice_row, fault FROM (SELECT sluice_row, CASE WHEN c0 IS NULL THEN 1
        WHEN c0 IS NOT NULL AND TRY_CONVERT(int, c0) IS NULL THEN 0
        WHEN c1 COLLATE Latin1_General_100_BIN2 <> CONVERT(nvarchar(max), CONVERT(varchar(max), c1 COLLATE Latin1_General_CI_AS)) COLLATE Latin1_General_100_BIN2 THEN 2
        END AS fault FROM #sluice_stage) AS looked WHERE fault IS NOT NULL`),
    );
    expect(
      stagedFaults([
        ["-1", "9"],
        ["7", "3"],
        ["2", "0"],
      ]),
    ).toEqual({
      count: 9,
      faults: [
        { row: 2, at: 0, isNull: false },
        { row: 7, at: 1, isNull: true },
      ],
    });
  });

  test("duplicates of rows in the target and on the stage are found by set, for each unique key", () => {
    expect(one(duplicatesSql(table("insert", [id])))).toBe(
      one(`SELECT s.sluice_row FROM #sluice_stage AS s WHERE EXISTS (SELECT 1 FROM [dbo].[t] AS t WHERE t.[id] = CONVERT(int, s.c0))
      UNION SELECT sluice_row FROM (SELECT sluice_row, ROW_NUMBER() OVER (PARTITION BY CONVERT(int, c0) ORDER BY sluice_row) AS sluice_place
        FROM #sluice_stage) AS p WHERE sluice_place > 1`),
    );
  });
});

describe("statements with literals", () => {
  test("cells say what they become", () => {
    expect(sqlserverCellLiteral(id, "5")).toBe("CONVERT(int, N'5')");
    expect(sqlserverCellLiteral(code, "it's")).toBe("N'it''s'");
    expect(sqlserverCellLiteral(raw, Buffer.from([0, 255]))).toBe("0x00ff");
    expect(sqlserverCellLiteral(target("v", "sql_variant"), "x")).toBe("CONVERT(nvarchar(4000), N'x')");
    expect(sqlserverCellLiteral(target("h", "hierarchyid"), "/1/")).toBe(
      "CONVERT(hierarchyid, CONVERT(nvarchar(4000), N'/1/'))",
    );
  });

  test("a moment without an offset takes that of the writer's zone, which is declared in front", () => {
    const column = target("m", "datetimeoffset(7)", { scale: 7 });
    expect(sqlserverCellLiteral(column, "2024-01-02")).toBe(
      "CASE WHEN N'2024-01-02' LIKE N'%[+-][0-9][0-9]:[0-9][0-9]' THEN CONVERT(datetimeoffset(7), N'2024-01-02', 121) ELSE TODATETIMEOFFSET(CONVERT(datetime2(7), N'2024-01-02', 121), @sluice_zone) END",
    );
    expect(zoneSql("+08:00")).toBe("DECLARE @sluice_zone varchar(6) = '+08:00'; ");
    expect(zoneSql("Asia/Shanghai'; DROP TABLE x --")).toBe("DECLARE @sluice_zone varchar(6) = '+00:00'; ");
  });

  test("insert is a plain one; other modes put rows into a table of the batch, since a bare NULL has no type in MERGE", () => {
    expect(sqlserverInsertParts(table("insert", [id, day]))).toEqual({
      head: "INSERT INTO [dbo].[t] ([id], [day]) VALUES ",
      tail: "",
    });
    const { head, tail } = sqlserverInsertParts(table("ignore", [id, code]));
    expect(head).toBe(
      "DECLARE @sluice_rows TABLE (sluice_row int IDENTITY, c0 int, c1 varchar(9) COLLATE Latin1_General_CI_AS); INSERT INTO @sluice_rows (c0, c1) VALUES ",
    );
    expect(tail).toMatch(/^; MERGE INTO .* FROM @sluice_rows.*;$/s);
  });
});
