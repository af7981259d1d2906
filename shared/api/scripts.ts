import { z } from "zod";
import { nameText } from "./bounded.js";
import type { Endpoint } from "./endpoint.js";
import { parametersSchema, scriptSchema } from "./inputs.js";
import { mappingAnswer, previewAnswer } from "./mapping.js";
import { planAnswer } from "./plan.js";
import { warningAnswer } from "./reports.js";

const scriptBody = z.object({
  script: scriptSchema.optional(),
  job: nameText().optional().describe("In place of a script: the draft of this stored job, with its parameters"),
  parameters: parametersSchema,
});

const previewBody = scriptBody.extend({ limit: z.int().min(1).max(100).default(20).describe("Records at most") });

const templateQuery = z.object({
  readerSource: nameText().optional(),
  readerTable: nameText().optional(),
  writerSource: nameText().optional(),
  writerTable: nameText().optional(),
});

/** Look at job scripts without running them. */
export const scriptEndpoints = {
  validate: {
    method: "POST",
    path: "/v1/validate",
    role: "viewer",
    summary: "Check a job script",
    result: "`{ warnings, script }`: `script` is the job as canonical 2.0 JSON; of `script`, or of the draft of `job`",
    body: scriptBody,
    answer: z.object({ warnings: z.array(warningAnswer), script: z.unknown() }),
    repeatable: true,
  },
  plan: {
    method: "POST",
    path: "/v1/plan",
    role: "developer",
    summary: "Plan a job script without running it",
    result: "a plan report of `script`, or of the draft of `job`; moves nothing, see What a plan runs",
    body: scriptBody,
    answer: planAnswer,
    repeatable: true,
  },
  mapping: {
    method: "POST",
    path: "/v1/mapping",
    role: "developer",
    summary: "Put the columns of both sides of a job side by side, and say what becomes of their values",
    result:
      "`{ columns, width, problems, warnings }`: the columns of both sides by position with `ok`, `lossy` or `impossible` and why, of `script` or of the draft of `job`; see docs/jobs.md",
    body: scriptBody,
    answer: mappingAnswer,
    repeatable: true,
  },
  preview: {
    method: "POST",
    path: "/v1/preview",
    role: "developer",
    summary: "Show the first records of a job as they would arrive at its target; takes who may run it",
    result:
      "`{ columns, records, isAll, warnings }`: the first records as they would arrive, dirty ones marked; where it reads production it takes operator; of `script`, or of the draft of `job`",
    body: previewBody,
    answer: previewAnswer,
    repeatable: true,
  },
  template: {
    method: "GET",
    path: "/v1/templates/{reader}/{writer}",
    role: "developer",
    summary: "A job script to fill in",
    result: "`{ script }`",
    query: templateQuery,
    answer: z.object({ script: z.unknown() }),
  },
} as const satisfies Record<string, Endpoint>;
