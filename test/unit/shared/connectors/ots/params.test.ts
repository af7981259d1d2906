import { describe, expect, it } from "vitest";
import type { Side } from "../../../../../shared/connectors/contract.js";
import { otsReader } from "../../../../../shared/connectors/ots/reader.js";
import type { OtsSource } from "../../../../../shared/connectors/ots/source.js";
import { otsWriter } from "../../../../../shared/connectors/ots/writer.js";

const source: OtsSource = {
  endpoint: "http://127.0.0.1:9",
  instanceName: "i",
  authType: "Ak",
  accessId: "a",
  accessKey: "b",
};

function side<P>(params: P): Side<OtsSource, P> {
  return { source, sources: { main: source }, params, timeZone: null, signal: new AbortController().signal };
}

const written = { table: "t", primaryKey: [{ name: "id", type: "int" }], column: [{ name: "c", type: "string" }] };

describe("reader parameter", () => {
  it("takes columns bare, named, typed and constant; one table, also as a list", () => {
    const parsed = otsReader.params.parse({
      table: ["t"],
      column: ["a", { name: "b", type: "INT" }, { type: "binary", value: "AAE=" }, { type: "int", value: 7 }],
    });
    expect(parsed).toEqual({
      table: "t",
      column: [
        { name: "a" },
        { name: "b", type: "int" },
        { type: "binary", value: "AAE=" },
        { type: "int", value: "7" },
      ],
      range: { begin: [], end: [], split: [] },
    });
    expect(otsReader.params.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  it.each([
    [{ column: ["a"] }, "table", /one table/],
    [{ table: ["a", "b"], column: ["a"] }, "table", /one table/],
    [{ table: "t", column: [] }, "column", />=1 items/],
    [{ table: "t", column: ["*"] }, "column.0.name", /no fixed ones/],
    [{ table: "t", column: [{ type: "int", value: "x" }] }, "column.0.value", /not an integer/],
    [{ table: "t", column: [{ name: "a", type: "date" }] }, "column.0.type", /string, int, double, bool or binary/],
    [{ table: "t", column: ["a"], range: { begin: [{ type: "date", value: "x" }] } }, "range.begin.0.type", /inf_min/],
  ])("refuses %j", (parameter, path, message) => {
    const issue = otsReader.params.safeParse(parameter).error?.issues[0];
    expect([issue?.path.join("."), issue?.message]).toEqual([path, expect.stringMatching(message)]);
  });

  it.each([
    [{ mode: "multiVersion" }, /use "normal"/],
    [{ isTimeseriesTable: "true" }, /normal mode/],
  ])("names normal mode where %j is asked for, on both sides", (extra, message) => {
    const read = otsReader.params.safeParse({ table: "t", column: ["a"], newVersion: "true", ...extra });
    const write = otsWriter.params.safeParse({ ...written, writeMode: "PutRow", ...extra });
    const refused = [{ path: Object.keys(extra), message: expect.stringMatching(message) }];
    expect(read.error?.issues).toMatchObject(refused);
    expect(write.error?.issues).toMatchObject(refused);
  });
});

describe("writer parameter", () => {
  it("takes types and mode in any case and parses its own output unchanged", async () => {
    const parsed = otsWriter.params.parse({ ...written, writeMode: "putrow" });
    expect(parsed).toMatchObject({ writeMode: "PutRow", primaryKey: [{ name: "id", type: "INT" }] });
    expect(otsWriter.params.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
    expect(await otsWriter.columns(side(parsed))).toEqual([
      { name: "id", type: "long", nativeType: "INT", isMoment: true },
      { name: "c", type: "string", nativeType: "STRING" },
    ]);
    expect(otsWriter.delivery(parsed, "auto")).toBe("idempotent");
  });

  it.each([
    [{}, "writeMode", /expected one of "PutRow"/],
    [{ writeMode: "insert" }, "writeMode", /PutRow/],
    [{ writeMode: "PutRow", primaryKey: [] }, "primaryKey", />=1 items/],
    [{ writeMode: "PutRow", primaryKey: [{ name: "id", type: "double" }] }, "primaryKey.0.type", /INT/],
    [{ writeMode: "PutRow", column: [{ name: "größe", type: "int" }] }, "column.0.name", /letters, digits/],
    [{ writeMode: "PutRow", column: [{ name: "id", type: "int" }] }, "column", /id is named twice/],
    [{ writeMode: "UpdateRow", column: [] }, "column", /use PutRow/],
    [{ writeMode: "PutRow", column: [{ name: "d", type: "date" }] }, "column.0.type", /STRING/],
    [{ writeMode: "PutRow", enableAutoIncrement: true }, "enableAutoIncrement", /repeated write would add rows/],
  ])("refuses %j", (extra, path, message) => {
    const issue = otsWriter.params.safeParse({ ...written, ...extra }).error?.issues[0];
    expect([issue?.path.join("."), issue?.message]).toEqual([path, expect.stringMatching(message)]);
  });
});
