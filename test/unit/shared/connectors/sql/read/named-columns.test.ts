import { expect, test } from "vitest";
import { mysqlText } from "../../../../../../shared/connectors/mysql/sql-text.js";
import { namedColumns } from "../../../../../../shared/connectors/sql/read/named-columns.js";

const columns = ["id", "order", "My Name", "a-b", "1", "null", "current_user"].map((name) => ({ name }));
// Only the names count.
const table = { columns } as unknown as Parameters<typeof namedColumns>[1];

test.each([
  ["order", "order"],
  ["ORDER ", "order"],
  ["my name", "My Name"],
  ["a-b", "a-b"],
  ["current_user", "current_user"],
  ["`order`", "order"],
  ["`null`", "null"],
  ["`other`", null],
  ["order + 1", null],
  ["1", null],
  ["null", null],
  ["'order'", null],
  ['"order"', null],
  ["desc", null],
])("the entry %j is the name of the column %j", (entry, name) => {
  const found = namedColumns(mysqlText, table, ["id", entry]);
  expect(found).toEqual(
    name === null
      ? [[0, "id"]]
      : [
          [0, "id"],
          [1, name],
        ],
  );
});

test("a name that two columns have but for its case means the one that is written so, or none", () => {
  // Only the names count.
  const both = { columns: [{ name: "id" }, { name: "ID" }] } as unknown as Parameters<typeof namedColumns>[1];
  expect(namedColumns(mysqlText, both, ["ID", "id", "Id"])).toEqual([
    [0, "ID"],
    [1, "id"],
  ]);
});
