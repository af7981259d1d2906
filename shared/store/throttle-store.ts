import type { Documents } from "../platform/documents.js";
import { tables } from "./tables.js";

/**
 * Changes the throttle table of a run, again and again until nobody came in between.
 *
 * @param empty   the table when there is none yet
 * @returns the table as stored; the last one read when 50 tries were not enough: what was not stored does not hold, and
 *   the caller asks again soon
 */
export async function updateThrottle<T>(
  documents: Documents,
  run: string,
  empty: T,
  change: (table: T) => T,
): Promise<T> {
  let known = empty;
  for (let attempt = 1; attempt <= 50; attempt++) {
    const found = await documents.get<T>(tables.throttles, [run]);
    known = found?.value ?? empty;
    const next = change(known);
    if (await documents.replace(tables.throttles, [run], next, found?.version ?? 0)) return next;
  }
  return known;
}

/** Forgets the throttle table of an ended run. */
export function removeThrottle(documents: Documents, run: string): Promise<void> {
  return documents.remove(tables.throttles, [run]);
}
