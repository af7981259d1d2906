import { Cron } from "croner";
import { UserError } from "../model/errors.js";

/** When a job runs by itself. */
export interface Schedule {
  /** Six fields, seconds first: `second minute hour day-of-month month day-of-week`; `?` means `*`. */
  readonly cron: string;
  /** IANA zone in which the fields are meant. */
  readonly timeZone: string;
}

/**
 * Checks a schedule.
 *
 * @throws UserError CONFIG_INVALID naming the field and the value seen
 */
export function checkSchedule(schedule: Schedule): void {
  if (schedule.cron.trim().split(/\s+/).length !== 6)
    throw new UserError(
      "CONFIG_INVALID",
      `schedule.cron "${schedule.cron}": expected six fields (second minute hour day month weekday), such as "0 30 3 * * ?"`,
      { path: "schedule.cron" },
    );
  if (firstTime(schedule) !== null) return;
  const message = `schedule.cron "${schedule.cron}": there is no such day, so it would never fire; correct day and month`;
  throw new UserError("CONFIG_INVALID", message, { path: "schedule.cron" });
}

function firstTime(schedule: Schedule): Date | null {
  try {
    return open(schedule).nextRun(new Date(0));
  } catch (cause) {
    const isZone = /time ?zone/i.test(String(cause));
    const field = isZone ? "schedule.timeZone" : "schedule.cron";
    const seen = isZone ? schedule.timeZone : schedule.cron;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError("CONFIG_INVALID", `${field} "${seen}": ${reason}`, { path: field, cause });
  }
}

/**
 * The planned times of a schedule in a window, at most `limit`, ascending.
 *
 * @param after  exclusive
 * @param upTo   inclusive
 */
export function dueTimes(schedule: Schedule, after: Date, upTo: Date, limit = 1000): readonly Date[] {
  const cron = open(schedule);
  const times: Date[] = [];
  for (let next = cron.nextRun(after); next && next <= upTo && times.length < limit; next = cron.nextRun(next))
    times.push(next);
  return times;
}

/** The first planned time after a moment; null when there is none. */
export function firstTimeAfter(schedule: Schedule, after: Date): Date | null {
  return open(schedule).nextRun(after);
}

function open({ cron, timeZone }: Schedule): Cron {
  return new Cron(cron, { timezone: timeZone, paused: true });
}
