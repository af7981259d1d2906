import { describe, expect, test } from "vitest";
import { mysqlWriteParams as writeParams } from "../../../../../shared/connectors/mysql/write-params.js";
import { readParams } from "../../../../../shared/connectors/sql/read/read-params.js";

function faults(result: { error?: { issues: { path: PropertyKey[]; message: string }[] } | undefined }): string[] {
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("reader", () => {
  test("a flat parameter is understood, scalars are promoted, blanks count as absent", () => {
    const params = readParams().parse({
      datasource: "a",
      table: "t",
      column: ["id", 1, true],
      where: " x = 1; ",
      splitPk: "",
    });
    expect(params).toEqual({
      places: [{ datasource: "a", tables: ["t"], queries: [] }],
      columns: ["id", "1", "true"],
      where: "x = 1",
      splitPk: null,
      splitFactor: 5,
      fetchSize: null,
      session: [],
    });
  });

  test.each([
    [{ column: ["*"] }, "table: required (or querySql)"],
    [{ table: "t" }, 'column: required: a list of columns, or ["*"]'],
    [{ table: "t", column: ["*", "id"] }, "column: * cannot be mixed with other columns"],
    [
      { connection: [{ table: "t" }, { querySql: "SELECT 1" }], column: ["*"] },
      "connection: some connections have a table and some a querySql; give all the same",
    ],
    [{ table: "t", column: ["*"], splitFactor: "101" }, "splitFactor: Too big: expected number to be <=100"],
    [{ connection: [{ table: ["a,,b"] }], column: ["*"] }, "connection.0.table: a table name is empty"],
  ])("%j is refused: %s", (parameter, expected) => {
    expect(faults(readParams().safeParse(parameter))).toContain(expected);
  });
});

describe("writer", () => {
  test("defaults", () => {
    expect(writeParams.parse({ table: "t", column: "*" })).toEqual({
      targets: [{ datasource: null, table: "t" }],
      columns: null,
      mode: "insert",
      updateColumns: null,
      preSql: [],
      postSql: [],
      session: [],
      batchSize: 1024,
      batchBytes: 33_554_432,
      emptyAsNull: true,
      defaultForNull: null,
    });
  });

  test.each([
    [{ writeMode: "upsert" }, 'writeMode: "upsert" is none of insert, replace, update, insert ignore'],
    [{ obWriteMode: "upsert" }, 'obWriteMode: "upsert" is none of insert, update, merge'],
    [{ updateColumn: ["a"] }, "updateColumn: only with writeMode update"],
    [{ nullMode: "skipNull", writeMode: "update" }, "nullMode: skipNull does not go with writeMode update"],
    [{ nullMode: "never" }, 'nullMode: "never" is none of writeNull, skipNull'],
    [{ dbRule: "x" }, "dbRule: not supported: name the physical tables instead"],
    [{ column: ["a", "`A`"] }, 'column.1: column "A" is named twice'],
    [{ column: [] }, 'column: required: a list of columns, or ["*"]'],
    [{ table: "" }, "table: required"],
  ])("%j is refused: %s", (extra, expected) => {
    expect(faults(writeParams.safeParse({ table: "t", column: ["*"], ...extra }))).toContain(expected);
  });
});

test.each([
  [{ writeMode: "INSERT  ignore" }, { mode: "ignore", updateColumns: null }],
  [{ writeMode: "insert ignore into" }, { mode: "ignore", updateColumns: null }],
  [
    { obWriteMode: "merge", obUpdateColumns: ["`b`"] },
    { mode: "update", updateColumns: ["b"] },
  ],
  [
    { obWriteMode: "insert", writeMode: "replace" },
    { mode: "replace", updateColumns: null },
  ],
])("%j is written in the mode %j", (given, expected) => {
  expect(writeParams.parse({ table: "t", column: "*", ...given })).toMatchObject(expected);
});
