import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../../../../infra/local/tablestore/messages.js";

describe("Decoded requests", () => {
  it("tell an absent optional member from its first value", () => {
    const plainColumn = { name: "a", type: 2 };
    const counted = { name: "b", type: 1, option: 1 };
    const bytes = encodeMessage("CreateTableRequest", {
      tableMeta: { tableName: "t", primaryKey: [plainColumn, counted] },
      reservedThroughput: { capacityUnit: {} },
    });
    const request = decodeMessage("CreateTableRequest", bytes);
    expect(request.tableMeta.primaryKey).toEqual([plainColumn, counted]);
    expect(request.tableMeta.primaryKey[0]?.option).toBeUndefined();
    expect(request.tableOptions).toBeUndefined();
    expect(request.reservedThroughput.capacityUnit.read).toBeUndefined();
  });

  it("always have their lists", () => {
    const bytes = encodeMessage("GetRowRequest", { tableName: "t", primaryKey: Buffer.from([1]) });
    expect(decodeMessage("GetRowRequest", bytes)).toEqual({
      tableName: "t",
      primaryKey: Buffer.from([1]),
      columnsToGet: [],
    });
  });

  it("keep 64-bit times exact", () => {
    const bytes = encodeMessage("GetRowRequest", {
      tableName: "t",
      primaryKey: Buffer.alloc(0),
      timeRange: { startTime: 1_700_000_000_123, endTime: "9223372036854775807" },
    });
    const { timeRange } = decodeMessage("GetRowRequest", bytes);
    expect([String(timeRange?.startTime), String(timeRange?.endTime)]).toEqual([
      "1700000000123",
      "9223372036854775807",
    ]);
  });

  it("are refused without what the schema requires", () => {
    expect(() => decodeMessage("GetRowRequest", Buffer.alloc(0))).toThrow(/tableName/);
  });
});
