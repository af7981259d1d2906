import { describe, expect, test } from "vitest";
import { encodeDriverRow } from "../../../../../shared/connectors/mysql/driver-internals.js";
import { loadEncoder } from "../../../../../shared/connectors/mysql/load-encoder.js";
import { rowPacker } from "../../../../../shared/connectors/mysql/row-packer.js";
import type { CellForm, MysqlPlan, MysqlTarget } from "../../../../../shared/connectors/mysql/target-column.js";
import { packRows } from "../../../../../shared/connectors/sql/pack-rows.js";
import { viewOfBatches } from "../../../../../shared/connectors/sql/write/row-view.js";
import { batchOf, type Cell, type Column, type ColumnType, packedBatch } from "../../../../../shared/model/batch.js";

function columns(...types: ColumnType[]): Column[] {
  return types.map((type, at) => ({ name: `c${at}`, type }));
}

/** Cells as the protocol sends them, in the shortest form. */
function packetOf(cells: readonly (string | Buffer | null)[]): Buffer {
  const parts = cells.map((cell) => {
    if (cell === null) return Buffer.of(0xfb);
    const bytes = Buffer.from(cell);
    const { length } = bytes;
    if (length < 251) return Buffer.concat([Buffer.of(length), bytes]);
    if (length < 0x10000) return Buffer.concat([Buffer.of(0xfc, length & 255, length >> 8), bytes]);
    return Buffer.concat([Buffer.of(0xfd, length & 255, (length >> 8) & 255, length >> 16), bytes]);
  });
  return Buffer.concat(parts);
}

describe("rowPacker", () => {
  test("cells of every length class survive, nulls and empty texts stay apart", () => {
    const rows = [
      ["1", "", null, "x".repeat(250)],
      ["22", "ü🦥", "a".repeat(251), "b".repeat(70_000)],
      [null, null, null, null],
      ["333", "last", "", "c"],
    ];
    const packer = rowPacker({
      types: columns("long", "string", "string", "string").map(({ type }) => type),
      key: [0],
    });
    for (const row of rows) {
      const packet = packetOf(row);
      packer.add(Buffer.concat([Buffer.from("head"), packet]), 4, 4 + packet.length);
    }
    const part = packer.take()!;
    const origin = { columns: columns("long", "string", "string", "string"), checkpoint: null, dirty: [] };
    const batch = packedBatch(part.packed, origin);
    expect(batch.rows).toEqual(rows);
    expect(part.lastKey).toEqual([Buffer.from("333")]);
    expect(packer.take()).toBeNull();
    expect([0, 1, 2, 3].map((row) => viewOfBatches([batch, batch]).row(row + 4 - 4))).toEqual(rows);
    expect(viewOfBatches([batch, batch]).row(5)).toEqual(rows[1]);
  });

  test("bits of one digit become booleans, and key cells behind the visible ones stay out of the batch", () => {
    const packer = rowPacker({ types: ["bool", "bytes"], key: [3, 2] });
    for (const bit of [1, 0]) {
      const packet = packetOf([Buffer.of(bit), Buffer.of(0, 255), "k1", "k2"]);
      packer.add(packet, 0, packet.length);
    }
    const part = packer.take()!;
    const batch = packedBatch(part.packed, { columns: columns("bool", "bytes"), checkpoint: null, dirty: [] });
    expect(batch.rows).toEqual([
      ["true", Buffer.of(0, 255)],
      ["false", Buffer.of(0, 255)],
    ]);
    expect(part.lastKey.map(String)).toEqual(["k2", "k1"]);
  });

  test("hidden key cells do not slip into a batch without booleans either", () => {
    const packer = rowPacker({ types: ["string"], key: [1] });
    for (const key of ["1", "2"]) {
      const packet = packetOf([`row ${key}`, key]);
      packer.add(packet, 0, packet.length);
    }
    const part = packer.take()!;
    expect(packedBatch(part.packed, { columns: columns("string"), checkpoint: null, dirty: [] }).rows).toEqual([
      ["row 1"],
      ["row 2"],
    ]);
    expect(part.lastKey.map(String)).toEqual(["2"]);
  });

  test("doubles of FLOAT columns become the shortest text of the float, however much longer the column shows it", () => {
    const wide = { name: "w", scale: 30, width: 255 };
    const packer = rowPacker({
      types: ["double", "string", "double"],
      key: [],
      floats: new Map([
        [0, { name: "f", scale: 0, width: 0 }],
        [2, wide],
      ]),
    });
    const packet = packetOf(["0.10000000149011612", null, "1.5"]);
    const count = 20_000;
    for (let i = 0; i < count; i++) packer.add(packet, 0, packet.length);
    const nulls = packetOf([null, "x", null]);
    packer.add(nulls, 0, nulls.length);
    const origin = { columns: columns("double", "string", "double"), checkpoint: null, dirty: [] };
    const { rows } = packedBatch(packer.take()!.packed, origin);
    expect(rows).toHaveLength(count + 1);
    expect(new Set(rows.slice(0, count).map(String))).toEqual(
      new Set([`0.1,,${`1.5${"0".repeat(29)}`.padStart(255, "0")}`]),
    );
    expect(rows.at(-1)).toEqual([null, "x", null]);
  });

  test("a batch is full by bytes, and a row larger than a batch is a batch of its own", () => {
    const packer = rowPacker({ types: ["string"], key: [] });
    const small = packetOf(["x".repeat(1_000)]);
    let added = 0;
    while (!packer.add(small, 0, small.length)) added++;
    expect(added).toBeGreaterThan(500);
    expect(added).toBeLessThan(1_000);
    packer.take();
    const large = encodeDriverRow([Buffer.alloc(3_000_000, 0x61)]);
    expect(packer.add(large, 0, large.length)).toBe(true);
    expect(packer.take()?.packed.data).toHaveLength(3_000_000);
  });
});

