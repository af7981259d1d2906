import { UserError } from "../model/errors.js";
import type { JobSchedule } from "../model/job-schedule.js";
import { checkCron } from "./cron-text.js";
import type { Label } from "./label.js";
import { type Occurrence, type Occurrences, openOccurrences, type Recurrence } from "./occurrences.js";

/**
 * Checks a schedule that is about to be stored.
 *
 * @throws UserError CONFIG_INVALID naming the field and the value seen
 */
export function checkSchedule(schedule: JobSchedule): void {
  const { cron, cycle, from, to } = schedule;
  if ((cron === undefined) === (cycle === undefined)) throw invalid("", 'give either "cron" or "cycle"');
  if (cron !== undefined) checkCron(cron);
  if (from !== undefined && to !== undefined && to < from)
    throw invalid("to", `expected a date not before ${from}; seen ${to}`);
  openSchedule(schedule);
}

function invalid(field: string, message: string): UserError {
  const path = field === "" ? "schedule" : `schedule.${field}`;
  return new UserError("CONFIG_INVALID", `${path}: ${message}`, { path });
}

/**
 * The labels of a schedule that became due in a window, at most `limit`, in the order in which they did.
 *
 * @param after  exclusive
 * @param upTo   inclusive
 * @param since  labels up to this one were made before; null = none
 */
export function dueLabels(
  open: Occurrences,
  { after, upTo, since = null, limit = 1000 }: DueWindow,
): readonly Occurrence[] {
  const due: Occurrence[] = [];
  for (const one of open.after(after.getTime())) {
    if (one.at > upTo.getTime() || due.length >= limit) break;
    if (since === null || one.label > since) due.push(one);
  }
  return due;
}

/** See `dueLabels`. */
export interface DueWindow {
  readonly after: Date;
  readonly upTo: Date;
  readonly since?: Label | null;
  readonly limit?: number;
}

/** The first instant after another at which a label is due; null when there is none. */
export function firstTimeAfter(open: Occurrences, after: Date): Date | null {
  const next = open.after(after.getTime()).next();
  return next.done ? null : new Date(next.value.at);
}

/**
 * Opens a schedule.
 *
 * @param job  by whose name labels are spread
 */
export function openSchedule(schedule: JobSchedule, job = ""): Occurrences {
  return openOccurrences(recurrenceOf(schedule, job));
}

/** What a schedule says, in the words of cycles; `job` as `openSchedule`. */
export function recurrenceOf(schedule: JobSchedule, job = ""): Recurrence {
  const { cron = "", timeZone, clock = "wall", from = null, to = null, spreadMinutes: minutes = 0 } = schedule;
  return {
    cycle: schedule.cycle ?? { every: "cron", cron },
    timeZone,
    clock,
    effective: { from, to },
    spread: minutes > 0 ? { minutes, job } : null,
  };
}
