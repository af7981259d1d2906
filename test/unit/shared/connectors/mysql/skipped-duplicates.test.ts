import { expect, test } from "vitest";
import { skippedDuplicates } from "../../../../../shared/connectors/mysql/skipped-duplicates.js";
import type { MysqlPlan } from "../../../../../shared/connectors/mysql/target-column.js";
import { viewOfRows } from "../../../../../shared/connectors/sql/write/row-view.js";

const column = {
  ...({ type: "string", isMoment: false, takesBytes: false, refusesEmpty: false } as const),
  ...{
    isUnsigned: false,
    isAutoIncrement: false,
    refusesNull: false,
    maxLength: null,
    ...{ scale: null, bits: null, members: null, wholeDigits: null },
    defaultForNull: false,
    isForeignText: false,
  },
};
const plan: MysqlPlan = {
  ...{ datasource: null, sqlName: "`t`", title: "t", mode: "insert", updateColumns: [], isTransactional: true },
  ...{ emptyAsNull: true, bulk: true, ledger: true, maxStatementBytes: 1e6 },
  columns: [
    { ...column, name: "id", form: "number", dataType: "int" },
    { ...column, name: "code", form: "text", dataType: "varchar" },
  ],
  keys: [
    { name: "PRIMARY", positions: [0] },
    { name: "both", positions: [0, 1] },
  ],
};

function skipped(rows: (string | null)[][], ...messages: string[]): number[] | null {
  const warnings = messages.map((message) => ({ level: "Warning", number: 1062, message }));
  return skippedDuplicates(plan, viewOfRows(rows), warnings)?.map(({ index }) => index) ?? null;
}

const one = "Duplicate entry '1' for key 'PRIMARY'";

test("the last rows with a value are the ones that were skipped", () => {
  expect(
    skipped(
      [
        ["1", "a"],
        ["2", "b"],
        ["1", "c"],
        ["1", "d"],
      ],
      one,
      one,
    ),
  ).toEqual([2, 3]);
  expect(
    skipped(
      [
        ["1", "a"],
        ["2", "b"],
      ],
      one,
    ),
  ).toEqual([0]);
});

test("numbers are compared as the server prints them, and MySQL 8 puts the table before the key", () => {
  expect(skipped([["007", "a"]], "Duplicate entry '7' for key 't.PRIMARY'")).toEqual([0]);
  expect(skipped([["1", "x-y"]], "Duplicate entry '1-x-y' for key 'both'")).toEqual([0]);
});

test("no certainty, no answer: unknown key, cut value, a row claimed twice", () => {
  expect(skipped([["1", "a"]], "Duplicate entry '1' for key 'other'")).toBeNull();
  expect(skipped([["1", "a"]], "Duplicate entry '9' for key 'PRIMARY'")).toBeNull();
  expect(skipped([["1", "a"]], one, "Duplicate entry '1-a' for key 'both'")).toBeNull();
});
