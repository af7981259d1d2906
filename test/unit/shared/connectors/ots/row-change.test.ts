import { describe, expect, it } from "vitest";
import { changeMaker, isDirty } from "../../../../../shared/connectors/ots/row-change.js";
import { type OtsWriteMode, sdkRow } from "../../../../../shared/connectors/ots/sdk-row.js";
import type { OtsTargetColumn } from "../../../../../shared/connectors/ots/write-columns.js";
import type { Column, ColumnType, DataRecord } from "../../../../../shared/model/batch.js";

const keys: OtsTargetColumn[] = [
  { name: "id", type: "INT" },
  { name: "sub", type: "STRING" },
];
const columns: OtsTargetColumn[] = [
  { name: "n", type: "INT" },
  { name: "d", type: "DOUBLE" },
  { name: "b", type: "BOOL" },
  { name: "s", type: "STRING" },
  { name: "raw", type: "BINARY" },
];

function make(record: DataRecord, types: readonly ColumnType[] = []) {
  const source: Column[] = record.map((_, i) => ({ name: `c${i}`, type: types[i] ?? "string" }));
  return changeMaker({ keys, columns }, source, null)(record);
}

function good(record: DataRecord, mode: OtsWriteMode = "PutRow") {
  const made = make(record);
  if (isDirty(made)) throw new Error(made.message);
  return { ...made, row: sdkRow({ keys, columns, mode }, made.cells) };
}

describe("changeMaker", () => {
  it("converts by the declared types, without loss", () => {
    const { row } = good(["9223372036854775807", "x", "-9223372036854775808", "1.5", "TRUE", "é", "né"]);
    expect(row).toMatchObject({ type: "PUT", primaryKey: [{}, { sub: "x" }] });
    expect(String(row.primaryKey[0]?.id)).toBe("9223372036854775807");
    const attributes = "attributeColumns" in row ? (row.attributeColumns as Record<string, unknown>[]) : [];
    expect(String(attributes[0]?.n)).toBe("-9223372036854775808");
    expect(attributes.slice(1)).toEqual([{ d: 1.5 }, { b: true }, { s: "é" }, { raw: Buffer.from("né") }]);
  });

  it("leaves nulls out of a put row and deletes them in an update", () => {
    const record = ["1", "", null, "0", null, "", null];
    expect(good(record).row).toMatchObject({ type: "PUT", attributeColumns: [{ d: 0 }, { s: "" }] });
    expect(good(record, "UpdateRow").row).toMatchObject({
      type: "UPDATE",
      attributeColumns: [{ PUT: [{ d: 0 }, { s: "" }] }, { DELETE_ALL: ["n", "b", "raw"] }],
    });
  });

  it.each<[DataRecord, string, string]>([
    [["x", "k", null, null, null, null, null], "CONVERSION", "id"],
    [[null, "k", null, null, null, null, null], "NOT_NULL", "id"],
    [["1", "k".repeat(1025), null, null, null, null, null], "TOO_LARGE", "sub"],
    [["1", "k", "9223372036854775808", null, null, null, null], "OVERFLOW", "n"],
    [["1", "k", null, "1e999", null, null, null], "OVERFLOW", "d"],
    [["1", "k", null, "abc", null, null, null], "CONVERSION", "d"],
    [["1", "k", null, null, "1", null, null], "CONVERSION", "b"],
    [["1", "k", null, null, null, "é".repeat(1024 * 1024 + 1), null], "TOO_LARGE", "s"],
  ])("answers a dirty record (%#)", (record, reason, column) => {
    expect(make(record)).toMatchObject({ side: "writer", reason, column, cells: record });
  });

  it("checks values that come with the right type too", () => {
    expect(make(["1", "k", null, "abc", null, null, null], ["long", "string", "long", "double"])).toMatchObject({
      reason: "CONVERSION",
      column: "d",
    });
    expect(make(["1", "k", null, null, "2", null, null], ["long", "string", "long", "double", "bool"])).toMatchObject({
      reason: "CONVERSION",
      column: "b",
    });
  });

  it("refuses a row above 4 MB whose values are each small enough", () => {
    const wide = "x".repeat(2 * 1024 * 1024);
    expect(make(["1", "k", null, null, null, wide, wide])).toMatchObject({ reason: "TOO_LARGE", key: "id=1, sub=k" });
  });

  it("knows equal keys however they are written, and different ones", () => {
    const identity = (id: string, sub: string) => good([id, sub, null, null, null, null, null]).identity;
    expect(identity("007", "x")).toBe(identity("7", "x"));
    expect(identity("-0", "x")).toBe(identity("0", "x"));
    expect(identity("1", "1")).not.toBe(identity("11", ""));
    expect(identity("9007199254740993", "x")).not.toBe(identity("9007199254740992", "x"));
  });
});
