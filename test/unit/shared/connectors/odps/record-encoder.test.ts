import { describe, expect, it } from "vitest";
import type { EncodeSetting } from "../../../../../shared/connectors/odps/cells/cell-encoder.js";
import { packOdpsRows, recordEncoder } from "../../../../../shared/connectors/odps/record-encoder.js";
import type { OdpsTarget } from "../../../../../shared/connectors/odps/target.js";
import { parseType } from "../../../../../shared/connectors/odps/wire/column-type.js";
import { footer, openRecordWriter } from "../../../../../shared/connectors/odps/wire/record-writer.js";
import { batchOf, type Cell, type Column, type ColumnType, packedBatch } from "../../../../../shared/model/batch.js";
import { rowsOf } from "../../../../servers/maxcompute-client.js";

const setting: EncodeSetting = {
  clock: "+08:00",
  emptyAsNull: false,
  overLength: "keepOn",
  maxFieldBytes: 8 * 1024 * 1024,
};

function targetOf(...types: readonly string[]): OdpsTarget {
  const shape = { schema: null, table: "t", kind: "MANAGED_TABLE", columns: [], keys: [], bytes: null };
  const destinations = types.map((type, at) => {
    return {
      kind: "column",
      column: { name: `c${at}`, type: parseType(type)!, number: at + 1, nullable: true },
    } as const;
  });
  return { shape, title: "p.t", destinations, partition: [] };
}

/** One cell into one column: the value as the service gets it, or why not. */
function one(cell: Cell, from: ColumnType, type: string, more: Partial<EncodeSetting> = {}, clock?: string): unknown {
  const column: Column = { name: "c", type: from, ...(clock !== undefined && { clock }) };
  const encoder = recordEncoder(targetOf(type), [column], { ...setting, ...more });
  const seen = [
    packedBatch(packOdpsRows([[cell]]), { columns: [column], checkpoint: null, dirty: [] }),
    batchOf([[cell]], { columns: [column], checkpoint: null, dirty: [] }),
  ].map((batch) => {
    const writer = openRecordWriter(16);
    const [dirty] = encoder.add(batch, () => writer);
    if (dirty) return `${dirty.reason}: ${dirty.message}`;
    const [row] = rowsOf([type], Buffer.concat([writer.sink.bytes.subarray(0, writer.sink.at), footer(writer)]));
    const value = row?.[0];
    return Buffer.isBuffer(value) ? value.toString("utf8") : value;
  });
  expect(seen[0]).toEqual(seen[1]);
  return seen[0];
}

