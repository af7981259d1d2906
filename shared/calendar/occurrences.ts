import type { Cycle } from "../model/cycle.js";
import { UserError } from "../model/errors.js";
import { type Zone, zoneOf } from "../model/zones.js";
import { hashOf, timetableOf } from "./cycle.js";
import { type Clock, dueAt, readingAt } from "./due-at.js";
import { addDays, dateOf, type Label, labelOf, minuteOf, repeated } from "./label.js";
import { dateBefore, datesFrom, isOn, labelAt, labelsOf, type Timetable } from "./timetable.js";

/** When a job has instances. */
export interface Recurrence {
  readonly cycle: Cycle;
  /** IANA name or offset. */
  readonly timeZone: string;
  readonly clock: Clock;
  /** First and last date of labels, inclusive; null = open. */
  readonly effective: { readonly from: string | null; readonly to: string | null };
  /** Instances are due up to so many minutes after their label, as the job's hash says; the label stays what it is. */
  readonly spread: { readonly minutes: number; readonly job: string } | null;
}

/** A label and the instant at which it is due, epoch ms. */
export interface Occurrence {
  readonly label: Label;
  readonly at: number;
}

/** A recurrence, ready to be asked. */
export interface Occurrences {
  readonly zone: Zone;
  readonly timetable: Timetable;
  /** How much later than by its label each is due. */
  readonly delayMs: number;
  /** Those due later than an instant (epoch ms), in the order in which they become due; labels of `wall` ascend as well. */
  after(instantMs: number): Generator<Occurrence>;
  /** Those of a date, in that order. */
  on(date: string): readonly Occurrence[];
  /** The one before a label, whatever the effective dates say; null when there is none. */
  before(label: Label): Occurrence | null;
}

const MINUTE_MS = 60_000;
/** Clocks are never set back by more than a day, nor labels spread over more. */
const DAYS_BACK = 2;

/**
 * Opens a recurrence.
 *
 * @throws UserError CONFIG_INVALID naming field and value seen: a cycle or a zone that cannot be
 */
export function openOccurrences(recurrence: Recurrence): Occurrences {
  const { cycle, timeZone, clock, effective, spread } = recurrence;
  const zone = zoneOf(timeZone);
  if (!zone) {
    const message = `schedule.timeZone "${timeZone}": expected a time zone such as Asia/Shanghai or +08:00`;
    throw new UserError("CONFIG_INVALID", message, { path: "schedule.timeZone" });
  }
  const timetable = timetableOf(cycle);
  if (clock === "elapsed" && cycle.every !== "minute" && cycle.every !== "hour") {
    const message = `schedule.clock "elapsed": only cycles of minutes and hours follow elapsed time; seen ${cycle.every}`;
    throw new UserError("CONFIG_INVALID", message, { path: "schedule.clock" });
  }
  const delayMs = spread && spread.minutes > 0 ? (hashOf(spread.job) % spread.minutes) * MINUTE_MS : 0;
  const found = (label: Label): Occurrence[] => {
    const at = dueAt(label, zone, clock);
    return at === null ? [] : [{ label, at: at + delayMs }];
  };
  const ofDay = (date: string) =>
    inOrder(labelsOf(timetable, date).flatMap((label) => [...found(label), ...repeats(label)]));
  const repeats = (label: Label) => (clock === "wall" ? [] : found(repeated(label)));
  const isDay = (date: string) =>
    isOn(timetable, date) &&
    (effective.from === null || date >= effective.from) &&
    (effective.to === null || date <= effective.to);
  return {
    zone,
    timetable,
    delayMs,
    *after(instantMs) {
      const first = addDays(dateOf(labelOf(readingAt(instantMs, zone))), -DAYS_BACK);
      const dates = datesFrom(timetable.days, later(first, effective.from));
      const days = { dates, timetable, found, ofDay };
      for (const one of clock === "wall" ? byTheWall(days, instantMs) : ascending(days)) {
        if (effective.to !== null && dateOf(one.label) > effective.to) return;
        if (one.at > instantMs) yield one;
      }
    },
    on: (date) => (isDay(date) ? ofDay(date) : []),
    before: (label) =>
      clock === "wall" ? wallBefore(label, timetable, found) : lastBefore(label, { timetable, ofDay }),
  };
}

/** What the enumerations go by. */
interface Days {
  readonly dates: Generator<string>;
  readonly timetable: Timetable;
  /** The label with its instant; nothing where there is no such label. */
  found(label: Label): readonly Occurrence[];
  ofDay(date: string): readonly Occurrence[];
}

/** Instants ascend with the labels: those that are over are not looked at one by one. */
function* byTheWall({ dates, timetable: { times }, found }: Days, instantMs: number): Generator<Occurrence> {
  for (const date of dates) {
    let [over, coming] = [0, times.length];
    while (over < coming) {
      const middle = (over + coming) >> 1;
      const [one] = found(labelAt(date, times[middle] ?? 0));
      if (one && one.at > instantMs) coming = middle;
      else over = middle + 1;
    }
    for (; coming < times.length; coming++) yield* found(labelAt(date, times[coming] ?? 0));
  }
}

function wallBefore(label: Label, timetable: Timetable, found: Days["found"]): Occurrence | null {
  const date = dateOf(label);
  const minutes = minuteOf(label);
  const today = isOn(timetable, date) ? timetable.times.filter((time) => time < minutes).at(-1) : undefined;
  if (today !== undefined) return found(labelAt(date, today))[0] ?? null;
  const before = dateBefore(timetable.days, date);
  return before === null ? null : (found(labelAt(before, timetable.times.at(-1) ?? 0))[0] ?? null);
}

/** Merges days: where clocks go back over midnight, the next day begins before this one has ended. */
function* ascending({ dates, ofDay }: Days): Generator<Occurrence> {
  let held: readonly Occurrence[] = [];
  for (const date of dates) {
    const day = ofDay(date);
    const [first] = day;
    if (first) {
      yield* held.filter(({ at }) => at < first.at);
      held = inOrder([...held.filter(({ at }) => at >= first.at), ...day]);
    }
  }
  yield* held;
}

function lastBefore(label: Label, { timetable, ofDay }: Pick<Days, "timetable" | "ofDay">): Occurrence | null {
  const today = isOn(timetable, dateOf(label)) ? ofDay(dateOf(label)) : [];
  const at = today.findIndex((one) => one.label === label);
  const earlier = at < 0 ? today.filter((one) => one.label < label) : today.slice(0, at);
  const last = earlier.at(-1);
  if (last) return last;
  for (let date = dateBefore(timetable.days, dateOf(label)); date; date = dateBefore(timetable.days, date)) {
    const before = ofDay(date).at(-1);
    if (before) return before;
  }
  return null;
}

/** By the instant; labels that fall due at one instant, after a gap, by themselves. */
function inOrder(all: readonly Occurrence[]): readonly Occurrence[] {
  return [...all].sort((a, b) => a.at - b.at || (a.label < b.label ? -1 : 1));
}

function later(a: string, b: string | null): string {
  return b !== null && b > a ? b : a;
}
