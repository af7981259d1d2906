import { z } from "zod";
import { type Cycle, cycleSchema } from "./cycle.js";

/** When a job runs by itself: `cron` or `cycle`. */
export interface JobSchedule {
  /** Six fields, seconds first: `second minute hour day-of-month month day-of-week`; `?` means `*`. */
  readonly cron?: string | undefined;
  readonly cycle?: Cycle | undefined;
  /** IANA zone in which times are meant, or an offset. */
  readonly timeZone: string;
  /** Absent = `wall`. */
  readonly clock?: "wall" | "elapsed" | undefined;
  /** First and last date of labels, inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Instances are due up to so many minutes later, as the job's name decides. */
  readonly spreadMinutes?: number | undefined;
}

const date = z.iso.date().max(10);

/** What a schedule is told by, but for its zone. */
export const scheduleFields = {
  cron: z.string().max(200).optional(),
  cycle: cycleSchema.optional(),
  clock: z
    .enum(["wall", "elapsed"])
    .optional()
    .describe("`elapsed` = by the time that goes by: minutes and hours only"),
  from: date.optional().describe("First date of planned times, inclusive"),
  to: date.optional().describe("Last date of planned times, inclusive"),
  spreadMinutes: z
    .int()
    .min(0)
    .max(1440)
    .optional()
    .describe("Due up to so many minutes later, fixed by the job's name"),
} as const;

const span = z
  .string()
  .max(10)
  .regex(/^[+-]?\d{1,6}[mhd]?$/, "expected a span such as -7d, -90m or 0");
const jobName = z.string().min(1).max(128);

/** What a job waits for: other jobs, itself, or those that wait for it. */
export const dependencySchema = z.union([
  z.strictObject({ on: z.literal("job"), job: jobName, cycle: z.enum(["same", "previous"]) }),
  /** Labels after `from` up to `to`, both from the own label, such as `-7d`, `-90m` and `0`. */
  z.strictObject({ on: z.literal("job"), job: jobName, window: z.strictObject({ from: span, to: span }) }),
  /** Its own label before. */
  z.strictObject({ on: z.literal("self") }),
  /** Every direct dependant's labels of the cycle before. */
  z.strictObject({ on: z.literal("children") }),
]);

/** All that a job waits for. */
export const dependenciesSchema = z.array(dependencySchema).max(100);

/** What a job waits for. */
export type Edge = z.output<typeof dependencySchema>;

/** How a job's instances are made, run and repeated; what is absent has its default. */
export const policiesSchema = z.strictObject({
  catchUp: z.enum(["all", "latest", "skip"]).optional().describe("What becomes of firings that were missed"),
  catchUpDays: z.int().min(0).max(366).optional().describe("How far back missed firings are made up for; 7"),
  parallel: z.int().min(1).max(1000).optional().describe("Instances that run at once; 1, for uploads 16"),
  whenBusy: z.enum(["queue", "skip", "cancel"]).optional().describe("What if `parallel` of them run"),
  retries: z.int().min(0).max(10).optional().describe("How often a failure is tried again by itself; 0"),
  retryPauseMinutes: z.int().min(0).max(1440).optional().describe("Before each retry; 3"),
  timeoutMinutes: z.int().min(1).max(43_200).optional().describe("Longest time of a run; absent = no end"),
  priority: z.int().min(1).max(8).optional().describe("8 goes first; 1"),
  rerun: z.enum(["always", "afterFailure", "never"]).optional().describe("When an instance may be run again"),
});

/** How a job's instances are made, run and repeated, as stored. */
export type JobPolicies = z.output<typeof policiesSchema>;

/** How a job's schedule is carried out: `paused` makes no instances, `frozen` makes them frozen, `dryRun` has them succeed without running. */
export const scheduleModes = ["active", "paused", "frozen", "dryRun"] as const;

/** See {@link scheduleModes}. */
export type ScheduleMode = (typeof scheduleModes)[number];
