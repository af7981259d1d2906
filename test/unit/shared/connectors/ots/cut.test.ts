import { describe, expect, it } from "vitest";
import { between } from "../../../../../shared/connectors/ots/between.js";
import { findCuts, type OtsKeyProbe } from "../../../../../shared/connectors/ots/cut.js";
import { compareParts, type KeyPart } from "../../../../../shared/connectors/ots/key.js";

const int = (value: number | bigint): KeyPart => ({ type: "INT", value: String(value) });
const text = (value: string): KeyPart => ({ type: "STRING", value });

/** A probe over values in memory, which counts its questions. */
function probeOver(values: readonly KeyPart[]): OtsKeyProbe & { asked: number } {
  const sorted = [...values].sort(compareParts);
  return {
    asked: 0,
    async atOrAfter(part) {
      this.asked++;
      return sorted.find((one) => compareParts(one, part) >= 0) ?? null;
    },
    async before(part) {
      this.asked++;
      return sorted.findLast((one) => compareParts(one, part) < 0) ?? null;
    },
  };
}

/** Rows per piece after cutting. */
async function sizes(values: readonly KeyPart[], pieces: number) {
  const probe = probeOver(values);
  const sorted = [...values].sort(compareParts);
  const cuts = await findCuts(probe, { first: sorted[0]!, last: sorted.at(-1)! }, pieces);
  const counts = Array.from({ length: cuts.length + 1 }, () => 0);
  for (const value of sorted) {
    const piece = cuts.findIndex((cut) => compareParts(value, cut) < 0);
    counts[piece < 0 ? cuts.length : piece]!++;
  }
  return { counts, cuts, asked: probe.asked };
}

describe("findCuts", () => {
  it("cuts even integers evenly", async () => {
    const { counts } = await sizes(
      Array.from({ length: 1000 }, (_, i) => int(i)),
      10,
    );
    expect(counts).toHaveLength(10);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });

  it("cuts crowds again when a far-off value takes all the room", async () => {
    const values = [...Array.from({ length: 1000 }, (_, i) => int(i)), int(10n ** 18n), int(-(10n ** 18n))];
    const { counts } = await sizes(values, 12);
    expect(counts.length).toBeGreaterThanOrEqual(10);
    expect(counts.length).toBeLessThanOrEqual(16);
    expect(Math.max(...counts)).toBeLessThan(250);
  });

  it("cuts text with a long common beginning", async () => {
    const values = Array.from({ length: 900 }, (_, i) => text(`user-${String(i + 100)}`));
    const { counts } = await sizes(values, 8);
    expect(counts.length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...counts)).toBeLessThan(350);
  });

  it("leaves no piece empty and asks few questions", async () => {
    const values = Array.from({ length: 50 }, (_, i) => int(2 ** Math.min(i, 50)));
    const { counts, asked } = await sizes(values, 20);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(counts.reduce((a, b) => a + b)).toBe(50);
    expect(asked).toBeLessThan(200);
  });

  it("does not cut a single value", async () => {
    expect((await sizes([int(7)], 5)).cuts).toEqual([]);
  });
});

describe("between", () => {
  it("keeps every digit of large integers", () => {
    expect(between(int(-(2n ** 63n)), int(2n ** 63n - 1n), { step: 1, steps: 2 })).toEqual(int(-1n));
  });

  it.each([
    ["a", "z"],
    ["", "b"],
    ["abc", "abcd"],
    ["Zoë", "Zoë 😀"],
    ["user0001", "user9999"],
    ["\ud7ff", "\ue000"],
    ["x".repeat(1020), `${"x".repeat(1020)}zz`],
  ])("stays between '%s' and '%s', within the longest key", (low, high) => {
    let previous = text(low);
    for (let step = 0; step <= 8; step++) {
      const point = between(text(low), text(high), { step, steps: 8 });
      expect(compareParts(previous, point)).toBeLessThanOrEqual(0);
      expect(compareParts(point, text(high))).toBeLessThanOrEqual(0);
      expect(Buffer.byteLength("value" in point ? point.value : "")).toBeLessThanOrEqual(1024);
      previous = point;
    }
  });

  it("cuts bytes", () => {
    const bytes = (...values: number[]): KeyPart => ({ type: "BINARY", value: Buffer.from(values).toString("base64") });
    const middle = between(bytes(1, 0), bytes(1, 255, 9), { step: 1, steps: 2 });
    expect(compareParts(bytes(1, 0), middle)).toBeLessThan(0);
    expect(compareParts(middle, bytes(1, 255, 9))).toBeLessThan(0);
  });
});
