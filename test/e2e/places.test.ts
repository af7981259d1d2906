import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
  const bucket = await sluice.bucket("places");
  await bucket.put("in/one.csv", Buffer.from("a,1\n"));
});
afterAll(() => sluice.close());

type Parameter = Record<string, unknown>;

/** The connection that DataX puts in front of everything else: what is taken out moves all that follows. */
function inline(more: Parameter): Parameter {
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const oss = { endpoint: sluice.cloud.endpoints.oss, bucket: "places", accessId, accessKey };
  // Said, since DataX and DataWorks differ in what they are when nothing is said, and warnings tell so.
  return { ...oss, fileFormat: "csv", nullFormat: "", ...more };
}

const spellings = {
  datax: (reader: Parameter, writer: Parameter) => ({
    job: {
      setting: { speed: { channel: 1 }, errorLimit: { record: 0 } },
      content: [{ reader: { name: "ossreader", parameter: reader }, writer: { name: "osswriter", parameter: writer } }],
    },
  }),
  "DataWorks 1.0": (reader: Parameter, writer: Parameter) => ({
    type: "job",
    configuration: {
      setting: { speed: { concurrent: 1 }, errorLimit: { record: 0 } },
      reader: { plugin: "oss", parameter: reader },
      writer: { plugin: "oss", parameter: writer },
    },
  }),
  "DataWorks 2.0": (reader: Parameter, writer: Parameter) => ({
    type: "job",
    steps: [
      { stepType: "oss", category: "reader", parameter: reader },
      { stepType: "oss", category: "writer", parameter: writer },
    ],
    setting: { speed: { concurrent: 1 }, errorLimit: { record: 0 } },
  }),
} as const;

const paths = {
  datax: { reader: "job.content[0].reader.parameter", writer: "job.content[0].writer.parameter" },
  "DataWorks 1.0": { reader: "configuration.reader.parameter", writer: "configuration.writer.parameter" },
  "DataWorks 2.0": { reader: "steps[0].parameter", writer: "steps[1].parameter" },
} as const;

/** Where a text stands, as editors count. */
function placeOf(script: string, text: string) {
  const before = script.slice(0, script.indexOf(text)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const cases = [
  ["datax", "on one line", undefined],
  ["DataWorks 1.0", "over many lines", "\t"],
  ["DataWorks 2.0", "on one line", undefined],
] as const;
const column = [{ index: 0, type: "string" }];
const written = { object: "out/x", writeMode: "truncate", column: ["a"] };

describe.each(cases)("plan and run of a %s script %s", (spelling, _layout, indent) => {
  const textOf = (reader: Parameter, writer: Parameter) =>
    JSON.stringify(spellings[spelling](inline(reader), inline(writer)), null, indent);
  const at = paths[spelling];

  it("tell a mistake where the user wrote it, as validate does", async () => {
    const script = textOf({ object: "in/*", column }, { ...written, writeMode: "upsert", nonsense: 1 });
    const issue = { path: `${at.writer}.writeMode`, ...placeOf(script, '"upsert"') };
    for (const url of ["/v1/validate", "/v1/plan", "/v1/runs"]) {
      const { status, body } = await sluice.call("POST", url, { script });
      expect([url, status, body]).toMatchObject([url, 400, { code: "SCRIPT_INVALID", ...issue, issues: [issue] }]);
    }
  });

  it("tell what only the source knows at the field that asked for it, and warnings too", async () => {
    const script = textOf({ nonsense: 1, column, object: "nowhere/*.csv" }, { ...written, oddity: true });
    const fault = {
      code: "SOURCE_OBJECT_MISSING",
      path: `${at.reader}.object`,
      ...placeOf(script, '"nowhere/*.csv"'),
    };
    const plan = await sluice.call("POST", "/v1/plan", { script });
    expect(plan).toMatchObject({ status: 400, body: fault });
    const good = script.replace("nowhere/*.csv", "in/*.csv");
    const warnings = [
      { path: `${at.reader}.nonsense`, ...placeOf(good, '"nonsense"') },
      { path: `${at.writer}.oddity`, ...placeOf(good, '"oddity"') },
    ];
    const planned = await sluice.call("POST", "/v1/plan", { script: good });
    expect(planned.body).toMatchObject({
      reader: { dataSources: ["inline_1"] },
      writer: { dataSources: ["inline_2"] },
      warnings,
    });
    const name = `places_${spelling.replace(/\W/g, "_")}`;
    const saved = await sluice.call("PUT", `/v1/jobs/${name}`, { script: good });
    expect(saved.body.warnings).toMatchObject(warnings);
    // One that fails, and one that was stored.
    const asked = [{ script }, { job: name }];
    const runs = await Promise.all(asked.map(async (request) => sluice.ended(await sluice.start(request))));
    const done = { state: "succeeded", error: null, warnings };
    expect(runs.map(({ run }) => run)).toMatchObject([{ state: "failed", error: fault }, done]);
    expect((await sluice.call("GET", `/v1/jobs/${name}`)).body.script).not.toContain(
      sluice.cloud.credentials.accessKeySecret,
    );
  });
});
