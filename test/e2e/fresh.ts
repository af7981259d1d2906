import { randomBytes } from "node:crypto";

/** A name that nobody has used, nor an earlier try of the same test; of letters, digits and, before its end, an underscore. */
export function fresh(name: string): string {
  return `${name}_${randomBytes(4).toString("hex")}`;
}

let last = 0;

/** A full minute that has not passed, later than all that were asked for before: ticks do not go back. */
export function nextMinute(): Date {
  last = Math.max(last + 60_000, Math.ceil(Date.now() / 60_000) * 60_000);
  return new Date(last);
}
