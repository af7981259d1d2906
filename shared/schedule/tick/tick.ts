import { completeIndex } from "../../jobs/index-starts.js";
import { publishSchedule } from "../../jobs/publish-schedule.js";
import type { Stored } from "../../platform/documents.js";
import type { Services } from "../../services.js";
import { type DueHint, dueParts, type JobHint } from "../../store/due-store.js";
import { lookAtInstance } from "../instances/look-at-instance.js";
import { wakeWaitingForJob } from "../instances/wake.js";
import { admit } from "../slots/admit.js";
import { lookAtGroup } from "../slots/look-at-group.js";
import { checkSlice } from "./check-slice.js";
import { makeInstances } from "./make-instances.js";

/** Of one part, as many as one call looks at; the rest goes to a call of its own. */
const AT_ONCE = 500;

/** A hint of a version that is not published yet is kept for this long: the job may be stored a moment after it. */
const UNPUBLISHED_MS = 10 * 60 * 1000;

/**
 * Looks at all that is due: the same tick again finds the same instances. What fails for one is logged and looked at again
 * by the next tick; the others are made.
 *
 * @param tick  the timer's own time, not the clock's
 */
export async function fireDue(services: Services, tick: Date): Promise<void> {
  await completeIndex(services);
  const until = tick.toISOString();
  const parts = await Promise.all(dueParts.map((part) => services.due.list(part, until, AT_ONCE + 1)));
  const full = dueParts.filter((_part, i) => (parts[i]?.length ?? 0) > AT_ONCE);
  for (const part of full)
    await services.invoker.start("dispatcher", { kind: "due", part, at: until }, `tick-${tick.getTime()}-${part}`);
  await carryOut(services, parts.filter((hints) => hints.length <= AT_ONCE).flat(), tick);
  await checkSlice(services, tick);
}

/** Looks at what is due of one part, however much it is. */
export async function fireDuePart(services: Services, part: string, tick: Date): Promise<void> {
  for (;;) {
    const hints = await services.due.list(part, tick.toISOString(), AT_ONCE);
    const left = await carryOut(services, hints, tick);
    // What could not be looked at stands there still.
    if (hints.length < AT_ONCE || left > 0) return;
  }
}

/** @returns how many hints are left */
async function carryOut(services: Services, hints: readonly Stored<DueHint>[], tick: Date): Promise<number> {
  const jobs = hints.filter((hint): hint is Stored<JobHint> => isOfJob(hint.value));
  const groups = new Set<string>();
  const done = await makeThose(services, jobs, { tick, groups });
  for (const hint of hints) {
    const { value } = hint;
    if (isOfJob(value)) continue;
    try {
      if (await lookAt(services, value, tick)) done.push(hint);
    } catch (error) {
      services.log.error("due look failed", { hint: JSON.stringify(value), error: String(error) });
    }
  }
  await services.due.forget(done);
  for (const group of groups) await admit(services, group);
  return hints.length - done.length;
}

function isOfJob(hint: DueHint): hint is JobHint {
  return hint.kind === undefined || hint.kind === "job";
}

/** What a tick makes for, and the groups whose queue has grown by it. */
interface Making {
  readonly tick: Date;
  readonly groups: Set<string>;
}

/** As many jobs as are read with one call; where something fails, one by one. */
const JOBS_AT_ONCE = 100;

async function makeThose(
  services: Services,
  hints: readonly Stored<JobHint>[],
  making: Making,
): Promise<Stored<DueHint>[]> {
  const done: Stored<DueHint>[] = [];
  for (let at = 0; at < hints.length; at += JOBS_AT_ONCE) {
    const some = hints.slice(at, at + JOBS_AT_ONCE);
    if (await made(services, some, making)) {
      done.push(...some);
      continue;
    }
    for (const hint of some) if (await made(services, [hint], making)) done.push(hint);
  }
  return done;
}

async function made(services: Services, hints: readonly Stored<JobHint>[], { tick, groups }: Making): Promise<boolean> {
  try {
    const refs = new Map(hints.map(({ value: { workspace, job } }) => [`${workspace}/${job}`, { workspace, job }]));
    const grown = await makeInstances(services, [...refs.values()], tick.getTime());
    for (const group of grown) groups.add(group);
    return true;
  } catch (error) {
    const jobs = hints.map(({ value }) => `${value.workspace}/${value.job}`).join(", ");
    services.log.error("instances not made", { jobs, error: String(error) });
    return false;
  }
}

/** @returns whether the hint has served its purpose */
async function lookAt(services: Services, hint: Exclude<DueHint, JobHint>, tick: Date): Promise<boolean> {
  switch (hint.kind) {
    case "publish":
      return lookAtPublication(services, hint, tick);
    case "wake":
      await wakeWaitingForJob(services, hint);
      return true;
    case "instance":
      await lookAtInstance(services, hint);
      return true;
    case "slots":
      await lookAtGroup(services, hint.group);
      return true;
  }
}

/** Has ticks go by what is published, where whoever published it died before they did. */
async function lookAtPublication(
  services: Services,
  { workspace, job, version, notedAt }: Extract<DueHint, { kind: "publish" }>,
  tick: Date,
): Promise<boolean> {
  const ref = { workspace, job };
  const production = (await services.jobs.find(workspace, job))?.value.production ?? null;
  if (production) await publishSchedule(services, ref, { now: production });
  if (production && production.version >= version) return true;
  return Date.parse(notedAt) + UNPUBLISHED_MS < tick.getTime();
}
