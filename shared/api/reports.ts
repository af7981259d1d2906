import { z } from "zod";
import type { RunCost } from "../model/cost.js";
import { type ErrorReport, errorHints } from "../model/errors.js";
import type { Warning } from "../model/job.js";

/** An error as answers and other functions show it. */
export const errorReport = z
  .object({
    code: z.enum(Object.keys(errorHints) as (keyof typeof errorHints)[]),
    message: z.string(),
    hint: z.string(),
    recovery: z.enum(["fix", "retry", "report"]),
    path: z.string().exactOptional(),
    line: z.int().exactOptional(),
    column: z.int().exactOptional(),
  })
  .meta({ id: "ErrorReport" }) satisfies z.ZodType<ErrorReport>;

/** Something to look at that stops nobody. */
export const warningAnswer = z
  .object({
    message: z.string(),
    path: z.string().exactOptional(),
    line: z.int().exactOptional(),
    column: z.int().exactOptional(),
  })
  .meta({ id: "Warning" }) satisfies z.ZodType<Warning>;

/** What a run costs. */
export const costAnswer = z
  .object({
    vcpuSeconds: z.number(),
    gbSeconds: z.number(),
    requests: z.number(),
    usd: z.number(),
    pricesAsOf: z.string(),
  })
  .meta({ id: "Cost" }) satisfies z.ZodType<RunCost>;
