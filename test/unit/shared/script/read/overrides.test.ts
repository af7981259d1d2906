import { describe, expect, it } from "vitest";
import { withDefaults, withoutOverridden } from "../../../../../shared/script/read/overrides.js";

const overrides = { querySql: ["table", "column", "where", "splitPk"] };

function tried(parameter: Parameters<typeof withDefaults>[0]) {
  const found = withoutOverridden({ parameter, path: "p" }, overrides, () => ({ line: 3, column: 1 }));
  return { parameter: found.parameter, warnings: found.warnings.map(({ path, message }) => `${path}: ${message}`) };
}

describe("keys in whose place another stands", () => {
  it("are taken out with a warning each", () => {
    expect(tried({ table: ["hay"], column: ["*"], querySql: "SELECT 1", splitPk: "", session: ["x"] })).toEqual({
      parameter: { querySql: "SELECT 1", session: ["x"] },
      warnings: [
        "p.table: table is ignored, because querySql is there and says it all",
        "p.column: column is ignored, because querySql is there and says it all",
      ],
    });
  });

  it("are taken out of the connection that has the other, and beside the list of connections", () => {
    const connection = [{ datasource: "barn", table: ["hay"], querySql: ["SELECT 1"] }];
    expect(tried({ table: ["straw"], connection })).toEqual({
      parameter: { connection: [{ datasource: "barn", querySql: ["SELECT 1"] }] },
      warnings: [
        "p.table: table is ignored, because querySql is there and says it all",
        "p.connection[0].table: table is ignored, because querySql is there and says it all",
      ].reverse(),
    });
  });

  it("stay in another connection, and where the other is blank", () => {
    const mixed = { connection: [{ table: ["hay"] }, { querySql: "SELECT 1" }] };
    expect(tried(mixed)).toEqual({ parameter: mixed, warnings: [] });
    const blank = { table: "hay", querySql: [" "] };
    expect(tried(blank)).toEqual({ parameter: blank, warnings: [] });
  });
});

describe("what a step type stands for", () => {
  it("is set only where the job says nothing", () => {
    expect(withDefaults({ writeMode: " " }, { writeMode: "replace" })).toEqual({ writeMode: "replace" });
    expect(withDefaults({ writeMode: "insert" }, { writeMode: "replace" })).toEqual({ writeMode: "insert" });
    expect(withDefaults({ table: "hay" })).toEqual({ table: "hay" });
  });
});
