import { zoneOffsetText } from "../model/zone-names.js";
import { readingAt } from "./due-at.js";
import type { Occurrence, Occurrences } from "./occurrences.js";

/** Parameters that a run of a schedule has besides those of its job. */
export type IntervalParameters = Readonly<Partial<Record<"data.start" | "data.end", string>>>;

/**
 * What `${data.start}` and `${data.end}` stand for in the run of a label: the instants of the label before and of this one, ISO with the
 * offset of the schedule's zone. By the wall that is two hours across an hour that comes twice, and none where the clock skips.
 */
export function dataInterval({ zone, delayMs, before }: Occurrences, { label, at }: Occurrence): IntervalParameters {
  const localText = (instantMs: number) => {
    const text = new Date(readingAt(instantMs - delayMs, zone)).toISOString().slice(0, 19);
    return `${text}${zoneOffsetText(zone(instantMs - delayMs), ":")}`;
  };
  const earlier = before(label);
  return { ...(earlier && { "data.start": localText(earlier.at) }), "data.end": localText(at) };
}
