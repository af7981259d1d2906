import { z } from "zod";

const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] as const;
const MINUTES_OF_DAY = 1440;

const time = z
  .string()
  .max(5)
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time of day such as 02:30");
const at = time.optional();
const monthDay = z.union([z.int().min(1).max(31), z.literal("last")]);
const some = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(MINUTES_OF_DAY);

/**
 * How often a job has instances. Windows of `from` and `to` are closed at both ends; `at` may be left out (see `withFixedTime`).
 */
export const cycleSchema = z.discriminatedUnion("every", [
  z.strictObject({ every: z.literal("minute"), step: z.int().min(1).max(59), from: at, to: at }),
  z.strictObject({
    every: z.literal("hour"),
    step: z.int().min(1).max(23).optional(),
    from: at,
    to: at,
    times: z.array(time).min(1).max(MINUTES_OF_DAY).optional(),
  }),
  z.strictObject({ every: z.literal("day"), at }),
  z.strictObject({ every: z.literal("week"), days: some(z.enum(weekdays)), at }),
  z.strictObject({ every: z.literal("month"), days: some(monthDay), at }),
  /** Its first or its last day. */
  z.strictObject({ every: z.literal("quarter"), day: z.enum(["first", "last"]), at }),
  z.strictObject({ every: z.literal("year"), months: some(z.int().min(1).max(12)), days: some(monthDay), at }),
  z.strictObject({ every: z.literal("cron"), cron: z.string().max(200) }),
]);

/** How often a job has instances. */
export type Cycle = z.output<typeof cycleSchema>;
