// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of job scripts look like that
import { describe, expect, it } from "vitest";
import { UserError } from "../../../../../shared/model/errors.js";
import type { Job } from "../../../../../shared/model/job.js";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { formatIssue, ScriptError } from "../../../../../shared/script/text/script-error.js";
import { growth, LINEAR } from "../../../growth.js";
import { expectationsOf, scriptsIn, thrownBy } from "../fixture-scripts.js";

const plannedLocal = "2024-05-06T10:03:04";

interface Reading {
  readonly job: Job;
  readonly warnings: readonly string[];
}

function script(parts: { reader?: object; writer?: object; setting?: object; more?: object } = {}): string {
  const { reader = { sliceRecordCount: 1 }, writer = {}, setting = { errorLimit: { record: 0 } }, more } = parts;
  const steps = [
    { stepType: "stream", category: "reader", parameter: reader },
    { stepType: "stream", category: "writer", parameter: writer },
  ];
  return JSON.stringify({ type: "job", version: "2.0", steps, setting, ...more }, null, 2);
}

describe("valid scripts", () => {
  const expected = expectationsOf<Reading>("valid-readings.json");

  it.each([...scriptsIn("valid")])("%s is read as the table says", (name, text) => {
    const { job, warnings } = parseJob(text, { mode: "preview" });
    expect({ job, warnings: warnings.map(formatIssue) }).toEqual(expected[name]);
  });

  it("are at least a dozen, and the table lists no others", () => {
    expect(Object.keys(expected).sort()).toEqual([...scriptsIn("valid").keys()]);
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(12);
  });
});

describe("malformed scripts", () => {
  const expected = expectationsOf<readonly string[]>("malformed-messages.json");

  it.each([...scriptsIn("malformed")])("%s is refused with the exact messages", (name, text) => {
    const error = thrownBy(() => parseJob(text, { plannedLocal }));
    expect(error).toBeInstanceOf(ScriptError);
    expect((error as ScriptError).issues.map(formatIssue)).toEqual(expected[name]);
  });

  it("are refused by their length before anything is done with them", () => {
    const text = `${"[".repeat(600_000)}${"]".repeat(600_000)}`;
    expect(() => parseJob(text)).toThrow(
      "line 1, column 1: the script has 1200000 characters; a job has at most 1048576: is this the right file?",
    );
  });

  it("are at least forty, and the table lists no others", () => {
    expect(Object.keys(expected).sort()).toEqual([...scriptsIn("malformed").keys()]);
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(40);
  });
});

describe("a refusal", () => {
  it("has the code, the first message with its place, and how many there are", () => {
    const text = script({ setting: { errorLimit: { record: -1 }, speed: { concurrent: 0 } } });
    const error = thrownBy(() => parseJob(text)) as ScriptError;
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: "SCRIPT_INVALID", recovery: "fix", path: "setting.errorLimit.record" });
    expect(error.message).toBe(
      "line 20, column 17, at setting.errorLimit.record: expected an integer of 0 or more, the dirty records allowed (a share of them is errorLimit.percentage); seen -1 (the first of 2 problems)",
    );
  });

  it("never shows what stands under a secret key or in the login of an address", () => {
    const texts = [
      '{ "job": { "content": [ { "reader": { "parameter": { "password": "hush"hush" } } } ] } }',
      "{ password: hush }",
      '{ "accessKey":\n  hush }',
      '{ "configuration": "jdbc:mysql://h/db?user=a&password=hush" }',
      '{ "configuration": "ftp://me:hush@host" }',
    ].map((text) => (thrownBy(() => parseJob(text)) as ScriptError).issues.map(formatIssue).join("\n"));
    for (const message of texts) expect(message).not.toContain("hush");
  });
});

