import { Cron, CronPattern } from "croner";
import { UserError } from "../model/errors.js";
import { EVERY_DAY, type Timetable } from "./timetable.js";

/**
 * Reads a cron expression of six fields, `second minute hour day-of-month month day-of-week`; `?` means `*`. Weekdays are 0 to 7 from
 * Sunday to Sunday, or names; `L` is the last day of a month. Of day of month and day of week either makes a day, where both are given.
 * Seconds are left out of account; see `checkCron`.
 *
 * @throws UserError CONFIG_INVALID naming the expression and what may be meant
 */
export function readCron(cron: string): Timetable {
  const [, minute, hour, ...dates] = fieldsOf(cron);
  const days = dates.join(" ");
  const { hour: hours, minute: minutes } = tried(cron, () => new CronPattern(`0 ${minute} ${hour} ${days}`, "UTC"));
  const times = set(hours).flatMap((h) => set(minutes).map((m) => h * 60 + m));
  if (days === EVERY_DAY) return { days, times };
  const byDay = tried(cron, () => new Cron(`0 0 0 ${days}`, { timezone: "UTC", paused: true, mode: "6-part" }));
  if (byDay.nextRun(new Date(-1)) === null)
    throw refusal(cron, "there is no such day, so it would never fire; correct day and month");
  return { days, times };
}

/** The values that a parsed field names. */
function set(field: readonly number[]): readonly number[] {
  return field.flatMap((isNamed, value) => (isNamed ? [value] : []));
}

/**
 * Checks a cron expression that is about to be stored: the second must be 0, for the tick is a minute.
 *
 * @throws UserError CONFIG_INVALID as `readCron`
 */
export function checkCron(cron: string): void {
  const [second = ""] = fieldsOf(cron);
  if (!/^0{1,2}$/.test(second)) {
    const fixed = ["0", ...fieldsOf(cron).slice(1)].join(" ");
    throw refusal(cron, `the second is ${second}, but jobs start by the minute; write "${fixed}"`);
  }
  readCron(cron);
}

function fieldsOf(cron: string): readonly string[] {
  const fields = cron.trim().split(/\s+/);
  if (fields.length === 6) return fields.map((field) => field.replaceAll("?", "*"));
  throw refusal(cron, 'expected six fields (second minute hour day month weekday), such as "0 30 3 * * ?"');
}

function tried<T>(cron: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^CronPattern: /, "") : String(cause);
    throw refusal(cron, `${reason}${stepAdvice(cron)}`, cause);
  }
}

/** Last values of the fields, for steps that begin at a number: `0/2` in the hours means `0-23/2`. */
const LAST = [59, 59, 23, 31, 12, 6] as const;

function stepAdvice(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  const fixed = fields.map((field, i) => field.replace(/(?<![-\d*])(\d+)\/(?=\d)/g, `$1-${LAST[i]}/`));
  return fixed.join(" ") === fields.join(" ") ? "" : `; write "${fixed.join(" ")}"`;
}

function refusal(cron: string, reason: string, cause?: unknown): UserError {
  return new UserError("CONFIG_INVALID", `schedule.cron "${cron}": ${reason}`, { path: "schedule.cron", cause });
}
