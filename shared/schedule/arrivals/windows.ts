import { createHash } from "node:crypto";
import { UserError } from "../../model/errors.js";
import type { Arrival, Captures } from "./key-pattern.js";

/** How arrivals become one run: those of a window of so many seconds, apart by what `by` makes of their captures. */
export interface Grouping {
  readonly seconds: number;
  /** Such as `{table}`; absent = all together. */
  readonly by?: string;
}

/** A window: its length is fixed by the arrival that opened it, since one that each arrival prolongs may never close. */
export interface ArrivalWindow {
  /** Depends on the job, the group and the opening arrival alone: whoever opens it again finds it. */
  readonly id: string;
  readonly group: string;
  /** Epoch ms; an arrival at that moment belongs to the next. */
  readonly endsAt: number;
}

/**
 * The group of an arrival.
 *
 * @throws UserError CONFIG_INVALID when `by` names what the pattern does not capture
 */
export function groupOf({ by = "" }: Grouping, captures: Captures): string {
  return by.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = Object.hasOwn(captures, name) ? captures[name] : undefined;
    if (value !== undefined) return value;
    const message = `by "${by}": the pattern has no {${name}}; it has ${Object.keys(captures).join(", ") || "no names"}`;
    throw new UserError("CONFIG_INVALID", message, { path: "by" });
  });
}

/** An arrival that is to find its window. */
export interface GroupedArrival extends Pick<Arrival, "bucket" | "key" | "etag"> {
  readonly job: string;
  readonly group: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * The window of an arrival: the open one of its group, or a new one.
 *
 * @param open  the last window of the group, if there is one
 */
export function windowFor(arrival: GroupedArrival, open: ArrivalWindow | null, { seconds }: Grouping): ArrivalWindow {
  if (open && arrival.at < open.endsAt) return open;
  const { job, group, bucket, key, etag } = arrival;
  const id = createHash("sha256")
    .update(JSON.stringify([job, group, bucket, key, etag]))
    .digest("hex")
    .slice(0, 18);
  return { id: `u${id}`, group, endsAt: arrival.at + seconds * 1000 };
}

/** Of several versions of a key, the one that came last; in the order of their events. */
export function latestVersions(arrivals: readonly Arrival[]): readonly Arrival[] {
  const inOrder = [...arrivals].sort((a, b) => Date.parse(a.eventTime) - Date.parse(b.eventTime));
  return [...new Map(inOrder.map((arrival) => [`${arrival.bucket}/${arrival.key}`, arrival])).values()];
}
