import { describe, expect, it } from "vitest";
import { batchOf, type Column, packedBatch, payloadBytes } from "../../../../shared/model/batch.js";

const columns: readonly Column[] = [
  { name: "id", type: "long" },
  { name: "name", type: "string" },
  { name: "data", type: "bytes" },
];
const origin = { columns, checkpoint: 7, dirty: [] };

describe("batchOf", () => {
  it("counts records and payload", () => {
    const batch = batchOf(
      [
        ["1", "né", Buffer.from([1, 2, 3])],
        ["2", null, null],
      ],
      origin,
    );
    expect(batch).toMatchObject({ count: 2, bytes: 1 + 2 + 3 + 1, checkpoint: 7 });
  });

  it("believes a reader that counted bytes itself", () => {
    expect(batchOf([["1", "x", null]], origin, 99).bytes).toBe(99);
  });
});

describe("packedBatch", () => {
  const rows = [
    ["1", "né", Buffer.from([0, 255])],
    ["", null, Buffer.alloc(0)],
  ] as const;
  const cells = rows.flat().map((cell) => (typeof cell === "string" ? Buffer.from(cell) : cell));
  const packed = {
    data: Buffer.concat(cells.map((cell) => cell ?? Buffer.alloc(0))),
    lengths: Int32Array.from(cells.map((cell) => cell?.length ?? -1)),
  };

  it("decodes text as UTF-8, leaves bytes alone and tells null from empty", () => {
    expect(packedBatch(packed, origin).rows).toEqual(rows);
  });

  it("knows count and bytes without decoding, and decodes once", () => {
    const batch = packedBatch(packed, origin);
    expect([batch.count, batch.bytes]).toEqual([2, packed.data.length]);
    expect(batch.rows).toBe(batch.rows);
  });

  it("is empty without columns", () => {
    const nothing = { data: Buffer.alloc(0), lengths: new Int32Array(0) };
    expect(packedBatch(nothing, { ...origin, columns: [] })).toMatchObject({ count: 0, rows: [] });
  });
});

describe("payloadBytes", () => {
  it("counts null as nothing", () => expect(payloadBytes([[null, "ab"], [Buffer.alloc(3)]])).toBe(5));
});
