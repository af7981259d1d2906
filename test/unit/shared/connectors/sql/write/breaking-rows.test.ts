import { describe, expect, test } from "vitest";
import { findBreakage } from "../../../../../../shared/connectors/sql/write/breaking-rows.js";

/** A connection that breaks whenever one of these rows is sent, and how often it was used. */
function fragile(breaking: readonly number[]) {
  let tries = 0;
  return {
    tries: () => tries,
    survives: async (rows: readonly number[]) => {
      tries++;
      return !rows.some((row) => breaking.includes(row));
    },
  };
}

const rows = Array.from({ length: 1_000 }, (_, i) => i);

describe("rows at which the connection breaks", () => {
  test.each([[[0]], [[999]], [[0, 1, 2, 500, 998, 999]], [[250, 500, 750]]])("are found: %j", async (breaking) => {
    const { survives, tries } = fragile(breaking);
    const found = await findBreakage(rows, survives);
    expect(found?.breakers).toEqual(breaking);
    const others = found?.parts.flatMap(([from, to]) => rows.slice(from, to));
    expect(others).toEqual(rows.filter((row) => !breaking.includes(row)));
    expect(tries()).toBeLessThan(breaking.length * 24 + 2);
  });

  test("a connection that holds the second time has broken by chance", async () => {
    const { survives, tries } = fragile([]);
    expect(await findBreakage(rows, survives)).toBeNull();
    expect(tries()).toBe(1);
  });

  test("a single row is tried twice alone before it is blamed", async () => {
    let tries = 0;
    const once = async () => ++tries > 1;
    expect(await findBreakage([7], once)).toEqual({ parts: [[0, 1]], breakers: [] });
  });

  test("where only many rows together are too much, all are loaded in parts", async () => {
    const found = await findBreakage(rows, async (some) => some.length <= 100);
    expect(found?.breakers).toEqual([]);
    expect(found?.parts.flatMap(([from, to]) => rows.slice(from, to))).toEqual(rows);
  });

  test("where it breaks at every row, none of them is to blame", async () => {
    const { survives, tries } = fragile(rows);
    expect(await findBreakage(rows, survives)).toBeNull();
    expect(tries()).toBeLessThan(100);
  });
});
