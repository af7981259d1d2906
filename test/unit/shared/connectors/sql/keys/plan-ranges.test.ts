import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { KeyProbe } from "../../../../../../shared/connectors/sql/keys/key-probe.js";
import type { KeyRange, KeyValue } from "../../../../../../shared/connectors/sql/keys/key-range.js";
import { planRanges } from "../../../../../../shared/connectors/sql/keys/plan-ranges.js";

/** An index of integers in memory; estimates are doubled beyond a tenth of the table, as a server's may be. */
function probeOf(keys: readonly number[]): KeyProbe & { reads: number } {
  const inside = ({ after, upTo }: KeyRange) =>
    keys.filter((key) => (!after || key > Number(after[0])) && (!upTo || key <= Number(upTo[0])));
  const probe = {
    reads: 0,
    async firstFrom(guess: KeyValue, range: KeyRange) {
      probe.reads++;
      const found = inside(range).find((key) => key >= Number(guess[0]));
      return found === undefined ? null : [String(found)];
    },
    firstFromEach: async () => [],
    walk: async () => null,
    async lastBefore(key: KeyValue) {
      probe.reads++;
      const found = keys.filter((one) => one < Number(key[0])).at(-1);
      return found === undefined ? null : [String(found)];
    },
    async estimate(range: KeyRange) {
      probe.reads++;
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
    const ranges = await planRanges(probe, [{ name: "id", kind: "integer" }], { ends, count });
    expect(ranges.length).toBeLessThanOrEqual(count);
    expect(ranges[0]?.after).toBeNull();
    expect(ranges.at(-1)?.upTo).toBeNull();
    for (const [at, range] of ranges.entries()) if (at > 0) expect(range.after).toEqual(ranges[at - 1]?.upTo);
    expect(probe.reads).toBeLessThan(2_000);
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
  const ranges = await planRanges(probe, [{ name: "id", kind: "integer" }], {
    ends: { first: ["0"], last: ["9999"] },
    count: 5,
  });
  expect(ranges).toMatchObject([{ after: null, upTo: null }]);
});

/** An index of texts in memory, in the order of a collation that nothing outside of it knows. */
function textProbe(given: readonly string[], compare: (one: string, other: string) => number) {
  const texts = [...given].sort(compare);
  const inside = ({ after, upTo }: KeyRange) =>
    texts.filter(
      (text) => (!after || compare(text, after[0] ?? "") > 0) && (!upTo || compare(text, upTo[0] ?? "") <= 0),
    );
  const probe = {
    texts,
    reads: 0,
    walked: 0,
    firstFrom: async () => null,
    async firstFromEach(guesses: readonly KeyValue[], range: KeyRange) {
      probe.reads++;
      const part = inside(range);
      const found = guesses.flatMap(([guess = ""]) => part.find((text) => compare(text, guess) >= 0) ?? []);
      return part.filter((text) => found.includes(text)).map((text) => [text]);
    },
    async walk(range: KeyRange, steps: number) {
      probe.walked += steps;
      const found = inside(range)[steps];
      return found === undefined ? null : [found];
    },
    async lastBefore([key = ""]: KeyValue) {
      probe.reads++;
      const found = texts.filter((text) => compare(text, key) < 0).at(-1);
      return found === undefined ? null : [found];
    },
    async estimate(range: KeyRange) {
      probe.reads++;
      return inside(range).length;
    },
    count: (range: KeyRange) => inside(range).length,
  };
  return probe;
}

/** Orders that contradict the order of codes. */
const collations: readonly [string, (one: string, other: string) => number][] = [
  ["of codes", (one, other) => (one < other ? -1 : one > other ? 1 : 0)],
  ["that goes backwards", (one, other) => (one > other ? -1 : one < other ? 1 : 0)],
  ["of a dictionary", new Intl.Collator("en").compare],
  ["of pinyin", new Intl.Collator("zh-u-co-pinyin").compare],
];
const hashed = (n: number) => createHash("md5").update(String(n)).digest();
const alphabets: readonly [string, (n: number) => string][] = [
  ["hex digits", (n) => hashed(n).toString("hex")],
  ["base64", (n) => hashed(n).toString("base64")],
  ["Chinese", (n) => String.fromCodePoint(...[0, 2, 4].map((at) => 0x4e00 + (hashed(n).readUInt16LE(at) % 0x5000)))],
  ["a common beginning", (n) => `https://shop.example/${n}`],
];

describe.each(collations)("texts in an order %s", (_, compare) => {
  test.each(alphabets)("of %s are cut evenly by few looks", async (_, make) => {
    const probe = textProbe([...new Set(Array.from({ length: 4000 }, (_, n) => make(n)))], compare);
    const { texts } = probe;
    const ends = { first: [texts[0] ?? ""], last: [texts.at(-1) ?? ""] };
    const ranges = await planRanges(probe, [{ name: "id", kind: "text" }], { ends, count: 8 });
    const sizes = ranges.map((range) => probe.count(range));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(texts.length);
    expect(ranges.length).toBeGreaterThanOrEqual(7);
    expect(Math.max(...sizes)).toBeLessThanOrEqual((texts.length / 8) * 1.8);
    expect(probe.reads).toBeLessThan(400);
    expect(probe.walked).toBeLessThanOrEqual(24_000);
  });
});
