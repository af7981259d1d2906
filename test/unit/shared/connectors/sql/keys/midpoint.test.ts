import { describe, expect, test } from "vitest";
import type { KeyKind } from "../../../../../../shared/connectors/sql/keys/key-range.js";
import { evenCuts, middleKey, middleValue } from "../../../../../../shared/connectors/sql/keys/midpoint.js";

describe("middleValue", () => {
  const cases: [KeyKind, string, string, string | null][] = [
    ["integer", "1", "9", "5"],
    ["integer", "-9223372036854775808", "9223372036854775807", "0"],
    ["integer", "4", "5", "5"],
    ["integer", "5", "5", null],
    ["decimal", "1.5", "2", "1.8"],
    ["decimal", "-0.02", "0.02", "0.00"],
    ["datetime", "2024-01-01", "2024-01-03", "2024-01-02"],
    ["datetime", "0000-00-00", "0000-00-01", "0000-01-01"],
    ["datetime", "2024-01-01 00:00:00", "2024-01-01 00:00:02", "2024-01-01 00:00:01.000000"],
    ["time", "-01:00:00", "01:00:00", "00:00:00.000000"],
    ["bytes", "00ff", "01ff", "017f"],
    ["bytes", "00", "00ff", "0080"],
    ["text", "apple", "cherry", null],
  ];
  test.each(cases)("%s between %s and %s is %s", (kind, low, high, expected) => {
    expect(middleValue(kind, low, high)).toBe(expected);
  });
});

test("a key of several columns is cut in the first column that differs", () => {
  const key = [
    { name: "tenant", kind: "integer" },
    { name: "no", kind: "integer" },
  ] as const;
  expect(middleKey(key, ["1", "5"], ["9", "2"])).toEqual(["5"]);
  expect(middleKey(key, ["3", "0"], ["3", "100"])).toEqual(["3", "50"]);
  expect(middleKey(key, ["3", "1"], ["3", "1"])).toBeNull();
});

test("even cuts are inside, ascending and as many as there is room for", () => {
  expect(evenCuts("integer", { low: "0", high: "100", count: 4 })).toEqual(["25", "50", "75"]);
  expect(evenCuts("integer", { low: "0", high: "2", count: 10 })).toEqual(["1"]);
  expect(evenCuts("integer", { low: "7", high: "7", count: 10 })).toEqual([]);
  expect(evenCuts("text", { low: "a", high: "z", count: 4 })).toEqual([]);
});
