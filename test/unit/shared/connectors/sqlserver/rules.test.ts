import { describe, expect, test } from "vitest";
import { sqlserverRuleOfPair } from "../../../../../shared/connectors/sqlserver/rules.js";
import type { SqlserverTarget } from "../../../../../shared/connectors/sqlserver/target-column.js";
import type { ColumnType } from "../../../../../shared/model/batch.js";

/** What a cell becomes: the text that the server is sent, or the reason for which it is dirty. */
function become(
  type: ColumnType,
  cell: string | Buffer,
  declared: string,
  more: Partial<SqlserverTarget> = {},
): unknown {
  const [dataType = "", first, second] = declared.split(/[(,)]/);
  const isDecimal = dataType === "decimal" || dataType === "numeric";
  const target: SqlserverTarget = {
    ...{ name: "c", type: "string", dataType, declared, isMoment: dataType === "datetimeoffset", takesBytes: false },
    ...{
      refusesEmpty: false,
      refusesNull: false,
      defaultForNull: false,
      isNullable: true,
      isIdentity: false,
      collation: "X",
      codePage: null,
    },
    precision: isDecimal ? Number(first) : null,
    scale: isDecimal
      ? Number(second)
      : /money/.test(dataType)
        ? 4
        : dataType === "datetime"
          ? 3
          : first && !/char|binary/.test(dataType)
            ? Number(first)
            : dataType.startsWith("date") || dataType.startsWith("small")
              ? 0
              : null,
    maxLength: /char|binary/.test(dataType) && first !== "max" ? Number(first) : null,
    ...more,
  };
  const rule = sqlserverRuleOfPair({ name: "c", type }, target, { emptyAsNull: true, options: { timeZone: "+00:00" } });
  const bytes = Buffer.from(cell);
  if (!rule || bytes.length <= rule.fineBytes || rule.isFine(bytes, 0, bytes.length)) return cell;
  const found = rule.convert(cell);
  return found.ok ? found.cell : found.reason;
}

describe("nothing is cut, rounded or guessed by the server", () => {
  test.each<[ColumnType, string, string, unknown]>([
    ["string", "12345678901234567890.12", "decimal(38,2)", "12345678901234567890.12"],
    ["double", "1.5e-2", "decimal(10,3)", "0.015"],
    ["double", "1e3", "decimal(10,2)", "1000"],
    ["string", "1.005", "decimal(10,2)", "CONVERSION"],
    ["string", "1.500", "decimal(10,1)", "1.5"],
    ["string", "123456789", "decimal(10,2)", "OUT_OF_RANGE"],
    ["long", "123456789", "decimal(10,2)", "OUT_OF_RANGE"],
    ["string", "abc", "decimal(10,2)", "CONVERSION"],
    ["string", "922337203685477.5807", "money", "922337203685477.5807"],
    ["string", "922337203685477.5808", "money", "OUT_OF_RANGE"],
    ["string", "214748.3648", "smallmoney", "OUT_OF_RANGE"],
    ["double", "NaN", "float", "OUT_OF_RANGE"],
    ["double", "1e39", "real", "OUT_OF_RANGE"],
    ["long", "256", "tinyint", "OUT_OF_RANGE"],
    ["long", "-1", "tinyint", "OUT_OF_RANGE"],
    ["long", "abc", "int", "CONVERSION"],
    ["long", "abc", "float", "OUT_OF_RANGE"],
    ["bool", "abc", "bit", "CONVERSION"],
    ["bool", "true", "bit", "true"],
    ["string", "true", "bit", "true"],
    ["string", "2", "bit", "CONVERSION"],
    ["date", "2024-02-31", "date", "OUT_OF_RANGE"],
    ["date", "2024-02-29 12:00:00", "date", "CONVERSION"],
    ["date", "2024-02-29", "datetime2(7)", "2024-02-29"],
    ["date", "2024-02-29 12:34:56.12345678", "datetime2(7)", "CONVERSION"],
    ["date", "2024-02-29 12:34:56.123", "datetime", "2024-02-29 12:34:56.123"],
    ["date", "2024-02-29 12:34:56.124", "datetime", "OUT_OF_RANGE"],
    ["date", "1752-12-31", "datetime", "OUT_OF_RANGE"],
    ["date", "2024-02-29 12:34:56", "smalldatetime", "OUT_OF_RANGE"],
    ["date", "2079-06-07", "smalldatetime", "OUT_OF_RANGE"],
    ["date", "0000-00-00", "date", "OUT_OF_RANGE"],
    ["date", "12:34:56", "time(0)", "12:34:56"],
    ["date", "24:00:00", "time(0)", "OUT_OF_RANGE"],
    ["string", "2024-02-29T12:34:56+08:00", "datetimeoffset(7)", "2024-02-29 12:34:56 +08:00"],
    ["string", "2024-02-29 12:34:56Z", "datetimeoffset(7)", "2024-02-29 12:34:56 +00:00"],
    ["string", "2024-02-29 12:34:56 +15:00", "datetimeoffset(7)", "CONVERSION"],
    ["string", "😀😀", "nvarchar(3)", "TOO_LONG"],
    ["string", "😀a", "nvarchar(3)", "😀a"],
    ["string", "00112233-4455-6677-8899-aabbccddeeff and more", "uniqueidentifier", "CONVERSION"],
    ["string", "/1/2.1/", "hierarchyid", "/1/2.1/"],
    ["string", "1/2", "hierarchyid", "CONVERSION"],
  ])("%s %s into %s", (type, cell, declared, expected) => {
    expect(become(type, cell, declared)).toBe(expected);
  });

  test("a varchar takes the characters of its code page, in bytes; others would become question marks or letters alike", () => {
    const latin = { codePage: 1252 };
    expect(become("string", "Ærø €", "varchar(10)", latin)).toBe("Ærø €");
    expect(become("string", "你好", "varchar(10)", latin)).toBe("CONVERSION");
    expect(become("string", "ā", "varchar(10)", latin)).toBe("CONVERSION");
    expect(become("string", "你好", "varchar(4)", { codePage: 936 })).toBe("你好");
    expect(become("string", "你好", "varchar(3)", { codePage: 936 })).toBe("TOO_LONG");
    expect(become("string", "你好", "varchar(5)", { codePage: 65_001 })).toBe("TOO_LONG");
    expect(become("string", "abc   ", "varchar(3)", latin)).toBe("TOO_LONG");
    expect(become("string", "é", "varchar(3)", { codePage: 99_999 })).toBe("CONVERSION");
  });

  test("bytes are not cut", () => {
    const bytes = { takesBytes: true };
    expect(become("bytes", Buffer.from([1, 2, 3]), "binary(2)", bytes)).toBe("TOO_LONG");
    expect(become("long", "1", "varbinary(9)", bytes)).toBe("CONVERSION");
  });
});
