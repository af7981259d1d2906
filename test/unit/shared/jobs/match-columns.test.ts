import { describe, expect, it } from "vitest";
import { columnWarnings, misfit } from "../../../../shared/jobs/match-columns.js";
import type { Column } from "../../../../shared/model/batch.js";
import type { JsonObject } from "../../../../shared/model/json.js";
import { parseJob } from "../../../../shared/script/read/parse-job.js";

const columns = (names: string): Column[] => names.split(" ").map((name) => ({ name, type: "string" }));

function placed(reader: JsonObject, writer: JsonObject) {
  const content = [
    { reader: { name: "mysqlreader", parameter: reader }, writer: { name: "mysqlwriter", parameter: writer } },
  ];
  const script = { job: { setting: { speed: { channel: 1 }, errorLimit: { record: 0 } }, content } };
  const keys = ["column", "table"];
  return { ...parseJob(JSON.stringify(script, null, 1), { mode: "preview" }), keys: { reader: keys, writer: keys } };
}

const star = { column: ["*"] };
const messages = (from: string, to: string, reader: JsonObject = star, writer: JsonObject = star) =>
  columnWarnings(columns(from), columns(to), placed(reader, writer)).map(({ message }) => message);

describe("columns of one name in different places", () => {
  it("draw a warning with the names, the places and the way out, at the writer's columns", () => {
    const [warning] = columnWarnings(columns("id first last"), columns("id Last FIRST"), placed(star, star));
    expect(warning).toMatchObject({ path: "job.content[0].writer.parameter.column", line: expect.any(Number) });
    expect(warning?.message).toBe(
      "columns are matched by position, not by name: first (column 2) goes into Last, although the target has FIRST as column 3; list the columns on both sides, in one order",
    );
  });

  it("draw none where they agree, in any case, or where no name is on both sides", () => {
    expect(messages("id a", "ID A")).toEqual([]);
    expect(messages("c0 c1", "id a")).toEqual([]);
    expect(messages("id b", "id a")).toEqual([]);
  });

  it("count where a side takes all, by * or by a statement; two lists are the user's own order", () => {
    const list = { column: ["a", "b"] };
    expect(messages("a b", "b a", list, list)).toEqual([]);
    for (const open of [star, {}, { column: "*" }, { column: [] }, { querySql: ["select * from t"] }]) {
      expect(messages("a b", "b a", open, list), JSON.stringify(open)).toHaveLength(1);
      expect(messages("a b", "b a", list, open), JSON.stringify(open)).toHaveLength(1);
    }
  });
});

describe("sides that differ in width", () => {
  it("are told with what the target has besides", () => {
    const left = [{ name: "k", why: "generated" }];
    const error = misfit(columns("id doc k"), columns("id doc"), { left, placed: placed(star, star) });
    expect(error.message).toContain("the reader gives 3 columns (id, doc, k), the writer takes 2 (id, doc)");
    expect(error.message).toContain("of the target's columns k is generated, and * does not write it");
    expect(error.hint).toContain("Name the columns on both sides");
    expect(misfit(columns("a"), columns("a b"), { left: [], placed: placed(star, star) }).message).not.toContain(
      "besides",
    );
  });
});
