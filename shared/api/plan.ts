import { z } from "zod";
import type { PlanReport } from "../model/plan.js";
import { costAnswer, warningAnswer } from "./reports.js";

const planSide = z.object({
  type: z.string(),
  dataSources: z.array(z.string()),
  timeZone: z.object({ zone: z.string(), from: z.string() }),
});

/** What a run would do. */
export const planAnswer = z
  .object({
    reader: planSide,
    writer: planSide,
    delivery: z.string(),
    concurrent: z.int(),
    splits: z.array(z.object({ describe: z.string(), rows: z.number().nullable(), bytes: z.number().nullable() })),
    estimatedRows: z.number().nullable(),
    cost: z.object({ ...costAnswer.shape, assumption: z.string() }).nullable(),
    mapping: z.array(
      z.object({
        from: z.string(),
        fromType: z.string(),
        to: z.string(),
        toType: z.string(),
        warning: z.string().nullable(),
      }),
    ),
    warnings: z.array(warningAnswer),
  })
  .meta({ id: "Plan" }) satisfies z.ZodType<PlanReport>;
