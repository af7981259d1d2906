import { describe, expect, it } from "vitest";
import { keySpace } from "../../../../../infra/local/service.js";
import {
  counterKey,
  directoryKey,
  garbageKey,
  garbageRange,
  lastTableIdKey,
  otsRowKey,
  otsTableKey,
  rowsRange,
  successor,
  tableIdOf,
} from "../../../../../infra/local/tablestore/keys.js";
import { type Variant, variantType } from "../../../../../infra/local/tablestore/plainbuffer.js";
import { integer } from "../../../../../infra/local/tablestore/variant.js";

const content = (type: number, bytes: Buffer): Variant => {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const text = (value: string) => content(variantType.string, Buffer.from(value, "utf8"));
const blob = (...bytes: number[]) => content(variantType.blob, Buffer.from(bytes));
const minimum = Buffer.from([variantType.minimum]);
const maximum = Buffer.from([variantType.maximum]);

function expectAscending(keys: readonly (readonly Variant[])[]): void {
  const encoded = keys.map((values) => otsRowKey(1, values));
  for (let at = 1; at < encoded.length; at++) {
    expect(Buffer.compare(encoded[at - 1] as Buffer, encoded[at] as Buffer)).toBe(-1);
  }
}

describe("Row keys", () => {
  it("sort integers by value", () => {
    const values = [-(2n ** 63n), -(2n ** 53n), -256n, -1n, 0n, 1n, 255n, 256n, 2n ** 53n, 2n ** 63n - 1n];
    expectAscending([[minimum], ...values.map((value) => [integer(value)]), [maximum]]);
  });

  it("sort text by its UTF-8 bytes, prefixes and zero bytes included", () => {
    const values = ["", "\0", "\0\0", "\0a", "a", "a\0", "a\0\0", "a\0b", "a\u0001", "aa", "b", "é", "\uffff", "😀"];
    expectAscending([[minimum], ...values.map((value) => [text(value)]), [maximum]]);
  });

  it("sort blobs by their bytes", () => {
    const values = [[], [0], [0, 0], [0, 255], [1], [255], [255, 0], [255, 255]];
    expectAscending([[minimum], ...values.map((bytes) => [blob(...bytes)]), [maximum]]);
  });

  it("compare column by column, with bounds inside a partition", () => {
    expectAscending([
      [text("a"), minimum],
      [text("a"), integer(-1n)],
      [text("a"), integer(5n)],
      [text("a"), maximum],
      [text("a\0"), minimum],
      [text("a\0"), integer(0n)],
      [text("b"), minimum],
    ]);
  });

  it("keep tables apart and lie inside their table's range", () => {
    const { gte, lt } = rowsRange(7);
    for (const value of [minimum, text(""), text("\uffff"), maximum]) {
      const key = otsRowKey(7, [value]);
      expect(Buffer.compare(key, gte)).toBe(1);
      expect(Buffer.compare(key, lt)).toBe(-1);
    }
    expect(Buffer.compare(otsRowKey(6, [maximum]), gte)).toBe(-1);
    expect(Buffer.compare(otsRowKey(8, [minimum]), lt)).toBe(1);
  });

  it("have nothing between them and their successor", () => {
    const key = otsRowKey(1, [text("a")]);
    expect(Buffer.compare(successor(key), key)).toBe(1);
    expect(Buffer.compare(successor(key), otsRowKey(1, [text("a\0")]))).toBe(-1);
  });
});

describe("All keys", () => {
  const keys = [
    directoryKey("inst"),
    otsTableKey("inst", "t"),
    otsRowKey(1, [text("x")]),
    counterKey(1),
    lastTableIdKey(),
    garbageKey(1),
  ];

  it("begin with the service's own byte and differ", () => {
    for (const key of keys) expect(key[0]).toBe(keySpace.tablestore);
    expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(keys.length);
  });

  it("tell instances apart whose names run into the table's", () => {
    expect(otsTableKey("ab", "c")).not.toEqual(otsTableKey("a", "bc"));
  });

  it("of garbage lie in their range and name their table", () => {
    const { gte, lt } = garbageRange();
    const inside = keys.filter((key) => Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lt) < 0);
    expect(inside).toEqual([garbageKey(1)]);
    expect(tableIdOf(garbageKey(70_000))).toBe(70_000);
  });
});
