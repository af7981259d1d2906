import type { Zone } from "../model/zones.js";
import { isRepeated, type Label, readingOf } from "./label.js";

/**
 * How labels follow the clock. `wall`: every reading of a day once, on days of 23 and 25 hours too. `elapsed`: one instance
 * per hour or minute that goes by, none in a gap and two where the clock shows a reading twice.
 */
export type Clock = "wall" | "elapsed";

const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;

/**
 * The instant at which a label is due: all that Sluice knows of daylight saving, in one place.
 *
 * `wall`: a reading that comes twice is due the second time, since only then is the local time before it complete; one that the clock skips is due
 * at the first instant after the gap. `elapsed`: each showing is due by itself; what the clock never shows is no label.
 *
 * @returns epoch ms, never decreasing with the labels of `wall`; null = there is no such label
 */
export function dueAt(label: Label, zone: Zone, clock: Clock): number | null {
  const reading = readingOf(label);
  const moments = momentsOf(reading, zone);
  if (clock === "elapsed") return moments[isRepeated(label) ? 1 : 0] ?? null;
  if (isRepeated(label)) return null;
  return moments.at(-1) ?? endOfGap(reading, zone);
}

/** The instants (epoch ms, ascending) at which clocks of a zone show a reading: none in a gap, two where they are set back. */
export function momentsOf(readingMs: number, zone: Zone): readonly number[] {
  const offsets = new Set([zone(readingMs - DAY_MS), zone(readingMs + DAY_MS)]);
  return [...offsets]
    .map((offset) => readingMs - offset)
    .filter((instant) => instant + zone(instant) === readingMs)
    .sort((a, b) => a - b);
}

/** The first instant at which clocks show a later reading than one that they skip; to the second. */
function endOfGap(readingMs: number, zone: Zone): number {
  let before = readingMs - DAY_MS;
  let after = readingMs + DAY_MS;
  while (after - before > SECOND_MS) {
    const middle = Math.floor((before + after) / 2 / SECOND_MS) * SECOND_MS;
    if (middle + zone(middle) > readingMs) after = middle;
    else before = middle;
  }
  return after;
}

/** What clocks of a zone show at an instant, as if it were UTC in epoch ms. */
export function readingAt(instantMs: number, zone: Zone): number {
  return instantMs + zone(instantMs);
}

/** A change of a zone's clocks. */
export interface ClockChange {
  /** Epoch ms. */
  readonly at: number;
  /** Readings before and after, as if they were UTC, epoch ms. */
  readonly from: number;
  readonly to: number;
}

/** The change of the clocks on a date `yyyy-MM-dd` of a zone, one that the clocks leave or come back to at its midnight included; null = none. */
export function clockChangeOn(date: string, zone: Zone): ClockChange | null {
  const midnight = readingOf(`${date}T00:00`);
  let before = midnight - DAY_MS;
  let after = midnight + 2 * DAY_MS;
  const [old, now] = [zone(before), zone(after)];
  if (old === now) return null;
  while (after - before > SECOND_MS) {
    const middle = Math.floor((before + after) / 2 / SECOND_MS) * SECOND_MS;
    if (zone(middle) === old) before = middle;
    else after = middle;
  }
  const change = { at: after, from: after + old, to: after + now };
  const touches = [change.from, change.to].some((reading) => reading >= midnight && reading < midnight + DAY_MS);
  return touches ? change : null;
}
