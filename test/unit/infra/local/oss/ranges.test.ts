import { describe, expect, it } from "vitest";
import { parseRange } from "../../../../../infra/local/oss/ranges.js";

const whole = null;

describe("a range of an object of 1,000 bytes", () => {
  it.each([
    ["bytes=0-499", { from: 0, to: 500 }],
    ["bytes=999-999", { from: 999, to: 1000 }],
    ["bytes=500-", { from: 500, to: 1000 }],
    ["bytes=-1", { from: 999, to: 1000 }],
    ["bytes=-1000", { from: 0, to: 1000 }],
    ["bytes=0-9,20-29", { from: 0, to: 10 }],
    ["bytes=0-1000", whole],
    ["bytes=1000-", whole],
    ["bytes=1000-2000", whole],
    ["bytes=-2000", whole],
    ["bytes=-0", whole],
    ["bytes=9-5", whole],
    ["bytes=-", whole],
    ["byte=0-9", whole],
    ["bytes=a-b", whole],
    [undefined, whole],
  ])("asked for by %s", (header, range) => {
    expect(parseRange(header, 1000, { standard: false })).toEqual(range);
  });

  it.each([
    ["bytes=500-2000", { from: 500, to: 1000 }],
    ["bytes=-2000", { from: 0, to: 1000 }],
    ["bytes=0-9", { from: 0, to: 10 }],
    ["nonsense", whole],
  ])("asked for by %s in the standard way", (header, range) => {
    expect(parseRange(header, 1000, { standard: true })).toEqual(range);
  });

  it.each(["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=9-5"])(
    "is refused for %s in the standard way",
    (header) => {
      expect(() => parseRange(header, 1000, { standard: true })).toThrow(
        expect.objectContaining({ code: "InvalidRange", status: 416 }),
      );
    },
  );
});

it("finds no range in an empty object", () => {
  expect(parseRange("bytes=0-", 0, { standard: false })).toBe(whole);
  expect(parseRange("bytes=-5", 0, { standard: false })).toBe(whole);
  expect(() => parseRange("bytes=0-", 0, { standard: true })).toThrow();
});