describe("parameters", () => {
  const where = { sliceRecordCount: 1, where: "d = '${bizdate}' and c = '${city}'" };

  it("are put in before numbers are read", () => {
    const text = script({
      setting: { errorLimit: { record: "${n}" }, speed: { concurrent: "${w}", throttle: true, mbps: "${m}" } },
    });
    const { job, warnings } = parseJob(text, { parameters: { n: "5", w: "3", m: "2" } });
    expect(warnings).toEqual([]);
    expect(job.setting).toMatchObject({
      errorLimit: { record: 5 },
      concurrent: 3,
      throttle: { bytesPerSecond: 2_097_152 },
    });
    expect(job.carried).toEqual({});
  });

  it("without a value stop a run, all of them named with their places", () => {
    const text = script({ reader: where, writer: { object: "${cities}/${city}" } });
    const error = thrownBy(() => parseJob(text, { plannedLocal, parameters: { citi: "x" } })) as UserError;
    expect(error).toMatchObject({ code: "PARAMETER_MISSING", path: "steps[0].parameter.where" });
    expect(error.message).toBe(
      'no value for ${city} (line 10, column 18); did you mean "citi"?, ${cities} (line 17, column 19); did you mean "citi"?',
    );
  });

  it("without a value stay as written in a preview, and so does everything when nothing is given", () => {
    const text = script({ reader: { ...where, literal: "$${city} $bizdate" } });
    expect(parseJob(text, { mode: "preview" }).job.reader.parameter).toEqual({
      ...where,
      literal: "$${city} $bizdate",
    });
    expect(parseJob(text, { mode: "preview", plannedLocal }).job.reader.parameter).toEqual({
      sliceRecordCount: 1,
      where: "d = '20240505' and c = '${city}'",
      literal: "$${city} 20240505",
    });
  });

  it("lose their escape in a run", () => {
    const text = script({ reader: { literal: "$${city} costs $${price}" } });
    expect(parseJob(text).job.reader.parameter).toEqual({ literal: "${city} costs ${price}" });
  });

  it("with control characters are refused, and the value is not shown", () => {
    const error = thrownBy(() => parseJob(script({ reader: where }), { parameters: { city: "a\nb" } }));
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      path: "parameters.city",
      message: 'the value of parameter "city" holds the control character U+000A at position 2; expected plain text',
    });
  });

  it("draw a warning when unused or when they hold a quotation mark", () => {
    const { warnings } = parseJob(script({ reader: where }), {
      plannedLocal,
      parameters: { city: "O'Hara", cti: "x" },
    });
    expect(warnings.map(formatIssue)).toEqual([
      `line 10, column 18, at steps[0].parameter.where: the value of parameter "city" holds a quotation mark, which may end a text in SQL`,
      'parameter "cti" is not used by the script',
    ]);
  });

  it("written bare count in DataX only, and only when given", () => {
    const text = scriptsIn("valid").get("byte-only-datax.json") ?? "";
    const { job } = parseJob(text, { parameters: { day: "monday" } });
    expect(job.reader.parameter).toMatchObject({ object: "drums-monday.csv", pattern: "^\\d+$" });
    expect(job.writer.parameter).toMatchObject({ note: "costs $5" });
    const dataworks = parseJob(script({ reader: { object: "drums-$day.csv" } }), { parameters: { day: "x" } });
    expect(dataworks.job.reader.parameter).toEqual({ object: "drums-$day.csv" });
  });
});

describe("locating", () => {
  it("finds values and keys whatever the key's spelling, and the enclosing field of what is missing", () => {
    const text = scriptsIn("valid").get("commented-odd-case-2.0.json") ?? "";
    const { locate } = parseJob(text, { mode: "preview" });
    expect(locate("steps[0].parameter.splitPk")).toEqual({ line: 11, column: 20 });
    expect(locate("steps[0].parameter.splitPk", "key")).toEqual({ line: 11, column: 9 });
    expect(locate("setting.speed.concurrent")).toEqual({ line: 25, column: 31 });
    expect(locate("steps[0].parameter.fetchSize")).toEqual(locate("steps[0].parameter"));
    expect(locate("steps[")).toBeUndefined();
  });
});

