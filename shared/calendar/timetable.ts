import { Cron } from "croner";
import { addDays, type Label } from "./label.js";

/** On which days, and at which times of such a day, a schedule has labels. Nothing here knows a zone. */
export interface Timetable {
  /** Cron's fields day of month, month and day of week, without `?`. */
  readonly days: string;
  /** Minutes after midnight, ascending; at least one. */
  readonly times: readonly number[];
}

/** The days of a timetable that leaves out none. */
export const EVERY_DAY = "* * *";

/** The dates (`yyyy-MM-dd`) of a timetable from one on, that one included, without end. */
export function* datesFrom(days: string, date: string): Generator<string> {
  if (days === EVERY_DAY) for (let next = date; ; next = addDays(next, 1)) yield next;
  const cron = cronOfDays(days);
  for (let next = cron.nextRun(dayBefore(date)); next; next = cron.nextRun(next)) yield dateText(next);
}

/** The last date of a timetable before another; null when there is none. */
export function dateBefore(days: string, date: string): string | null {
  if (days === EVERY_DAY) return addDays(date, -1);
  const [last] = cronOfDays(days).previousRuns(1, new Date(`${date}T00:00:00Z`));
  return last ? dateText(last) : null;
}

/** Whether a timetable has a date. */
export function isOn({ days }: Timetable, date: string): boolean {
  return datesFrom(days, date).next().value === date;
}

/** The labels of a date that the timetable has, ascending. */
export function labelsOf({ times }: Timetable, date: string): readonly Label[] {
  return times.map((minutes) => labelAt(date, minutes));
}

/** The label of a date and minutes after its midnight. */
export function labelAt(date: string, minutes: number): Label {
  return `${date}T${timeText(minutes)}`;
}

/** `HH:mm` of minutes after midnight. */
export function timeText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Minutes after midnight of `HH:mm`. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

// The library sees midnights in UTC only, where no clock is ever changed.
function cronOfDays(days: string): Cron {
  return new Cron(`0 0 0 ${days}`, { timezone: "UTC", paused: true, mode: "6-part" });
}

function dayBefore(date: string): Date {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 1);
}

function dateText(midnight: Date): string {
  return midnight.toISOString().slice(0, 10);
}
