import { describe, expect, it } from "vitest";
import { partitionKeyReader } from "../../../../../shared/connectors/odps/cells/key-cells.js";
import { odpsWriteSchema } from "../../../../../shared/connectors/odps/write-params.js";
import type { Column, ColumnType } from "../../../../../shared/model/batch.js";

const clock = "+08:00";

/** The partition of a cell, or why it has none. */
function keyOf(text: string, type: ColumnType, format: { from?: string; to: string } | null, own?: string): string {
  const source: Column = { name: "at", type, ...(own !== undefined && { clock: own }) };
  const given = format && { name: "pt", srcDateFormat: format.from ?? null, dateFormat: format.to };
  const value = partitionKeyReader({ name: "pt", source, format: given }, { clock })(text);
  return typeof value === "string" ? value : `${value.reason}: ${value.message}`;
}

const day = { to: "yyyyMMdd" };

describe("the value of a partition's key", () => {
  it.each<[string, ColumnType, Parameters<typeof keyOf>[2], string]>([
    ["2024-02-29 23:59:59.5", "date", day, "20240229"],
    ["2024-02-29", "date", { to: "yyyy-MM" }, "2024-02"],
    ["2024-02-29 23:10:00", "string", day, "20240229"],
    ["29/02/2024 23", "string", { from: "dd/MM/yyyy HH", to: "yyyyMMddHH" }, "2024022923"],
    ["29/02/2024 23", "string", null, 'CONVERSION: "29/02/2024 23" cannot name a partition of pt'],
    ["2024-02-30", "string", day, 'CONVERSION: "2024-02-30" does not fit'],
    [
      "yesterday",
      "string",
      { from: "yyyyMMdd", ...day },
      'CONVERSION: "yesterday" does not fit the pattern "yyyyMMdd"',
    ],
    ["2024-02-29", "date", { to: "yyyy/MM/dd" }, 'CONVERSION: "2024/02/29" cannot name a partition of pt'],
    ["7", "long", null, "7"],
    ["x".repeat(256), "string", null, "CONVERSION:"],
  ])("of %s, a %s, with %j", (text, type, format, expected) => {
    expect(keyOf(text, type, format).slice(0, expected.length)).toBe(expected);
    expect(keyOf(text, type, format)).toBe(keyOf(text, type, format));
  });

  it("is that of the reader's clock, where a column has another", () => {
    expect(keyOf("2024-02-29 20:00:00", "date", day, "+00:00")).toBe("20240301");
    expect(keyOf("2024-02-29 20:00:00", "date", null, "+00:00")).toBe("2024-03-01 04:00:00");
  });

  it("has a format only where it is a date or a text", () => {
    expect(() => keyOf("7", "long", day)).toThrow(/pt gets at, which is long; only dates and text have a format/);
  });

  it.each<[object[], RegExp]>([
    [[{ name: "pt", dateFormat: "yyyyQQ" }], /partitionColumnMapping.*dateFormat|the pattern/s],
    [[{ name: "pt" }], /dateFormat/],
    [[{ name: "pt", dateFormat: "yyyy", format: "x" }], /format/],
    [
      [
        { name: "pt", dateFormat: "yyyy" },
        { name: "PT", dateFormat: "yyyy" },
      ],
      /PT is named twice/,
    ],
  ])("refuses the formats %j", (partitionColumnMapping, message) => {
    const parsed = odpsWriteSchema.safeParse({ table: "t", column: ["*"], truncate: true, partitionColumnMapping });
    expect(String(parsed.error)).toMatch(message);
  });
});
