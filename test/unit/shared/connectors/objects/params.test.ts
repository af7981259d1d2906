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
