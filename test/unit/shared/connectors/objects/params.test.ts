import { describe, expect, it } from "vitest";
import { oss } from "../../../../../shared/connectors/oss/index.js";

const refused = [
  ["fileFormat", { fileFormat: "Parquet" }, "expected csv, text or jsonl"],
  ["compress", { compress: "bzip2" }, "use gzip, or none"],
  ["encoding", { encoding: "klingon" }, "use for example UTF-8"],
  ["fieldDelimiter", { fieldDelimiter: '"' }, "clashes"],
] as const;

describe.each([
  ["reader", oss.reader?.params],
  ["writer", oss.writer?.params],
] as const)("the %s's parameter", (_side, params) => {
  it.each(refused)("refuses a %s that there is not, before anything is stored or run", (path, extra, message) => {
    const found = params?.safeParse({ object: "hay/", ...extra }).error?.issues;
    expect(found).toMatchObject([{ path: [path], message: expect.stringContaining(message) }]);
  });

  it("tells of all that is wrong with a Parquet job at once", () => {
    const found = params?.safeParse({ path: "hay", fileFormat: "parquet", compress: "snappy" }).error?.issues;
    expect(found?.map(({ path }) => path.join(".")).sort()).toEqual(["compress", "fileFormat", "object"]);
  });

  it("takes formats and compressions in any case, blanks for none", () => {
    expect(params?.safeParse({ object: "hay", fileFormat: " CSV ", compress: "GZIP", encoding: "gbk" }).success).toBe(
      true,
    );
    expect(params?.safeParse({ object: "hay", fileFormat: "", compress: "None", encoding: "" }).success).toBe(true);
  });
});

describe("names of objects", () => {
  it("are refused where no object can have them, in bytes and at their place", () => {
    const read = (...object: string[]) => oss.reader?.params.safeParse({ object }).error?.issues ?? [];
    expect(read("a".repeat(1023))).toEqual([]);
    const message = expect.stringContaining("at most 1023 bytes");
    expect(read("ok", "a".repeat(1024))).toMatchObject([{ path: ["object", 1], message }]);
    expect(read("库".repeat(342))).toMatchObject([{ path: ["object", 0], message }]);
  });

  it("are refused where what a writer adds would make them so", () => {
    const write = (object: string, suffix = "") => oss.writer?.params.safeParse({ object, suffix }).error?.issues ?? [];
    expect(write("a".repeat(900), ".csv")).toEqual([]);
    expect(write("a".repeat(944))).toMatchObject([
      { path: ["object"], message: expect.stringContaining("at most 943") },
    ]);
    expect(write("a", `.${"b".repeat(943)}`)).toMatchObject([{ path: ["suffix"] }]);
  });
});
