import { describe, expect, it } from "vitest";
import { csvRules } from "../../../../../shared/connectors/file/format/csv.js";
import { objectReadSchema } from "../../../../../shared/connectors/objects/read-params.js";
import { objectWriteSchema } from "../../../../../shared/connectors/objects/write-params.js";
import type { JsonObject } from "../../../../../shared/model/json.js";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { printJob } from "../../../../../shared/script/spellings/print-job.js";

const datax = (reader: [string, JsonObject], writer: [string, JsonObject]) =>
  JSON.stringify(
    {
      job: {
        setting: { speed: { channel: 1 }, errorLimit: { record: 0 } },
        content: [
          {
            reader: { name: reader[0], parameter: reader[1] },
            writer: { name: writer[0], parameter: writer[1] },
          },
        ],
      },
    },
    null,
    1,
  );
const read = (parameter: JsonObject) =>
  parseJob(datax(["ossreader", parameter], ["streamwriter", {}]), { mode: "preview" });
const write = (parameter: JsonObject) =>
  parseJob(datax(["streamreader", {}], ["osswriter", parameter]), { mode: "preview" });
const writeMode = "truncate";

describe("a DataX job that leaves out what DataX has a default for", () => {
  it("writes text with the word null, and 2.0 says so when it is printed", () => {
    const given = { datasource: "d", object: "x", writeMode };
    const { job } = write(given);
    expect(job.writer.parameter).toEqual({ ...given, fileFormat: "text", nullFormat: "null", maxFileSize: 100_000 });
    const printed = parseJob(printJob(job), { mode: "preview" }).job;
    expect([printed.format, printed.writer.parameter]).toEqual(["dataworks-2.0", job.writer.parameter]);
    expect(objectWriteSchema.safeParse(job.writer.parameter).success).toBe(true);
  });

  it.each([
    [{ fileFormat: "csv" }, { fileFormat: "csv", nullFormat: "null" }],
    [
      { FILEFORMAT: "csv", nullFormat: "" },
      { FILEFORMAT: "csv", nullFormat: "" },
    ],
    [
      { fileFormat: null, nullFormat: "\\N" },
      { fileFormat: "text", nullFormat: "\\N" },
    ],
    [
      { fileFormat: " ", nullFormat: null },
      { fileFormat: "text", nullFormat: "null" },
    ],
    [{ fileFormat: "${format}" }, { fileFormat: "${format}", nullFormat: "null" }],
    [{ maxFileSize: 5 }, { fileFormat: "text", nullFormat: "null", maxFileSize: 5 }],
  ])("takes what is given instead: %j", (given, expected) => {
    const { parameter } = write({ ...given, writeMode }).job.writer;
    expect(parameter).toEqual({ maxFileSize: 100_000, ...expected, writeMode });
  });

  it("reads files trimmed, as if it had CSV settings of its own", () => {
    const formatOf = (parameter: JsonObject) =>
      csvRules.readFormat(objectReadSchema.parse({ object: "x", ...parameter }));
    expect(formatOf(read({}).job.reader.parameter)).toMatchObject({
      trim: true,
      quote: 34,
      nullText: null,
    });
    const kept = { csvReaderConfig: { trimWhitespace: false } };
    expect(formatOf(read(kept).job.reader.parameter)).toMatchObject({ trim: false });
    expect(formatOf({})).toMatchObject({ trim: false });
  });
});

describe("a DataWorks job", () => {
  it("keeps its own defaults", () => {
    const script = JSON.stringify({
      type: "job",
      version: "2.0",
      steps: [
        { stepType: "stream", parameter: {}, name: "Reader", category: "reader" },
        { stepType: "oss", parameter: { object: "x" }, name: "Writer", category: "writer" },
      ],
      setting: { errorLimit: { record: 0 }, speed: { concurrent: 1 } },
    });
    const { job, warnings } = parseJob(script, { mode: "preview" });
    expect([job.writer.parameter, warnings]).toEqual([{ object: "x" }, []]);
  });
});

describe("where DataX does otherwise and Sluice cannot", () => {
  const warningsOf = ({ warnings }: ReturnType<typeof write>) =>
    warnings.map(({ path, line, message }) => [path, line, message]);
  const writer = "job.content[0].writer.parameter";
  const reader = "job.content[0].reader.parameter";

  it("the job is told at the place", () => {
    expect(warningsOf(write({ writeMode }))).toEqual([
      [writer, expect.any(Number), expect.stringContaining("dirty record")],
    ]);
    expect(warningsOf(write({ fileFormat: "Text", writeMode }))).toEqual([
      [`${writer}.fileFormat`, expect.any(Number), expect.stringContaining("csv quotes it")],
    ]);
    expect(warningsOf(write({ fileFormat: "csv" }))).toEqual([
      [writer, expect.any(Number), expect.stringContaining("writeMode is left out")],
    ]);
    expect(warningsOf(write({ fileFormat: "csv", writeMode }))).toEqual([]);
    expect(warningsOf(read({ fileFormat: "text" }))).toEqual([
      [`${reader}.fileFormat`, expect.any(Number), expect.stringContaining("quotes")],
    ]);
    expect(warningsOf(read({ fileFormat: "text", csvReaderConfig: { useTextQualifier: "false" } }))).toEqual([]);
    expect(warningsOf(read({ fileFormat: "csv" }))).toEqual([]);
  });
});
