import { checkCron } from "./cron-text.js";
import type { Label } from "./label.js";
import { type Occurrence, type Occurrences, openOccurrences, type Recurrence } from "./occurrences.js";

/** When a job runs by itself. */
export interface Schedule {
  /** Six fields, seconds first: `second minute hour day-of-month month day-of-week`; `?` means `*`. */
  readonly cron: string;
  /** IANA zone in which the fields are meant. */
  readonly timeZone: string;
}

/**
 * Checks a schedule that is about to be stored.
 *
 * @throws UserError CONFIG_INVALID naming the field and the value seen
 */
export function checkSchedule(schedule: Schedule): void {
  checkCron(schedule.cron);
  openSchedule(schedule);
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

/** The labels of a schedule of one cron expression: `wall`, without end. */
export function openSchedule(schedule: Schedule): Occurrences {
  return openOccurrences(recurrenceOf(schedule));
}

/** What a schedule says, in the words of cycles. */
export function recurrenceOf({ cron, timeZone }: Schedule): Recurrence {
  return {
    cycle: { every: "cron", cron },
    timeZone,
    clock: "wall",
    effective: { from: null, to: null },
    spread: null,
  };
}
