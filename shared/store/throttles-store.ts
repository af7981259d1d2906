import type { Documents } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** Shares of the job-wide throttles, by run. */
export interface ThrottlesStore {
  /**
   * Changes the throttle table of a run, again and again until nobody came in between.
   *
   * @param change  is given the table as it is, undefined when there is none yet
   * @returns the table as stored; the last one read when 50 tries were not enough: what was not stored does not hold, and
   *   the caller asks again soon
   */
  update<T>(run: string, change: (table: T | undefined) => T): Promise<T | undefined>;
  /** Forgets the throttle table of an ended run. */
  remove(run: string): Promise<void>;
}

/** Opens the store over our documents. */
export function createThrottlesStore(documents: Documents): ThrottlesStore {
  return {
    async update<T>(run: string, change: (table: T | undefined) => T) {
      let known: T | undefined;
      for (let attempt = 1; attempt <= 50; attempt++) {
        const found = await documents.get<T>(storeTables.throttles, [run]);
        known = found?.value;
        const next = change(known);
        if (await documents.replace(storeTables.throttles, { key: [run], value: next, version: found?.version ?? 0 }))
          return next;
      }
      return known;
    },
    remove: (run) => documents.remove(storeTables.throttles, [run]),
  };
}
