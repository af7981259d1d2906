import schema from "tablestore/lib/protocol/tablestore_compiled_proto.js";
import { describe, expect, it } from "vitest";
import { parseColumnCondition, parseFilter } from "../../../../../infra/local/tablestore/filter.js";
import { OtsError } from "../../../../../infra/local/tablestore/ots-error.js";
import { type PlainCell, type Variant, variantType } from "../../../../../infra/local/tablestore/plainbuffer.js";
import { compareVariants, integer } from "../../../../../infra/local/tablestore/variant.js";

const encode = (name: string, message: object): Buffer =>
  Buffer.from(schema.filter.proto[name]?.encode(message).finish() ?? []);
const wrap = (type: number, filter: Buffer) => ({ type, filter });
const single = (columnName: string, comparator: number, columnValue: Variant, options: object = {}) =>
  wrap(
    1,
    encode("SingleColumnValueFilter", {
      comparator,
      columnName,
      columnValue,
      filterIfMissing: true,
      latestVersionOnly: true,
      ...options,
    }),
  );
const composite = (combinator: number, ...subFilters: object[]) =>
  wrap(2, encode("CompositeColumnValueFilter", { combinator, subFilters }));
const paging = (offset: number, limit: number) => wrap(3, encode("ColumnPaginationFilter", { offset, limit }));
const bytesOf = (filter: object) => encode("Filter", filter);

const double = (value: number): Variant => {
  const bytes = Buffer.alloc(9);
  bytes[0] = variantType.double;
  bytes.writeDoubleLE(value, 1);
  return bytes;
};
const text = (value: string): Variant => {
  const bytes = Buffer.from(value, "utf8");
  const head = Buffer.alloc(5);
  head[0] = variantType.string;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const truth = (value: boolean) => Buffer.from([variantType.boolean, value ? 1 : 0]);
const rowOf = (...attributes: PlainCell[]) => ({ key: [{ name: "pk", value: text("k") }], attributes });
const cell = (name: string, value: Variant): PlainCell => ({ name, value });
const [EQ, NE, GT, GE, LT, LE] = [1, 2, 3, 4, 5, 6];
const [NOT, AND, OR] = [1, 2, 3];

describe("Comparing values", () => {
  it("orders values of one kind and says nothing about different kinds", () => {
    expect(compareVariants(integer(-1n), integer(1n))).toBeLessThan(0);
    expect(compareVariants(integer(2n ** 62n), integer(2n ** 62n))).toBe(0);
    expect(compareVariants(double(1.5), double(-2))).toBeGreaterThan(0);
    expect(compareVariants(double(Number.NaN), double(1))).toBeNull();
    expect(compareVariants(text("b"), text("aa"))).toBeGreaterThan(0);
    expect(compareVariants(truth(false), truth(true))).toBeLessThan(0);
    expect(compareVariants(integer(1n), double(1))).toBeNull();
  });
});

describe("A column filter", () => {
  it.each([
    [EQ, [false, true, false]],
    [NE, [true, false, true]],
    [GT, [false, false, true]],
    [GE, [false, true, true]],
    [LT, [true, false, false]],
    [LE, [true, true, false]],
  ] as const)("with comparator %i judges smaller, equal and greater cells", (comparator, expected) => {
    const filter = parseFilter(bytesOf(single("a", comparator as number, integer(5n))));
    expect([4n, 5n, 6n].map((value) => filter.matches(rowOf(cell("a", integer(value)))))).toEqual(expected);
  });

  it("holds for another kind of value only by ≠", () => {
    const row = rowOf(cell("a", text("5")));
    const holding = [EQ, NE, GT, GE, LT, LE].filter((comparator) =>
      parseFilter(bytesOf(single("a", comparator as number, integer(5n)))).matches(row),
    );
    expect(holding).toEqual([NE]);
  });

  it("decides a missing column by filterIfMissing", () => {
    for (const filterIfMissing of [true, false]) {
      const filter = parseFilter(bytesOf(single("a", EQ as number, integer(5n), { filterIfMissing })));
      expect(filter.matches(rowOf())).toBe(!filterIfMissing);
    }
  });

  it("looks at older versions unless told otherwise", () => {
    const row = rowOf(cell("a", text("new")), cell("a", text("old")));
    for (const latestVersionOnly of [true, false]) {
      const filter = parseFilter(bytesOf(single("a", EQ as number, text("old"), { latestVersionOnly })));
      expect(filter.matches(row)).toBe(!latestVersionOnly);
    }
  });

  it("may look at a key column", () => {
    expect(parseFilter(bytesOf(single("pk", EQ as number, text("k")))).matches(rowOf())).toBe(true);
  });
});

describe("A composite filter", () => {
  const yes = single("a", EQ as number, integer(1n));
  const no = single("a", EQ as number, integer(2n));
  const row = rowOf(cell("a", integer(1n)));
  const matches = (filter: object) => parseFilter(bytesOf(filter)).matches(row);

  it("combines and nests", () => {
    expect(matches(composite(AND as number, yes, yes))).toBe(true);
    expect(matches(composite(AND as number, yes, no))).toBe(false);
    expect(matches(composite(OR as number, no, yes))).toBe(true);
    expect(matches(composite(NOT as number, no))).toBe(true);
    expect(matches(composite(NOT as number, composite(OR as number, no, composite(AND as number, yes, yes))))).toBe(
      false,
    );
  });

  it("is refused when it is wrongly built", () => {
    const wrong = [
      composite(NOT as number, yes, no),
      composite(AND as number),
      composite(9, yes),
      composite(AND as number, paging(0, 1)),
      composite(AND as number, ...Array.from({ length: 11 }, () => yes)),
      single("a", 9, integer(1n)),
      single("a", EQ as number, Buffer.from([42])),
      wrap(2, Buffer.from([0xff])),
    ];
    for (const filter of wrong) expect(() => parseFilter(bytesOf(filter))).toThrow(OtsError);
    expect(() => parseFilter(Buffer.from([1, 2, 3]))).toThrow(OtsError);
  });
});

describe("A pagination filter", () => {
  it("passes every row and names a page of columns", () => {
    const filter = parseFilter(bytesOf(paging(2, 3)));
    expect(filter.matches(rowOf())).toBe(true);
    expect(filter.paging).toEqual({ offset: 2, limit: 3 });
  });

  it("is refused with odd numbers, and as a condition", () => {
    expect(() => parseFilter(bytesOf(paging(-1, 3)))).toThrow(OtsError);
    expect(() => parseFilter(bytesOf(paging(0, 0)))).toThrow(OtsError);
    expect(() => parseColumnCondition(bytesOf(paging(0, 1)))).toThrow(OtsError);
  });
});
