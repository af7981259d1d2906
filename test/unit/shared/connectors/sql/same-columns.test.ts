import { describe, expect, it } from "vitest";
import {
  type GivenColumns,
  jointColumns,
  type NamedBy,
  refuseOtherColumns,
} from "../../../../../shared/connectors/sql/same-columns.js";
import type { ColumnType } from "../../../../../shared/model/batch.js";

const given = (title: string, names: string, type: ColumnType = "string"): GivenColumns => ({
  title,
  columns: names.split(" ").map((name) => ({ name, type })),
});

describe("several tables or statements", () => {
  const cases: [NamedBy, string, string, RegExp | null][] = [
    ["star", "id a b", "id a b", null],
    ["star", "id a b", "ID A b", null],
    ["star", "id a b", "id b a", /^t2 gives b as column 2, t1 gives a: columns are matched by position$/],
    ["star", "id a b", "id a c", /t2 gives c as column 3, t1 gives b/],
    ["star", "id a b", "id a", /t2 gives none as column 3, t1 gives b/],
    ["star", "id a", "id x a", /t2 gives x as column 2, t1 gives a/],
    ["list", "id a", "id b", null],
    ["list", "id a", "id a b", /t2 gives 3 columns, t1 gives 2 columns/],
    ["query", "id a b", "id x y", null],
    ["query", "id a b", "id b a", /t2 gives b as column 2, t1 gives a/],
    ["query", "id a b", "key id b", /t2 gives id as column 2, t1 gives a/],
    ["query", "id a", "id a b", /t2 gives 3 columns/],
  ];
  it.each(cases)("named by %s: %s and %s", (by, one, other, refusal) => {
    const refuse = () => refuseOtherColumns([given("t1", one), given("t0", one), given("t2", other)], by);
    if (refusal === null) expect(refuse).not.toThrow();
    else expect(refuse).toThrow(refusal);
  });

  it("say which way out there is", () => {
    expect(() => refuseOtherColumns([given("t1", "a b"), given("t2", "b a")], "star")).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", path: "column", hint: expect.stringContaining("by name") }),
    );
  });

  it.each<[ColumnType, ColumnType, ColumnType | null]>([
    ["long", "long", "long"],
    ["long", "double", "double"],
    ["double", "string", "string"],
    ["date", "long", "string"],
    ["bytes", "bytes", "bytes"],
    ["string", "bytes", null],
    ["bool", "long", null],
  ])("of %s and %s are %s together", (one, other, joint) => {
    const join = () => jointColumns([given("t1", "a", one), given("t2", "A", other), given("t3", "a", one)]);
    if (joint === null) expect(join).toThrow(/column A of t2 is \w+, that of t1 is \w+/);
    else expect(join()).toEqual([{ name: "a", type: joint }]);
  });
});
