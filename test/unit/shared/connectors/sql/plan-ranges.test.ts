import { describe, expect, test } from "vitest";
import type { KeyRange, KeyValue } from "../../../../../shared/connectors/sql/key-range.js";
import { type KeyProbe, planRanges } from "../../../../../shared/connectors/sql/plan-ranges.js";

/** An index of integers in memory; estimates are doubled beyond a tenth of the table, as a server's may be. */
function probeOf(keys: readonly number[]): KeyProbe & { looks: number } {
  const inside = ({ after, upTo }: KeyRange) =>
    keys.filter((key) => (!after || key > Number(after[0])) && (!upTo || key <= Number(upTo[0])));
  const probe = {
    looks: 0,
    async firstFrom(guess: KeyValue, range: KeyRange) {
      probe.looks++;
      const found = inside(range).find((key) => key >= Number(guess[0]));
      return found === undefined ? null : [String(found)];
    },
    async lastBefore(key: KeyValue) {
      probe.looks++;
      const found = keys.filter((one) => one < Number(key[0])).at(-1);
      return found === undefined ? null : [String(found)];
    },
    async estimate(range: KeyRange) {
      probe.looks++;
      const true_ = inside(range).length;
      return true_ > keys.length / 10 ? Math.min(true_ * 2, keys.length / 2) : true_;
    },
  };
  return probe;
}

const dense = Array.from({ length: 10_000 }, (_, i) => i);
const sets: [string, number[]][] = [
  ["dense", dense],
  ["negative and sparse", dense.map((i) => (i - 5_000) * 1_000_003)],
  ["crowded at the low end of a huge span", [...dense, 4e15, 8e15]],
  ["crowded at the high end", [-8e15, ...dense]],
  ["growing exponentially", Array.from({ length: 50 }, (_, i) => 2 ** i)],
  ["one", [5]],
  ["two", [5, 6]],
];

describe.each(sets)("keys %s", (_, keys) => {
  test.each([1, 2, 7, 20])("are covered by at most %i ranges without gap or overlap", async (count) => {
    const probe = probeOf(keys);
    const ends = { first: [String(keys[0])], last: [String(keys.at(-1))] };
    const ranges = await planRanges(probe, [{ name: "id", kind: "integer" }], ends, count);
    expect(ranges.length).toBeLessThanOrEqual(count);
    expect(ranges[0]?.after).toBeNull();
    expect(ranges.at(-1)?.upTo).toBeNull();
    for (const [at, range] of ranges.entries()) if (at > 0) expect(range.after).toEqual(ranges[at - 1]?.upTo);
    expect(probe.looks).toBeLessThan(2_000);
    if (keys.length < 10_000) return;
    expect(ranges).toHaveLength(count);
    const sizes = ranges.map(
      ({ after, upTo }) =>
        keys.filter((key) => (!after || key > Number(after[0])) && (!upTo || key <= Number(upTo[0]))).length,
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual((keys.length / count) * 1.6);
  });
});

test("a collation that contradicts the guesses costs evenness, never rows", async () => {
  const probe = { ...probeOf(dense), firstFrom: async () => null };
  const ranges = await planRanges(probe, [{ name: "id", kind: "integer" }], { first: ["0"], last: ["9999"] }, 5);
  expect(ranges).toMatchObject([{ after: null, upTo: null }]);
});
