import { describe, expect, it } from "vitest";
import type { KeyPart } from "../../../../../shared/connectors/ots/key.js";
import { cutRange, rangeSchema, resolveRange } from "../../../../../shared/connectors/ots/range.js";
import type { OtsKeyColumn } from "../../../../../shared/connectors/ots/table.js";

const one: OtsKeyColumn[] = [{ name: "id", type: "INT" }];
const two: OtsKeyColumn[] = [
  { name: "user", type: "STRING" },
  { name: "seq", type: "INT" },
];
const min = { type: "INF_MIN" } as const;
const max = { type: "INF_MAX" } as const;
const int = (value: string): KeyPart => ({ type: "INT", value });
const text = (value: string): KeyPart => ({ type: "STRING", value });

function resolve(bounds: object, columns: readonly OtsKeyColumn[]) {
  return resolveRange(rangeSchema.parse(bounds), columns);
}

describe("resolveRange", () => {
  it("opens what is left out", () => {
    expect(resolve({}, two).range).toEqual({ begin: [min, min], end: [max, max], isBackward: false });
    expect(resolve({ begin: [{ type: "int", value: 5 }] }, one).range).toEqual({
      begin: [int("5")],
      end: [max],
      isBackward: false,
    });
  });

  it("reads backward when begin is behind end", () => {
    expect(resolve({ begin: [max], end: [min] }, one).range).toMatchObject({
      isBackward: true,
      begin: [max],
      end: [min],
    });
    expect(resolve({ begin: [max] }, two).range).toEqual({ begin: [max, max], end: [min, min], isBackward: true });
    expect(resolve({ end: [min] }, one).range).toMatchObject({ begin: [max], end: [min], isBackward: true });
    const back = { begin: [{ type: "int", value: "9223372036854775807" }], end: [{ type: "int", value: "-5" }] };
    expect(resolve(back, one).range.isBackward).toBe(true);
    expect(
      resolve({ begin: [{ type: "string", value: "b" }], end: [{ type: "string", value: "a" }] }, two).range,
    ).toEqual({
      begin: [text("b"), max],
      end: [text("a"), max],
      isBackward: true,
    });
  });

  it("compares integers as numbers and text by its bytes", () => {
    expect(
      resolve({ begin: [{ type: "INT", value: 9 }], end: [{ type: "INT", value: 10 }] }, one).range.isBackward,
    ).toBe(false);
    const high = { begin: [{ type: "string", value: "\uffee" }], end: [{ type: "string", value: "😀" }] };
    expect(resolve(high, two).range.isBackward).toBe(false);
  });

  it.each([
    [{ begin: [{ type: "string", value: "x" }] }, "range.begin[0]", /string given, but key column id is of type INT/],
    [{ end: [{ type: "int", value: "x" }] }, "range.end[0]", /"x" is not a value of type int/],
    [{ end: [{ type: "int", value: "9223372036854775808" }] }, "range.end[0]", /is not a value of type int/],
    [{ begin: [{ type: "int" }] }, "range.begin[0]", /a value of type int is missing/],
    [{ begin: [min, min] }, "range.begin", /2 values for a key of 1 column/],
    [{ begin: [{ type: "int", value: 1 }], end: [{ type: "int", value: 1 }] }, "range", /empty/],
    [
      {
        split: [
          { type: "int", value: 5 },
          { type: "int", value: 3 },
        ],
      },
      "range.split[1]",
      /follow its direction/,
    ],
  ])("refuses %j", (bounds, path, message) => {
    expect(() => resolve(bounds, one)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", path }));
    expect(() => resolve(bounds, one)).toThrow(message);
  });
});

describe("cutRange", () => {
  it("gives pieces that meet", () => {
    const { range, points } = resolve(
      {
        split: [
          { type: "string", value: "g" },
          { type: "string", value: "p" },
        ],
      },
      two,
    );
    expect(cutRange(range, points, two).map(({ begin, end }) => [begin, end])).toEqual([
      [
        [min, min],
        [text("g"), min],
      ],
      [
        [text("g"), min],
        [text("p"), min],
      ],
      [
        [text("p"), min],
        [max, max],
      ],
    ]);
  });

  it("gives the range itself without points", () => {
    const { range } = resolve({}, one);
    expect(cutRange(range, [], one)).toEqual([range]);
  });
});
