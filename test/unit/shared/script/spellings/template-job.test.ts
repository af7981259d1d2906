import { expect, it } from "vitest";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { templateJob } from "../../../../../shared/script/spellings/template-job.js";

it("A template is a valid script without warnings and tolerates no dirty record.", () => {
  const text = templateJob(
    { type: "mysql", parameter: { datasource: "source", table: ["t"] } },
    { type: "oss", parameter: { datasource: "target", object: "t/" } },
  );
  const { job, warnings } = parseJob(text);
  expect(warnings).toEqual([]);
  expect(job.reader).toMatchObject({ type: "mysql", name: "Reader", parameter: { datasource: "source" } });
  expect(job.setting).toMatchObject({ errorLimit: { record: 0 }, concurrent: 2, exactlyOnce: "auto" });
  expect(text.startsWith('{\n  "type": "job",\n  "version": "2.0",\n  "steps": [')).toBe(true);
});
