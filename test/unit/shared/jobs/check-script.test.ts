import { describe, expect, it } from "vitest";
import { checkScript } from "../../../../shared/jobs/check-script.js";
import { checkStepParameters } from "../../../../shared/jobs/resolve-job.js";
import { parseJob } from "../../../../shared/script/read/parse-job.js";
import { formatIssue, ScriptError } from "../../../../shared/script/text/script-error.js";

type Side = { name: string; parameter: object };
const invented: Side = { name: "streamreader", parameter: { sliceRecordCount: 2, column: [{ value: "hay" }] } };
const printed: Side = { name: "streamwriter", parameter: {} };

function datax(reader: Side = invented, writer: Side = printed): string {
  const setting = { speed: { channel: 1 }, errorLimit: { record: 0 } };
  return JSON.stringify({ job: { setting, content: [{ reader, writer }] } });
}

async function problems(reader?: Side, writer?: Side): Promise<readonly string[]> {
  try {
    return (await checkScript(datax(reader, writer))).warnings.map(({ path, message }) => `${path}: ${message}`);
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
      expect.stringMatching(/at job\.content\[0\]\.writer\.parameter\.accessId: required .*; seen ""$/),
      expect.stringMatching(/at job\.content\[0\]\.writer\.parameter\.accessKey: required/),
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
    const found = await problems({ name: "tsdbreader", parameter: {} }, { name: "adswriter", parameter: {} });
    expect(found).toEqual([
      expect.stringMatching(
        /reader\.name: unsupported step type "tsdb"; there are adbmysql, .*mysql, .*oss, ots, .*stream/,
      ),
      expect.stringMatching(
        /writer\.name: unsupported step type "ads": data sources of this type can only be registered and tested; there are /,
      ),
    ]);
    for (const one of found) expect(one).not.toMatch(/there are .*\bads\b/);
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
      const text = datax(invented, { name, parameter: { datasource: "barn", table: "stalls", column: ["id"] } });
      const parsed = parseJob(text, { mode: "preview" });
      return (await checkStepParameters("writer", parsed.job.writer, parsed)).parameter.writeMode;
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

type Planted = readonly [name: string, plant: (job: DataxJob) => void, expected: RegExp];
interface DataxJob {
  setting: Record<string, unknown>;
  content: [
    { reader: Side & { parameter: Record<string, unknown> }; writer: Side & { parameter: Record<string, unknown> } },
  ];
}

/** Mistakes that have nothing to do with each other. */
const mistakes: readonly Planted[] = [
  [
    "speed",
    (job) => Object.assign(job.setting, { speed: { channel: "many" } }),
    /job\.setting\.speed\.channel: expected/,
  ],
  [
    "limit",
    (job) => Object.assign(job.setting, { errorLimit: { record: "few" } }),
    /job\.setting\.errorLimit\.record: expected/,
  ],
  [
    "zone",
    (job) => Object.assign(job.setting, { column: { timeZone: "Mars" } }),
    /job\.setting\.column\.timeZone: expected/,
  ],
  [
    "transformer",
    (job) => Object.assign(job.content[0], { transformer: [{ name: "dx_x" }] }),
    /transformer: transformers are not/,
  ],
  [
    "reader's table",
    ({ content: [{ reader }] }) =>
      Object.assign(reader.parameter, { connection: barn.connection.map(({ jdbcUrl }) => ({ jdbcUrl })) }),
    /reader\.parameter\.table: required/,
  ],
  [
    "reader's columns",
    ({ content: [{ reader }] }) => delete reader.parameter.column,
    /reader\.parameter\.column: required/,
  ],
  [
    "writer's type",
    ({ content: [{ writer }] }) => Object.assign(writer, { name: "tsdbwriter" }),
    /writer\.name: unsupported step type "tsdb"/,
  ],
];
const atWriter: readonly Planted[] = [
  [
    "writer's mode",
    ({ content: [{ writer }] }) => Object.assign(writer.parameter, { writeMode: "upsert" }),
    /writer\.parameter\.writeMode: "upsert" is none of/,
  ],
  [
    "writer's columns",
    ({ content: [{ writer }] }) => Object.assign(writer.parameter, { column: [] }),
    /writer\.parameter\.column: required/,
  ],
  [
    "writer's URL",
    ({ content: [{ writer }] }) =>
      Object.assign(writer.parameter, { connection: [{ jdbcUrl: "barn:3306", table: ["t"] }] }),
    /writer\.parameter\.connection\[0\]\.jdbcUrl: jdbcUrl is not/,
  ],
];

/** All ways to choose from a list, the empty one left out. */
function choices<T>(all: readonly T[]): T[][] {
  return Array.from({ length: 2 ** all.length - 1 }, (_, i) => all.filter((_, bit) => (i + 1) & (1 << bit)));
}

describe("a job with several mistakes", () => {
  it("is told all of them, each once, in the order of the text", async () => {
    const settings = mistakes.slice(0, 6);
    const [, , , , , , type] = mistakes;
    const planted = [
      ...choices([...settings, ...atWriter]),
      ...(type ? choices(settings).map((some) => [...some, type]) : []),
    ];
    // Every third one, which still has each pair of mistakes many times.
    for (const some of planted.filter((_, i) => i % 3 === 0)) {
      const writer = { ...barn, connection: [{ table: ["pens"], jdbcUrl: "jdbc:mysql://barn.example:3306/farm" }] };
      const job = JSON.parse(
        datax({ name: "mysqlreader", parameter: barn }, { name: "mysqlwriter", parameter: writer }),
      ).job;
      for (const [, plant] of some) plant(job);
      const found = await issuesOf(JSON.stringify({ job }));
      const unseen = some.filter(([, , expected]) => !found.some((one) => expected.test(one))).map(([name]) => name);
      expect([some.map(([name]) => name), found.length, unseen]).toEqual([some.map(([name]) => name), some.length, []]);
      const columns = found.map((one) => Number(/column (\d+)/.exec(one)?.[1]));
      expect(columns).toEqual([...columns].sort((a, b) => a - b));
    }
  });

  it("is told that the lists of columns differ, where both sides have one", async () => {
    const reader = { name: "mysqlreader", parameter: { datasource: "a", table: "t", column: ["a", "b"] } };
    const writer = (column: unknown) => ({ name: "mysqlwriter", parameter: { datasource: "a", table: "t", column } });
    expect(await problems(reader, writer(["a"]))).toEqual([
      expect.stringMatching(
        /writer\.parameter\.column: the reader gives 2 columns, the writer takes 1; columns are matched/,
      ),
    ]);
    for (const column of [["*"], ["a", "b"]]) expect(await problems(reader, writer(column))).toEqual([]);
    for (const column of [["*"], ["t.*"], ["a, b"]])
      expect(
        await problems({ ...reader, parameter: { ...reader.parameter, column } }, writer(["x", "y", "z"])),
      ).toEqual([]);
  });
});

async function issuesOf(text: string): Promise<readonly string[]> {
  try {
    await checkScript(text);
    return [];
  } catch (error) {
    if (error instanceof ScriptError) return error.issues.map(formatIssue);
    throw error;
  }
}
