import { describe, expect, test } from "vitest";
import { batchOf, type Cell, type Column, packedBatch } from "../../../../shared/model/batch.js";
import { clockShift, onOtherClocks } from "../../../../shared/model/clock.js";

const columns: Column[] = [
  { name: "id", type: "long" },
  { name: "at", type: "date" },
  { name: "note", type: "string" },
];
const rest = { columns, checkpoint: null, dirty: [] };

function packed(rows: readonly (readonly (string | null)[])[]) {
  const cells = rows.flat();
  const data = Buffer.concat(cells.map((cell) => Buffer.from(cell ?? "")));
  const lengths = Int32Array.from(cells, (cell) => (cell === null ? -1 : Buffer.byteLength(cell)));
  return packedBatch({ data, lengths }, rest);
}

const text = (row: readonly Cell[]) => row.map((cell) => (cell === null ? null : cell.toString()));
const moved = (rows: readonly (readonly (string | null)[])[], from: string, to: string) => {
  const shifts = new Map([[1, { from, to }]]);
  const [inPlace, byRow] = [packed(rows), batchOf(rows, rest)].map((batch) => onOtherClocks(batch, shifts));
  return {
    inPlace: inPlace?.rows.map(text),
    byRow: byRow?.rows.map(text),
    dirty: byRow?.dirty,
    packed: inPlace?.packed,
  };
};

describe("dates on another clock", () => {
  const rows = [
    ["1", "2024-02-29 23:59:59.123456", "2024-02-29 23:59:59"],
    ["2", null, null],
    ["3", "0000-00-00 00:00:00", ""],
    ["4", "2024-02-29 23:59", "é"],
    ["5", "2023-12-31 16:30:00", "x"],
  ];

  test.each([
    ["+00:00", "+08:00", ["2024-03-01 07:59:59.123456", "2024-03-01 07:59", "2024-01-01 00:30:00"]],
    ["+05:30", "-03:30", ["2024-02-29 14:59:59.123456", "2024-02-29 14:59", "2023-12-31 07:30:00"]],
  ] as const)("are moved from %s to %s where they lie, and nothing beside them", (from, to, [a, b, c]) => {
    const found = moved(rows, from, to);
    const expected = [
      ["1", a, "2024-02-29 23:59:59"],
      ["2", null, null],
      ["3", "0000-00-00 00:00:00", ""],
      ["4", b, "é"],
      ["5", c, "x"],
    ];
    expect(found.packed).toBeDefined();
    expect(found.inPlace).toEqual(expected);
    expect(found.byRow?.map((row) => row.map((cell) => cell?.slice(0, 16)))).toEqual(
      expected.map((row) => row.map((cell) => cell?.slice(0, 16) ?? undefined)),
    );
  });

  test("are dirty where no clock shows them, and their neighbours are not", () => {
    const gap = [
      ["1", "2024-03-10 02:30:00", "skipped"],
      ["2", "2024-03-10 03:30:00", "there"],
    ];
    const { byRow, inPlace, dirty } = moved(gap, "America/New_York", "+00:00");
    expect(byRow).toEqual([["2", "2024-03-10 07:30:00", "there"]]);
    expect(inPlace).toEqual(byRow);
    expect(dirty).toMatchObject([{ reason: "CONVERSION", column: "at", cells: gap[0] }]);
  });

  test("of an hour that comes twice count as the later one; what is no date is none", () => {
    const shift = clockShift("America/New_York", "+00:00");
    expect(["2024-11-03 01:30:00", "2024-11-03", "12:00:00", "soon"].map(shift)).toEqual([
      "2024-11-03 06:30:00",
      "2024-11-03 04:00:00",
      null,
      null,
    ]);
  });

  test("leave the ends of time where they are, which no clock shows", () => {
    const { inPlace, byRow, dirty } = moved(
      [
        ["1", "infinity", ""],
        ["2", "-infinity", ""],
        ["3", "infinite", ""],
      ],
      "+08:00",
      "+00:00",
    );
    expect(inPlace).toEqual([
      ["1", "infinity", ""],
      ["2", "-infinity", ""],
    ]);
    expect(byRow).toEqual(inPlace);
    expect(dirty?.map(({ cells }) => cells[0])).toEqual(["3"]);
  });
});
