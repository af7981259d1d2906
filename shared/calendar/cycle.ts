import { createHash } from "node:crypto";
import type { Cycle } from "../model/cycle.js";
import { UserError } from "../model/errors.js";
import { readCron } from "./cron-text.js";
import { EVERY_DAY, minutesOf, type Timetable } from "./timetable.js";

/** A job without a time of day runs in the first half hour after midnight. */
const UNSET_MINUTES = 30;

/**
 * The cycle with a time of day: one that has none gets a minute of 00:00 to 00:29 by the hash of its job. Called when the job
 * is saved, so that the time is seen and stays; a time drawn at run time would make labels unstable.
 */
export function withFixedTime(cycle: Cycle, job: string): Cycle {
  if (cycle.every === "minute" || cycle.every === "hour" || cycle.every === "cron" || cycle.at) return cycle;
  return { ...cycle, at: `00:${String(hashOf(job) % UNSET_MINUTES).padStart(2, "0")}` };
}

/** A number below 2^32 that depends on a text alone. */
export function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}

/**
 * The days and times of a cycle.
 *
 * @throws UserError CONFIG_INVALID for a cycle without a time, an empty window, or days that no year has
 */
export function timetableOf(cycle: Cycle): Timetable {
  switch (cycle.every) {
    case "cron":
      return readCron(cycle.cron);
    case "minute":
      return { days: EVERY_DAY, times: steps(cycle, cycle.step) };
    case "hour":
      return { days: EVERY_DAY, times: cycle.times ? listed(cycle.times) : steps(cycle, (cycle.step ?? 1) * 60) };
    default:
      return { days: daysOf(cycle), times: [minutesOf(timeOf(cycle))] };
  }
}

function steps({ from = "00:00", to = "23:59" }: { from?: string | undefined; to?: string | undefined }, step: number) {
  const times: number[] = [];
  for (let minutes = minutesOf(from); minutes <= minutesOf(to); minutes += step) times.push(minutes);
  if (times.length === 0) throw refusal(`from ${from} to ${to}: expected "to" not before "from"`);
  return times;
}

function listed(times: readonly string[]): readonly number[] {
  return [...new Set(times.map(minutesOf))].sort((a, b) => a - b);
}

/** A cycle of days or more. */
type DayCycle = Exclude<Cycle, { every: "minute" | "hour" | "cron" }>;

function daysOf(cycle: DayCycle): string {
  switch (cycle.every) {
    case "day":
      return EVERY_DAY;
    case "week":
      return `* * ${cycle.days.join(",")}`;
    case "month":
      return `${monthDays(cycle.days)} * *`;
    case "quarter":
      return cycle.day === "first" ? "1 1,4,7,10 *" : "L 3,6,9,12 *";
    case "year": {
      const days = `${monthDays(cycle.days)} ${cycle.months.join(",")} *`;
      readCron(`0 0 0 ${days}`);
      return days;
    }
  }
}

function monthDays(days: readonly (number | "last")[]): string {
  return days.map((day) => (day === "last" ? "L" : day)).join(",");
}

function timeOf({ at, every }: DayCycle): string {
  if (at === undefined) throw refusal(`every ${every}: at: expected a time of day such as 02:30`);
  return at;
}

function refusal(message: string): UserError {
  return new UserError("CONFIG_INVALID", `schedule.cycle ${message}`, { path: "schedule.cycle" });
}