const plain: MysqlTarget = {
  ...{ type: "string", isMoment: false, takesBytes: false, refusesEmpty: false },
  ...{
    name: "c",
    form: "text",
    dataType: "varchar",
    isUnsigned: false,
    isAutoIncrement: false,
    refusesNull: false,
    maxLength: null,
  },
  ...{ scale: null, bits: null, members: null, wholeDigits: null, defaultForNull: false, isForeignText: false },
};

function planOf(...over: Partial<MysqlTarget>[]): MysqlPlan {
  return {
    ...{
      datasource: null,
      sqlName: "`t`",
      title: "t",
      mode: "insert",
      updateColumns: [],
      keys: [],
      isTransactional: true,
    },
    ...{ emptyAsNull: true, bulk: true, ledger: true, maxStatementBytes: 1e6 },
    columns: over.map((one) => ({ ...plain, ...one })),
  };
}

function encoded(plan: MysqlPlan, rows: Cell[][], setAside = true): { text: string; left: readonly number[] } {
  const encoder = loadEncoder(plan, { setAside });
  const left = encoder.add(packRows(rows, plan.columns.length));
  return { text: encoder.bytes().toString("latin1"), left };
}

describe("loadEncoder", () => {
  test("separators and backslashes are escaped, nulls are not the text that looks like them", () => {
    const rows = [
      ["a\tb", "c\\d\n"],
      [null, "\\N"],
      ["", "\0\r"],
    ];
    expect(encoded(planOf({}, {}), rows).text).toBe("a\\\tb\tc\\\\d\\\n\n\\N\t\\\\N\n\t\0\r\n");
  });

  test("batches with and without anything to escape come out the same but for the escapes", () => {
    const rows = Array.from({ length: 50 }, (_, i): Cell[] => [`text ${"x".repeat(i * 13)}`, String(i)]);
    const clean = encoded(planOf({}, {}), rows).text;
    const both = encoded(planOf({}, {}), [...rows, ["\t", ""]]).text;
    expect(both).toBe(`${clean}\\\t\t\n`);
    expect(clean).toBe(rows.map((row) => `${row.join("\t")}\n`).join(""));
  });

  test.each([
    ["hex", [Buffer.of(0, 0xab, 9), "é"], "00ab09\tc3a9\n"],
    ["bool", ["true", "false"], "1\t0\n"],
    ["bit", ["true", "5"], "1\t5\n"],
    ["number", ["", "1.5"], "\\N\t1.5\n"],
    ["text", ["", "1.5"], "\t1.5\n"],
  ] as [CellForm, Cell[], string][])("cells of form %s", (form, cells, expected) => {
    expect(encoded(planOf({ form, dataType: "x" }, { form, dataType: "x" }), [cells]).text).toBe(expected);
  });

  test("rows that the server would refuse are left out, as long as they are few and their order does not matter", () => {
    const plan = planOf({ maxLength: 3 });
    const rows: Cell[][] = Array.from({ length: 100 }, () => ["üüü"]);
    rows[50] = ["four"];
    expect(encoded(plan, rows).left).toEqual([50]);
    expect(encoded(plan, rows, false).left).toEqual([]);
    expect(
      encoded(
        plan,
        rows.map(() => ["four"]),
      ).left,
    ).toEqual([]);
  });

  test.each([
    [
      { form: "number", dataType: "int" },
      ["2147483647", "-2147483648", "0"],
      ["2147483648", "-2147483649", "12345678901234567890"],
    ],
    [{ form: "number", dataType: "tinyint", isUnsigned: true }, ["255", "0"], ["256", "-1"]],
    [{ form: "number", dataType: "bigint", isUnsigned: true }, ["18446744073709551615"], ["18446744073709551616"]],
    [{ form: "number", dataType: "int", isForeignText: true }, ["1", "1.5"], ["x", "1e3", "-"]],
    [{ form: "number", dataType: "decimal", wholeDigits: 3 }, ["999.99", "-999"], ["1000", "1000.5"]],
    [{ form: "number", dataType: "double", isForeignText: true }, ["1.5", "-2"], ["x", "1.5.5"]],
    [{ form: "bit", dataType: "bit" }, ["1", "TRUE", "255"], ["x", "-1", ""]],
    [{ form: "hex", dataType: "varbinary", maxLength: 2 }, [Buffer.of(1, 2)], [Buffer.of(1, 2, 3)]],
    [{ refusesNull: true }, ["x", ""], [null]],
  ] as [Partial<MysqlTarget>, Cell[], Cell[]][])("a column %j takes %j and suspects %j", (column, fine, suspect) => {
    const plan = planOf(column);
    expect(
      encoded(
        plan,
        fine.map((cell) => [cell]),
      ).left,
    ).toEqual([]);
    const padding: Cell[][] = Array.from({ length: 400 }, () => [fine[0] ?? "1"]);
    expect(encoded(plan, [...suspect.map((cell): Cell[] => [cell]), ...padding]).left).toEqual(
      suspect.map((_, at) => at),
    );
  });
});

test("rows packed here read back as they were", () => {
  const rows: Cell[][] = [
    ["a", null, Buffer.of(255)],
    ["ü".repeat(40), "", Buffer.alloc(0)],
    ["x".repeat(100_000), "é", Buffer.from("b")],
  ];
  const origin = { columns: columns("string", "string", "bytes"), checkpoint: null, dirty: [] };
  expect(packedBatch(packRows(rows, 3), origin).rows).toEqual(rows);
  expect(viewOfBatches([batchOf(rows, origin)]).cell(1, 0)).toBe("ü".repeat(40));
});
