// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of job scripts look like that
import { describe, expect, it } from "vitest";
import type { Job } from "../../../../../shared/model/job.js";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { printJob } from "../../../../../shared/script/spellings/print-job.js";
import { scriptsIn } from "../fixture-scripts.js";

/** A job without what says where and how it was written. */
function meaning(job: Job) {
  const { reader, writer, setting, carried } = job;
  const step = ({ type, name, parameter }: Job["reader"]) => ({ type, name, parameter });
  return { reader: step(reader), writer: step(writer), setting, carried };
}

describe("a printed job", () => {
  it.each([...scriptsIn("valid")])("%s means the same as the script it came from", (_name, text) => {
    const { job } = parseJob(text, { mode: "preview" });
    const printed = printJob(job);
    const again = parseJob(printed, { mode: "preview" });
    expect(meaning(again.job)).toEqual(meaning(job));
    expect(again.job.format).toBe("dataworks-2.0");
    expect(printJob(again.job)).toBe(printed);
  });

  it.each([...scriptsIn("valid")])("%s is canonical JSON without oddities of spelling", (_name, text) => {
    const printed = printJob(parseJob(text, { mode: "preview" }).job);
    expect(`${JSON.stringify(JSON.parse(printed), null, 2)}\n`).toBe(printed);
    const { warnings } = parseJob(printed, { mode: "preview" });
    expect(warnings.filter(({ message }) => /read as|dropped|ignored;|unknown/.test(message))).toEqual([]);
  });

  it("names a plug-in that was written in two words the same way every time", () => {
    const side = (name: string) => ({ name, parameter: {} });
    const content = [{ reader: side("Stream Reader Reader "), writer: side("streamwriter") }];
    const text = JSON.stringify({ job: { setting: { speed: { channel: 1 } }, content } });
    const printed = printJob(parseJob(text, { mode: "preview" }).job);
    expect(printed).toContain('"stepType": "stream",');
    expect(printJob(parseJob(printed, { mode: "preview" }).job)).toBe(printed);
  });

  it("names Tablestore's plug-ins for its inner model as the others", () => {
    const reader = { plugin: "otsreader-internal", parameter: {} };
    const writer = { plugin: "otswriter-internal", parameter: {} };
    const { job } = parseJob(JSON.stringify({ configuration: { reader, writer } }), { mode: "preview" });
    expect([job.reader.type, job.writer.type]).toEqual(["ots", "ots"]);
  });

  it("keeps every combination of limits", () => {
    const options = {
      errorLimit: [
        { record: 0 },
        { record: 3, percentage: 0.5 },
        { percentage: 1 },
        { strategy: "Ignore" },
        { record: "${x}" },
      ],
      speed: [
        {},
        { concurrent: 7, dmu: 2 },
        { throttle: true, mbps: 3 },
        { throttle: false, mbps: "${x}", byte: 1_048_576 },
        { throttle: "${x}", mbps: 4, recordsPerSecond: 9 },
        { byte: 5, record: 6 },
        { throttle: true, mbps: "${x}", byte: 2_097_152 },
      ],
      exactlyOnce: ["auto", true, "false", "${x}"],
    };
    const steps = ["reader", "writer"].map((category) => ({ stepType: "stream", category, parameter: {} }));
    for (const errorLimit of options.errorLimit) {
      for (const speed of options.speed) {
        for (const exactlyOnce of options.exactlyOnce) {
          const text = JSON.stringify({ steps, setting: { errorLimit, speed, exactlyOnce } });
          const { job } = parseJob(text, { mode: "preview" });
          expect(meaning(parseJob(printJob(job), { mode: "preview" }).job)).toEqual(meaning(job));
        }
      }
    }
  });

  it("of DataX origin still knows its bare names", () => {
    const { job } = parseJob(scriptsIn("valid").get("byte-only-datax.json") ?? "", { mode: "preview" });
    const again = parseJob(printJob(job), { parameters: { day: "friday" } });
    expect(again.job.reader.parameter.object).toBe("drums-friday.csv");
  });
});
