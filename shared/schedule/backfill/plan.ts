import { addDays, type Label } from "../../calendar/label.js";
import type { Occurrences } from "../../calendar/occurrences.js";
import { datesFrom, minutesOf } from "../../calendar/timetable.js";
import { UserError } from "../../model/errors.js";

/** What is to be filled, of one job. */
export interface BackfillOptions {
  /** First and last business date, `yyyy-MM-dd`, inclusive. */
  readonly from: string;
  readonly to: string;
  /** Times of day such as `08:45`, of those that the job has; absent = all. */
  readonly times?: readonly string[];
  readonly order: "asc" | "desc";
  /** How many dates at once, 1 to 50. */
  readonly parallel: number;
}

/** Why a job's dates must follow one another. */
export interface Bound {
  readonly dependsOnItself: boolean;
  readonly hasWatermark: boolean;
}

/** A backfill that may start; shown before it does. */
export interface BackfillPlan {
  readonly order: "asc" | "desc";
  readonly parallel: number;
  readonly count: number;
  /** In the order in which they run; null when there are none. */
  readonly first: Label | null;
  readonly last: Label | null;
  /** What is done otherwise than asked for, and why. */
  readonly notes: readonly string[];
  /** Labels by date, in the order in which they run. Made as they are asked for: ten years of an hourly job are 87,600. */
  dates(): Generator<readonly Label[]>;
}

const MOST_PARALLEL = 50;
const DATE = /^\d{4}-\d\d-\d\d$/;

/**
 * Plans the labels of a job for business dates, by its present schedule; jobs of a week or more have theirs on their own days only.
 *
 * @throws UserError CONFIG_INVALID naming the field and the value seen
 */
export function planBackfill(occurrences: Occurrences, options: BackfillOptions, bound: Bound): BackfillPlan {
  check(occurrences, options);
  const isBound = bound.dependsOnItself || bound.hasWatermark;
  const order = isBound ? "asc" : options.order;
  const parallel = isBound ? 1 : options.parallel;
  const why = bound.hasWatermark ? "the job has a watermark" : "the job depends on itself";
  const isChanged = order !== options.order || parallel !== options.parallel;
  const dates = () => labelsByDate(occurrences, { ...options, order });
  let count = 0;
  let [first, last]: (Label | null)[] = [null, null];
  for (const labels of dates()) {
    count += labels.length;
    first ??= labels[0] ?? null;
    last = labels.at(-1) ?? last ?? null;
  }
  const notes = isChanged ? [`dates run one after the other, the earliest first: ${why}`] : [];
  return { order, parallel, count, first: first ?? null, last: last ?? null, notes, dates };
}

function check({ timetable }: Occurrences, { from, to, times, parallel }: BackfillOptions): void {
  for (const [path, date] of [["from", from] as const, ["to", to] as const])
    if (!DATE.test(date) || Number.isNaN(Date.parse(date)) || addDays(date, 0) !== date)
      throw invalid(path, `expected a business date such as 2026-11-27; seen "${date}"`);
  if (to < from) throw invalid("to", `expected a date not before ${from}; seen "${to}"`);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > MOST_PARALLEL)
    throw invalid("parallel", `expected 1 to ${MOST_PARALLEL}; seen ${parallel}`);
  const foreign = times?.find((time) => !timetable.times.includes(minutesOf(time)));
  if (foreign !== undefined) throw invalid("times", `the job is not scheduled at ${foreign}`);
}

function invalid(path: string, message: string): UserError {
  return new UserError("CONFIG_INVALID", `${path}: ${message}`, { path });
}

/** Within a date labels run in their own order, whatever that of the dates. */
function* labelsByDate(
  occurrences: Occurrences,
  { from, to, times, order }: BackfillOptions,
): Generator<readonly Label[]> {
  const [first, last] = [addDays(from, 1), addDays(to, 1)];
  for (const date of planned(occurrences, { first, last, order })) {
    const labels = occurrences.on(date).map(({ label }) => label);
    const wanted = times ? labels.filter((label) => times.includes(label.slice(11).replace("b", ""))) : labels;
    if (wanted.length > 0) yield wanted;
  }
}

function* planned(
  { timetable: { days } }: Occurrences,
  { first, last, order }: { readonly first: string; readonly last: string; readonly order: "asc" | "desc" },
): Generator<string> {
  const dates: string[] = [];
  for (const date of datesFrom(days, first)) {
    if (date > last) break;
    dates.push(date);
  }
  yield* order === "asc" ? dates : dates.reverse();
}

/** Instances that exist ahead of what has ended, at most. */
const MOST_AHEAD = 200;

/**
 * How many dates may be begun: `parallel` at once, in a window that slides: a slow one holds back none but its successor so many later.
 *
 * @param ended  for each date begun so far, in order, whether all its instances have ended
 */
export function datesToBegin(ended: readonly boolean[], parallel: number): number {
  const running = ended.filter((isOver) => !isOver).length;
  const oldest = ended.indexOf(false);
  const held = oldest < 0 ? parallel : Math.max(0, oldest + parallel - ended.length);
  return Math.min(held, parallel - running);
}

/** How many more instances may be made, of those that a backfill has made and of those of them that have ended. */
export function instancesToMake({ made, ended }: { readonly made: number; readonly ended: number }): number {
  return Math.max(0, MOST_AHEAD - (made - ended));
}
