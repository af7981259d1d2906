import { z } from "zod";
import { errorReport } from "../../shared/looks/look-orders.js";
import { toErrorReport, UserError } from "../../shared/model/errors.js";
import type { Log } from "../../shared/platform/log.js";
import { nameText } from "./bounded.js";

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

/** The result of an item that did not go through. A bug of ours is this item's too: its words are for the log. */
export function itemError(name: string, error: unknown, log: Log) {
  const report = toErrorReport(error);
  const { code, hint } = report;
  const isOurs = code === "INTERNAL";
  if (isOurs) {
    const stack = error instanceof Error ? error.stack : undefined;
    log.error("item of a batch failed", { item: name, error: report.message, stack });
  }
  const message = isOurs ? "something went wrong inside Sluice" : report.message;
  const issues = error instanceof UserError && "issues" in error ? { issues: error.issues } : {};
  return { name, ok: false, error: { code, message, hint, ...issues } };
}

/** Items that are worked on at once. */
const AT_ONCE = 25;

/** Works on each name once, a group at a time; results in order. */
export async function eachOf<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<T[]> {
  const all = [...new Set(names)];
  const done: T[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    done.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  return done;
}