describe("a cell of a batch", () => {
  it.each<[Cell, ColumnType, string, unknown]>([
    ["0", "long", "bigint", 0n],
    ["-5", "string", "tinyint", -5n],
    ["9223372036854775807", "long", "bigint", 2n ** 63n - 1n],
    ["123456789012345678", "long", "bigint", 123456789012345678n],
    ["1.9", "double", "int", 1n],
    ["true", "bool", "int", 1n],
    ["1.5", "double", "double", 1.5],
    ["0.1", "double", "double", 0.1],
    ["1e300", "double", "double", 1e300],
    ["123456789.123456", "string", "double", 123456789.123456],
    ["-0.000123", "double", "double", -0.000123],
    ["NaN", "double", "double", Number.NaN],
    ["0.1", "double", "float", Math.fround(0.1)],
    ["12.50", "double", "decimal(10,2)", "12.50"],
    ["12.500", "double", "decimal(10,2)", "12.5"],
    ["1e3", "string", "decimal(10,2)", "1000"],
    ["-.5e-1", "string", "decimal(10,2)", "-0.05"],
    ["0.1", "double", "decimal(2,2)", "0.1"],
    ["+7", "string", "decimal(10,0)", "7"],
    ["000", "string", "decimal(10,0)", "0"],
    ["1", "long", "boolean", true],
    ["FALSE", "string", "boolean", false],
    ["2024-02-29", "date", "date", 19782n],
    ["0001-01-01", "date", "date", -719162n],
    ["2024-02-29 00:00:00.000", "date", "date", 19782n],
    ["2024-02-29 08:00:00.789", "date", "datetime", 1709164800789n],
    ["20240229", "string", "date", 19782n],
    ["1709164800789", "long", "datetime", 1709164800789n],
    ["2024-02-29 08:00:00.123456789", "date", "timestamp", { seconds: 1709164800n, nanos: 123456789 }],
    ["1969-12-31 23:59:59.5", "date", "timestamp_ntz", { seconds: -1n, nanos: 500_000_000 }],
    ["-1", "long", "timestamp", { seconds: -1n, nanos: 999_000_000 }],
    ["2024-05-06T01:02:03Z", "string", "datetime", BigInt(Date.parse("2024-05-06T01:02:03Z"))],
    ["héé", "string", "varchar(3)", "héé"],
    ['{"a": 1}', "string", "json", '{"a": 1}'],
    ["[1, null, 9007199254740993]", "string", "array<bigint>", [1n, null, 9007199254740993n]],
    ['{"k": "2024-02-29"}', "string", "map<string,date>", { keys: [Buffer.from("k")], values: [19782n] }],
    ['{"B": [0.10], "a": null}', "string", "struct<a:int,b:array<decimal(4,2)>>", [null, [Buffer.from("0.10")]]],
    [Buffer.from("é"), "bytes", "string", "é"],
    ["x", "string", "binary", "x"],
    [null, "string", "bigint", null],
  ])("%s of %s becomes %s as it must", (cell, from, type, value) => {
    expect(one(cell, from, type)).toEqual(value);
  });

  it.each<[Cell, ColumnType, string, RegExp]>([
    ["-9223372036854775808", "long", "bigint", /^OUT_OF_RANGE.*BIGINT/],
    ["128", "long", "tinyint", /^OUT_OF_RANGE.*TINYINT/],
    ["5abc", "string", "int", /^CONVERSION.*5abc/],
    ["1e999", "string", "double", /^OUT_OF_RANGE/],
    ["1e300", "double", "float", /^OUT_OF_RANGE.*FLOAT/],
    ["1.005", "double", "decimal(10,2)", /^CONVERSION.*3 digits behind the point/],
    ["123456789", "long", "decimal(10,2)", /^OUT_OF_RANGE.*before the point/],
    ["NaN", "double", "decimal(10,2)", /^CONVERSION/],
    ["2024-02-30", "date", "date", /^CONVERSION.*no date that exists/],
    ["0000-00-00", "date", "datetime", /^CONVERSION.*no date that exists/],
    ["2024-02-29 01:00:00", "date", "date", /^CONVERSION.*DATETIME/],
    ["2024-02-29 01:00:00.0001", "date", "datetime", /^CONVERSION.*TIMESTAMP/],
    ["12:30:00", "date", "timestamp", /^CONVERSION.*time of day/],
    ["20110328035927", "string", "timestamp", /^CONVERSION.*20110328035927/],
    ["héé!", "string", "varchar(3)", /^TOO_LONG.*4 characters/],
    ["{", "string", "json", /^CONVERSION.*not JSON/],
    ['{"c": 1}', "string", "struct<a:int>", /^CONVERSION.*no field c/],
    ["[1.5e9]", "string", "array<tinyint>", /^CONVERSION.*TINYINT/],
    [Buffer.from([0xff]), "bytes", "string", /^CONVERSION.*UTF-8/],
    ["1", "long", "binary", /^CONVERSION/],
  ])("refuses %s of %s for %s, and says why", (cell, from, type, message) => {
    expect(one(cell, from, type)).toMatch(message);
  });

  it("is cut, made null or refused beyond its length, never within a character", () => {
    const more = (overLength: EncodeSetting["overLength"]) => ({ overLength, maxFieldBytes: 3 });
    expect(one("aéé", "string", "string", more("truncate"))).toBe("aé");
    expect(one("ééé", "string", "string", more("truncate"))).toBe("é");
    expect(one("aéé", "string", "string", more("setNull"))).toBeNull();
    expect(one("aéé", "string", "string", more("keepOn"))).toBe("aéé");
  });

  it("is null when it is empty and the job says so", () => {
    expect(one("", "string", "string", { emptyAsNull: true })).toBeNull();
    expect(one("", "string", "bigint", { emptyAsNull: true })).toBeNull();
    expect(one("", "string", "string")).toBe("");
    expect(one("", "string", "bigint")).toMatch(/^CONVERSION/);
  });

  it("shows the clock of its column as a moment and that of the side as text", () => {
    expect(one("2024-02-29 00:00:00", "date", "datetime", {}, "+00:00")).toBe(
      BigInt(Date.parse("2024-02-29T00:00:00Z")),
    );
    expect(one("2024-02-29 00:00:00", "date", "string", {}, "+00:00")).toBe("2024-02-29 08:00:00");
  });
});

describe("records", () => {
  it("takes an empty batch", () => {
    const writer = openRecordWriter();
    const columns: Column[] = [{ name: "c", type: "long" }];
    const encoder = recordEncoder(targetOf("bigint"), columns, setting);
    expect(encoder.add(batchOf([], { columns, checkpoint: null, dirty: [] }), () => writer)).toEqual([]);
    expect(writer.count).toBe(0);
  });

  it("go to the partition that they tell, and are dirty where they tell none", () => {
    const columns: Column[] = [
      { name: "id", type: "long" },
      { name: "day", type: "string" },
    ];
    const target: OdpsTarget = { ...targetOf("bigint"), partition: null };
    const keyed: OdpsTarget = {
      ...target,
      destinations: [...target.destinations, { kind: "key", key: 0, name: "day", format: null }],
    };
    const writers = new Map<string, ReturnType<typeof openRecordWriter>>();
    const rows = [
      ["1", "a"],
      ["2", "b"],
      ["3", "a"],
      ["4", null],
      ["5", "a/b"],
    ];
    const dirty = recordEncoder(keyed, columns, setting).add(
      batchOf(rows, { columns, checkpoint: null, dirty: [] }),
      (values) => {
        const writer = writers.get(values.join()) ?? openRecordWriter();
        writers.set(values.join(), writer);
        return writer;
      },
    );
    expect([...writers].map(([day, { count }]) => [day, count])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect(dirty.map(({ reason, column }) => [reason, column])).toEqual([
      ["NOT_NULL", "day"],
      ["CONVERSION", "day"],
    ]);
  });
});
