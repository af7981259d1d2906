import { UserError } from "../../model/errors.js";

/** Where a job writes objects: the literal beginning of their keys. */
export interface ObjectPrefix {
  readonly bucket: string;
  readonly prefix: string;
}

/**
 * Refuses a job that would start itself: what it writes could fit what it waits for.
 *
 * @throws UserError CONFIG_INVALID naming both places
 */
export function refuseOwnPrefix(waits: ObjectPrefix, writes: ObjectPrefix): void {
  if (waits.bucket !== writes.bucket) return;
  if (!waits.prefix.startsWith(writes.prefix) && !writes.prefix.startsWith(waits.prefix)) return;
  const message = `pattern: the job waits for objects below "${waits.prefix}" of bucket ${waits.bucket} and writes below "${writes.prefix}", so its own objects would start it; write elsewhere`;
  throw new UserError("CONFIG_INVALID", message, { path: "pattern" });
}

/**
 * Refuses a pattern for done files that other objects could fit: only the done file starts a run, its neighbours are read by it.
 *
 * @param done  name of the file, such as `_SUCCESS`
 * @throws UserError CONFIG_INVALID with the pattern that is meant
 */
export function refuseSiblings(pattern: string, done: string): void {
  const last = pattern.slice(pattern.lastIndexOf("/") + 1);
  if (last === done) return;
  const directory = pattern.slice(0, pattern.lastIndexOf("/") + 1);
  const message = `pattern "${pattern}": files beside "${done}" would fit it as well; end it with the file's name, such as "${directory}${done}"`;
  throw new UserError("CONFIG_INVALID", message, { path: "pattern" });
}
