import { describe, expect, it } from "vitest";
import { checkScript } from "../../../../shared/runs/check-script.js";
import { checkStep } from "../../../../shared/runs/resolve-job.js";
import { parseJob } from "../../../../shared/script/parse-job.js";
import { formatIssue, ScriptError } from "../../../../shared/script/script-error.js";

type Side = { name: string; parameter: object };
const invented: Side = { name: "streamreader", parameter: { sliceRecordCount: 2, column: [{ value: "hay" }] } };
const printed: Side = { name: "streamwriter", parameter: {} };

function datax(reader: Side = invented, writer: Side = printed) {
  const setting = { speed: { channel: 1 }, errorLimit: { record: 0 } };
  return parseJob(JSON.stringify({ job: { setting, content: [{ reader, writer }] } }), { mode: "preview" });
}

async function problems(reader?: Side, writer?: Side): Promise<readonly string[]> {
  try {
    return (await checkScript(datax(reader, writer))).map(({ path, message }) => `${path}: ${message}`);
  } catch (error) {
    if (error instanceof ScriptError) return error.issues.map(formatIssue);
    throw error;
  }
}

const barn = {
  username: "goat",
  password: "clover-99",
  column: ["id"],
  connection: [{ table: ["stalls"], jdbcUrl: ["jdbc:mysql://barn.example:3306/farm"] }],
};

describe("checking a script", () => {
  it("has nothing against the connections that a DataX job carries", async () => {
    expect(await problems({ name: "mysqlreader", parameter: barn })).toEqual([]);
    const pasture = { endpoint: "oss.example", bucket: "pasture", accessId: "a", accessKey: "b", object: "hay/*" };
    expect(await problems({ name: "ossreader", parameter: pasture })).toEqual([]);
  });

  it("refuses a parameter in every property of a connection that is sealed before parameters have values", async () => {
    const pasture = { endpoint: "oss.example", bucket: "pasture", accessId: "a", accessKey: "b", object: "hay/*" };
    const parameter = { ...pasture, securityToken: "${" + "token}" };
    expect(await problems({ name: "ossreader", parameter })).toEqual([
      expect.stringContaining("securityToken cannot come from a parameter"),
    ]);
  });

  it("refuses such a connection at its place, without repeating it", async () => {
    const connection = [{ table: ["stalls"], jdbcUrl: ["barn.example:3306/farm?password=clover-99"] }];
    const found = await problems({ name: "mysqlreader", parameter: { ...barn, connection } });
    expect(found).toEqual([
      expect.stringMatching(
        /^line 1, column \d+, at job\.content\[0\]\.reader\.parameter\.connection\[0\]\.jdbcUrl\[0\]: jdbcUrl is not of the form jdbc:mysql:/,
      ),
    ]);
    expect(found.join()).not.toContain("clover-99");
    const bare = { endpoint: "oss.example", bucket: "pasture", accessId: "", accessKey: "", object: "hay" };
    expect(await problems(invented, { name: "osswriter", parameter: bare })).toEqual([
      expect.stringMatching(/at job\.content\[0\]\.writer\.parameter\.accessId: required/),
    ]);
  });

  it("tells that connections cannot be parameters, and what can", async () => {
    const place = "${" + "place}";
    const connection = [{ table: ["stalls"], jdbcUrl: [`jdbc:mysql://${place}/farm`] }];
    expect(await problems({ name: "mysqlreader", parameter: { ...barn, connection } })).toEqual([
      expect.stringContaining("jdbcUrl cannot come from a parameter: register a data source"),
    ]);
  });

  it("passes warnings of left-out alternatives on", async () => {
    const connection = [{ table: ["stalls"], jdbcUrl: ["jdbc:mysql://barn:x/farm", "jdbc:mysql://barn/farm"] }];
    expect(await problems({ name: "mysqlreader", parameter: { ...barn, connection } })).toEqual([
      "job.content[0].reader.parameter.connection[0].jdbcUrl[0]: jdbcUrl has no valid host and port; it is not tried",
    ]);
  });

  it("names what there is when either side cannot be had, and guesses only at slips of the pen", async () => {
    const found = await problems({ name: "tsdbreader", parameter: {} }, { name: "oraclewriter", parameter: {} });
    expect(found).toEqual([
      expect.stringMatching(
        /reader\.name: unsupported step type "tsdb"; there are adbmysql, .*mysql, .*oss, ots, .*stream/,
      ),
      expect.stringMatching(
        /writer\.name: unsupported step type "oracle": data sources of this type can only be registered and tested; there are /,
      ),
    ]);
    for (const one of found) expect(one).not.toMatch(/there are .*(oracle|holo|odps)/);
    expect(await problems({ name: "mysqqlreader", parameter: {} })).toEqual([
      expect.stringContaining('unsupported step type "mysqql"; did you mean "mysql"?'),
    ]);
  });

  it("lets a statement stand in place of a table, except in DataX jobs", async () => {
    const query = { querySql: ["SELECT 1"], table: ["stalls"] };
    const connection = [{ ...barn.connection[0], ...query }];
    expect(await problems({ name: "mysqlreader", parameter: { ...barn, connection } })).toEqual([
      expect.stringMatching(/connection\[0\]\.querySql: give either table or querySql, not both/),
    ]);
    const parameter = { connection: [{ datasource: "barn", ...query }] };
    expect(await problems({ name: "mysql", parameter })).toEqual([
      "job.content[0].reader.parameter.connection[0].table: table is ignored, because querySql is there and says it all",
    ]);
  });

  it("knows what each kind of MySQL does when the job names no writeMode", async () => {
    const modeOf = async (name: string) => {
      const parsed = datax(invented, { name, parameter: { datasource: "barn", table: "stalls", column: ["id"] } });
      return (await checkStep("writer", parsed.job.writer, parsed)).parameter.writeMode;
    };
    expect(await Promise.all(["drdswriter", "adbmysqlwriter", "mysqlwriter"].map(modeOf))).toEqual([
      "replace",
      "replace",
      undefined,
    ]);
  });

  it("passes over what a parameter has yet to say, while nothing runs", async () => {
    const format = "${" + "format}";
    const reader = (fileFormat: string) => ({
      name: "oss",
      parameter: { datasource: "barn", object: "hay", fileFormat },
    });
    expect(await problems(reader(format))).toEqual([]);
    expect(await problems(reader("parquet"))).toEqual([
      expect.stringMatching(/parameter\.fileFormat: expected csv, text or jsonl, .*; seen "parquet"/),
    ]);
  });
});
