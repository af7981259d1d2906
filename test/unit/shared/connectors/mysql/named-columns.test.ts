import { expect, test } from "vitest";
import { namedColumns } from "../../../../../shared/connectors/mysql/named-columns.js";

const columns = ["id", "order", "My Name", "a-b", "1", "null", "current_user"].map((name) => ({ name }));
// Only the names count.
const table = { columns } as unknown as Parameters<typeof namedColumns>[0];

test.each([
  ["order", true],
  ["ORDER ", true],
  ["my name", true],
  ["a-b", true],
  ["current_user", true],
  ["`order`", false],
  ["order + 1", false],
  ["1", false],
  ["null", false],
  ["'order'", false],
  ['"order"', false],
  ["desc", false],
])("the entry %j is a column's name: %s", (entry, isName) => {
  expect(namedColumns(table, ["id", entry])).toEqual(isName ? [0, 1] : [0]);
});
