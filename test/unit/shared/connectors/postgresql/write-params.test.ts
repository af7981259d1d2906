import { describe, expect, test } from "vitest";
import { postgresqlReader } from "../../../../../shared/connectors/postgresql/reader.js";
import { postgresqlWriteParams } from "../../../../../shared/connectors/postgresql/write-params.js";

const parsed = (parameter: object) => postgresqlWriteParams.parse({ table: "t", column: ["*"], ...parameter });
const issue = (parameter: object) =>
  postgresqlWriteParams.safeParse({ table: "t", column: ["*"], ...parameter }).error?.issues[0]?.path[0];

describe("the writer's parameter", () => {
  test("takes the names of modes that any system of the family has", () => {
    const mode = (parameter: object) => parsed(parameter).mode;
    expect(
      ["insert", "copy", "COPY", "replace", "update", "upsert", "ignore", "insert ignore"].map((writeMode) =>
        mode({ writeMode }),
      ),
    ).toEqual([...["insert", "insert", "insert", "replace", "update", "update", "ignore", "ignore"]]);
    expect(
      ["reject", "replace", "update", "ignore"].map((conflictMode) => mode({ conflictMode, writeMode: "copy" })),
    ).toEqual([...["insert", "replace", "update", "ignore"]]);
    expect(mode({})).toBe("insert");
    expect([issue({ writeMode: "merge" }), issue({ conflictMode: "merge" })]).toEqual(["writeMode", "conflictMode"]);
  });

  test("puts tables without a schema into the one it names", () => {
    const tables = (parameter: object) => parsed(parameter).targets.map(({ table }) => table);
    expect(tables({ schema: "shop", table: ["t", "other.t", '"a.b"'] })).toEqual(["shop.t", "other.t", 'shop."a.b"']);
    expect(tables({ schema: "My Shop" })).toEqual(['"My Shop".t']);
    expect(tables({ schema: "" })).toEqual(["t"]);
  });

  test("empties the target first where it says so, and refuses what would be read otherwise", () => {
    expect(parsed({ truncate: true, preSql: ["SELECT 1"] }).preSql).toEqual(["TRUNCATE TABLE @table", "SELECT 1"]);
    expect([issue({ conflictColumn: ["id"] }), issue({ pgType: { a: { type: "bigint[]" } } })]).toEqual([
      "conflictColumn",
      "pgType",
    ]);
  });
});

test("a reader's partition is refused, since the whole table would be read", () => {
  const issues = (partition: string) =>
    postgresqlReader.params.safeParse({ table: "t", column: ["*"], partition }).error?.issues;
  expect(issues("ds=20240101")?.[0]).toMatchObject({
    path: ["partition"],
    message: expect.stringContaining("name the partition as the table"),
  });
  expect(issues("")).toBeUndefined();
});
