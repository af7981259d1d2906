import { zoneOffsetText } from "../model/zone-names.js";
import type { Zone } from "../model/zones.js";
import { clockChangeOn, momentsOf, readingAt } from "./due-at.js";
import { businessDateOf, dateOf, isRepeated, type Label, readingOf } from "./label.js";
import { type Occurrence, openOccurrences, type Recurrence } from "./occurrences.js";

/** A planned time that is to come, for people. */
export interface ComingTime {
  readonly label: Label;
  /** `yyyy-MM-dd`. */
  readonly businessDate: string;
  /** When it is due: ISO with the offset of the schedule's zone. */
  readonly due: string;
  /** What the clocks do on that day; null on days of 24 hours. */
  readonly note: string | null;
}

/**
 * The next planned times of a recurrence.
 *
 * @param fromMs  exclusive, epoch ms
 * @throws UserError CONFIG_INVALID as `openOccurrences`
 */
export function comingTimes(recurrence: Recurrence, fromMs: number, count: number): readonly ComingTime[] {
  const open = openOccurrences(recurrence);
  const times: ComingTime[] = [];
  for (const one of open.after(fromMs)) {
    times.push(displayText(one, open.zone, recurrence));
    if (times.length >= count) break;
  }
  return times;
}

function displayText({ label, at }: Occurrence, zone: Zone, { clock }: Recurrence): ComingTime {
  const due = `${new Date(readingAt(at, zone)).toISOString().slice(0, 19)}${zoneOffsetText(zone(at), ":")}`;
  return { label, businessDate: businessDateOf(label), due, note: noteOf(label, zone, clock) };
}

function noteOf(label: Label, zone: Zone, clock: Recurrence["clock"]): string | null {
  const change = clockChangeOn(dateOf(label), zone);
  if (!change) return null;
  const time = timeOf(readingOf(label));
  const moments = momentsOf(readingOf(label), zone);
  if (moments.length === 0) return `the clock skips ${time}: due right after the gap`;
  const isLater = clock === "wall" || isRepeated(label);
  if (moments.length > 1) return `the clock shows ${time} twice: due the ${isLater ? "second" : "first"} time`;
  const minutes = Math.abs(change.to - change.from) / 60_000;
  const way = change.to > change.from ? "forward" : "back";
  return `clocks go ${way} by ${minutes} minutes at ${timeOf(change.from)}`;
}

function timeOf(readingMs: number): string {
  return new Date(readingMs).toISOString().slice(11, 16);
}
