import { toErrorReport } from "../../shared/model/errors.js";
import type { Log } from "../../shared/platform/log.js";
import { SourceInUse } from "../../shared/sources/usage.js";

/** The result of an item that did not go through. A bug of ours is this item's too: its words are for the log. */
export function itemError(name: string, error: unknown, log: Log) {
  const report = toErrorReport(error);
  const { code, hint } = report;
  const isOurs = code === "INTERNAL";
  if (isOurs) {
    const stack = error instanceof Error ? error.stack : undefined;
    log.error("item of a batch failed", { item: name, error: report.message, stack });
  }
  const message = isOurs ? "something went wrong inside Sluice" : report.message;
  const issues = error instanceof SourceInUse ? { issues: error.issues } : {};
  return { name, ok: false as const, error: { code, message, hint, ...issues } };
}

/** Items that are worked on at once. */
const AT_ONCE = 25;

/** Works on each name once, a group at a time; results in order. */
export async function eachOf<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<T[]> {
  const all = [...new Set(names)];
  const done: T[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    done.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  return done;
}