describe("a DataX speed", () => {
  const channelLimit = (byte: number) => ({ transport: { channel: { speed: { byte } } } });
  const speedOf = (speed: object, core?: object) => {
    const side = (name: string) => ({ name, parameter: {} });
    const content = [{ reader: side("streamreader"), writer: side("streamwriter") }];
    const job = { setting: { speed, errorLimit: { record: 0 } }, content };
    const { concurrent, throttle } = parseJob(JSON.stringify({ job, ...(core && { core }) })).job.setting;
    return [concurrent, throttle.bytesPerSecond, throttle.recordsPerSecond];
  };

  it.each([
    ["channel alone", { channel: "4" }, undefined, [4, null, null]],
    ["byte alone runs one channel", { byte: 4096 }, undefined, [1, 4096, null]],
    ["byte with channel keeps both", { byte: 4096, channel: 3 }, undefined, [3, 4096, null]],
    [
      "byte over the channel's limit decides the channels",
      { byte: 4096, channel: 3 },
      channelLimit(1024),
      [4, 4096, null],
    ],
    ["byte below the channel's limit still runs one", { byte: 100 }, channelLimit(1024), [1, 100, null]],
    ["the channel's limit alone holds for each channel", { channel: 3 }, channelLimit(1024), [3, 3072, null]],
    ["record counts as rows", { record: 10, channel: -1 }, undefined, [1, null, 10]],
  ])("%s", (_title, speed, core, expected) => {
    expect(speedOf(speed, core)).toEqual(expected);
  });
});

describe("large scripts", () => {
  it("with ten thousand unknown keys are judged in the time that their number allows", () => {
    const judge = (count: number) => {
      const keys = Object.fromEntries(Array.from({ length: count }, (_, i) => [`settimg${i}`, i]));
      expect(parseJob(script({ more: keys })).warnings.length).toBe(count);
    };
    expect(growth(625, judge)).toBeLessThan(LINEAR);
  });

  it("with ten thousand missing commas are judged in the time that their number allows", () => {
    const judge = (count: number) => {
      const members = Array.from({ length: count }, (_, i) => `"k${i}": 1`).join("\n");
      expect((thrownBy(() => parseJob(`{ ${members} }`)) as ScriptError).issues.length).toBe(20);
    };
    expect(growth(625, judge)).toBeLessThan(LINEAR);
  });
});

describe("other people's layouts", () => {
  const yaml = [
    "job:\n  setting:\n    speed: { channel: 1 }\n",
    "---\nsteps:\n- a\n",
    "# nightly\n\n- job: x\n",
    "type: job",
  ];
  it.each(yaml)("%j is told to be YAML, and the way out", (text) => {
    const error = thrownBy(() => parseJob(text));
    expect(error instanceof ScriptError && error.issues.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^this is YAML, which is not read; expected JSON.*yq -o json/),
    ]);
  });

  it("JSON without its first brace is not taken for YAML", () => {
    const error = thrownBy(() => parseJob('"job": { "content": [] }'));
    expect(error).toMatchObject({ message: expect.not.stringContaining("YAML") });
  });

  it("Addax has one object for content, with the paths of that", () => {
    const side = (kind: string) => ({ name: `stream${kind}`, parameter: {} });
    const content = { reader: side("reader"), writer: side("writer") };
    const setting = { speed: { channel: 1 }, errorLimit: { record: 0 } };
    const { job, warnings, locate } = parseJob(JSON.stringify({ job: { setting, content } }));
    expect(job).toMatchObject({ format: "datax", reader: { type: "stream" }, writer: { type: "stream" } });
    expect([job.reader.path, job.writer.path, warnings]).toEqual([
      "job.content.reader.parameter",
      "job.content.writer.parameter",
      [],
    ]);
    expect(locate("job.content.writer.name")).toMatchObject({ line: 1 });
  });
});
