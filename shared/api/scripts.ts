import { z } from "zod";
import { nameText } from "./bounded.js";
import type { Endpoint } from "./endpoint.js";
import { parametersSchema, scriptSchema } from "./inputs.js";
import { planAnswer } from "./plan.js";
import { warningAnswer } from "./reports.js";

const scriptBody = z.object({ script: scriptSchema, parameters: parametersSchema });

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
    body: scriptBody,
    answer: z.object({ warnings: z.array(warningAnswer), script: z.unknown() }),
    repeatable: true,
  },
  plan: {
    method: "POST",
    path: "/v1/plan",
    role: "developer",
    summary: "Plan a job script without running it",
    body: scriptBody,
    answer: planAnswer,
    repeatable: true,
  },
  template: {
    method: "GET",
    path: "/v1/templates/{reader}/{writer}",
    role: "developer",
    summary: "A job script to fill in",
    query: templateQuery,
    answer: z.object({ script: z.unknown() }),
  },
} as const satisfies Record<string, Endpoint>;
