import type { Services } from "../../services.js";

/** Each tick checks one of so many slices of all schedules: a hint that was lost costs an hour at most. */
const SLICES = 60;

/** The slice comes again after an hour: what is due later than that is checked then. */
const AHEAD_MS = 61 * 60_000;

/** Notes the hints anew that the jobs of a slice should have and have not. */
export async function checkSlice(services: Services, tick: Date): Promise<void> {
  const jobs = await services.schedules.slice(tick.getUTCMinutes(), SLICES);
  const until = new Date(tick.getTime() + AHEAD_MS).toISOString();
  const entries = jobs.flatMap(({ workspace, job, nextAt }) =>
    nextAt === null || nextAt > until ? [] : [{ at: nextAt, hint: { kind: "job", workspace, job } as const }],
  );
  const isThere = await services.due.has(entries);
  const lost = entries.filter((_entry, i) => !isThere[i]);
  if (lost.length === 0) return;
  // A job that was made meanwhile has its next hint, and one too many is harmless.
  services.log.warn("hints noted anew", { count: lost.length, first: lost[0]?.hint.job });
  await services.due.noteAll(lost);
}
