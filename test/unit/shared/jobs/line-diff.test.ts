import { describe, expect, it } from "vitest";
import { compareLines, unifiedDiff } from "../../../../shared/jobs/line-diff.js";

const texts = (changes: ReturnType<typeof compareLines>, left: "-" | "+") =>
  changes.filter(({ sign }) => sign !== left).map(({ line }) => line);

/** Length of the longest common subsequence, the slow way. */
function common(a: readonly string[], b: readonly string[]): number {
  const best = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      best[i]![j] = a[i - 1] === b[j - 1] ? best[i - 1]![j - 1]! + 1 : Math.max(best[i - 1]![j]!, best[i]![j - 1]!);
  return best[a.length]![b.length]!;
}

/** The same sequence each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("comparing lines", () => {
  it("gives both texts back, and leaves no common line out, whatever they are", () => {
    const next = random(7);
    const some = () => Array.from({ length: Math.floor(next() * 12) }, () => "abc"[Math.floor(next() * 3)] ?? "");
    for (let i = 0; i < 3000; i++) {
      const [before, after] = [some(), some()];
      const changes = compareLines(before, after);
      expect(texts(changes, "+")).toEqual(before);
      expect(texts(changes, "-")).toEqual(after);
      const same = changes.filter(({ sign }) => sign === " ").length;
      expect(same, `${before.join("")} ${after.join("")}`).toBe(common(before, after));
    }
  });

  it("shows texts that have nothing in common one after the other, however long they are", () => {
    const of = (name: string) => Array.from({ length: 5000 }, (_, i) => `${name}${i}`);
    const changes = compareLines(of("a"), of("b"));
    expect(texts(changes, "+")).toEqual(of("a"));
    expect(texts(changes, "-")).toEqual(of("b"));
  });
});

describe("a unified diff", () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`);
  const changed = lines.flatMap((line, i) =>
    i === 1 ? ["other"] : i === 19 ? [line, "more"] : i === 11 || i === 12 ? [] : [line],
  );

  it("has what diff -u prints of the same texts", () => {
    // diff -u of GNU diffutils 3.8, without its two lines of names.
    const printed = `@@ -1,5 +1,5 @@
 line 1
-line 2
+other
 line 3
 line 4
 line 5
@@ -9,8 +9,6 @@
 line 9
 line 10
 line 11
-line 12
-line 13
 line 14
 line 15
 line 16
@@ -18,3 +16,4 @@
 line 18
 line 19
 line 20
+more
`;
    expect(unifiedDiff(compareLines(lines, changed))).toBe(printed);
    expect(unifiedDiff(compareLines(lines, lines))).toBe("");
  });
});
