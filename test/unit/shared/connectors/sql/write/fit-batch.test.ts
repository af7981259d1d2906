import { describe, expect, test } from "vitest";
import { mysqlRuleOfPair } from "../../../../../../shared/connectors/mysql/rule-of-pair.js";
import type { MysqlPlan, MysqlTarget } from "../../../../../../shared/connectors/mysql/target-column.js";
import { packRows } from "../../../../../../shared/connectors/sql/pack-rows.js";
import { batchFitter } from "../../../../../../shared/connectors/sql/write/fit-batch.js";
import { type Batch, batchOf, type Cell, type Column, packedBatch } from "../../../../../../shared/model/batch.js";

const column = (name: string, dataType: string, over: Partial<MysqlTarget> = {}): MysqlTarget => ({
  ...{ type: "string", isMoment: false, takesBytes: false, refusesEmpty: false },
  ...{ name, dataType, form: "number", scale: null, bits: null, members: null, isUnsigned: false },
  ...{ isAutoIncrement: false, refusesNull: false, maxLength: null, wholeDigits: null },
  ...{ defaultForNull: false, isForeignText: false },
  ...over,
});

const plan: MysqlPlan = {
  ...{ datasource: null, sqlName: "`t`", title: "t", mode: "insert", updateColumns: [], isTransactional: true },
  ...{ emptyAsNull: true, bulk: true, ledger: true, maxStatementBytes: 1e6 },
  columns: [
    column("id", "int"),
    column("amount", "decimal", { scale: 2 }),
    column("day", "date", { form: "text", scale: 0 }),
    column("flags", "bit", { form: "bit", bits: 8 }),
    column("note", "varchar", { form: "text", maxLength: 5 }),
  ],
  keys: [{ name: "PRIMARY", positions: [0] }],
};
const columns: readonly Column[] = [
  { name: "id", type: "string" },
  { name: "amount", type: "string" },
  { name: "day", type: "string" },
  { name: "flags", type: "bytes", nativeType: "bit(8)" },
  { name: "note", type: "string" },
];
const five = Buffer.from([5]);

function packed(rows: readonly (readonly Cell[])[], given = columns): Batch {
  return packedBatch(packRows(rows, given.length), { columns: given, checkpoint: 7, dirty: [] });
}

describe("a batch on its way into a table", () => {
  const fitted = batchFitter(mysqlRuleOfPair, plan, "UTC");

  test("stays as it is when each cell is one that the columns take", () => {
    const plain = packed([
      ["1", "12.50", "2024-05-06", null, "abc"],
      ["2", "", null, null, null],
    ]);
    expect(fitted(plain)).toBe(plain);
    const typed: Column[] = [{ name: "id", type: "long" }, ...columns.slice(1)];
    const rows = batchOf([["-3", "7", "2024-05-06", null, "ab"]], { columns: typed, checkpoint: 1, dirty: [] });
    expect(fitted(rows).rows).toBe(rows.rows);
  });

  test("has its odd cells converted and its impossible records dirty, whatever stands beside them", () => {
    const before = packed([
      ["1", "12.50", "2024-05-06", five, "one"],
      ["2.9", "1e1", "2024-05-06 00:00:00", five, "two"],
      [" 3 ", "1", "2024-05-06", five, "three"],
      ["4", "1.005", "2024-05-06", null, "four"],
      ["5", "1.5", "20240507", null, null],
      ["6", "1.5", "12:30", null, null],
      ["7", "1.5", null, null, "seven  "],
      ["8", "0", "2024-05-06", null, "eight"],
    ]);
    const after = fitted(before);
    expect(after.rows).toEqual([
      ["1", "12.50", "2024-05-06", "5", "one"],
      ["2", "1e1", "2024-05-06", "5", "two"],
      ["5", "1.5", "2024-05-07", null, null],
      ["8", "0", "2024-05-06", null, "eight"],
    ]);
    expect(after).toMatchObject({ count: 4, bytes: before.bytes, checkpoint: 7 });
    expect(after.dirty.map(({ key, column, reason, message }) => [key, column, reason, message])).toEqual([
      [" 3 ", "id", "CONVERSION", '" 3 " is not an integer'],
      ["4", "amount", "CONVERSION", expect.stringContaining("3 digits behind the point, the column keeps 2")],
      ["6", "day", "CONVERSION", expect.stringContaining('"12:30" does not fit any of the patterns')],
      ["7", "note", "TOO_LONG", "the text has 7 characters, varchar(5) takes fewer"],
    ]);
    expect(after.dirty[0]?.cells).toEqual([" 3 ", "1", "2024-05-06", five, "three"]);
  });

  test("keeps the reader's dirty records, and may end without a record", () => {
    const known = { side: "reader", reason: "CONVERSION", message: "known", cells: [] } as const;
    const after = fitted({ ...packed([["x", null, null, null, null]]), dirty: [known] });
    expect([after.count, after.rows, after.dirty.length]).toEqual([0, [], 2]);
    expect(after.dirty[0]).toBe(known);
  });

  test("is judged by the columns of its own split, which another shard's may differ from", () => {
    const longs: Column[] = columns.map(({ name }) => ({ name, type: "long" }));
    expect(fitted(packed([["1", "2", "0", "3", "4"]], longs)).rows).toEqual([["1", "2", "1970-01-01", "3", "4"]]);
    expect(fitted(packed([["1", "2", "0", five, "4"]])).dirty).toHaveLength(1);
  });
});
