import { z } from "zod";
import { nameText } from "./bounded.js";
import { errorReport } from "./reports.js";

/** The objects of one batch. */
export const batchNames = z.array(nameText().min(1)).min(1).max(100);

/** A result of a batch that went through: what the single call answers, and for which name. */
export function batchItem<T extends z.ZodRawShape>(shape: T) {
  return z.object({ ok: z.literal(true), name: z.string(), ...shape });
}

/** A job that a change would break, as refusals list it. */
export const affectedUse = z.object({
  workspace: z.string(),
  job: z.string(),
  versions: z.array(z.enum(["draft", "production"])),
  consequence: z.string(),
});

/** A result of a batch that did not go through. */
export const itemProblem = z
  .object({
    ok: z.literal(false),
    name: z.string(),
    error: z.object({
      ...errorReport.pick({ code: true, message: true, hint: true }).shape,
      issues: z.array(z.object({ message: z.string(), ...affectedUse.shape })).exactOptional(),
    }),
  })
  .meta({ id: "BatchProblem" });
