import { addDays, dateOf } from "../../calendar/label.js";
import { awaitedBy } from "../../dependencies/awaited.js";
import type { JobLabel, JobNode } from "../../dependencies/edges.js";
import { UserError } from "../../model/errors.js";
import type { InstanceRef } from "../../model/instance.js";
import type { Edge } from "../../model/job-schedule.js";
import type { Services } from "../../services.js";
import type { JobRef } from "../../store/job-key.js";
import { type KnownJobs, knowing } from "../instances/known-jobs.js";

/** Jobs that depend on one, through however many others. */
const MOST_JOBS = 500;
/** Instances that one order may reach. */
const MOST_INSTANCES = 2000;
/** A window reaches back so far at most when it is asked who looks through it. */
const MOST_DAYS = 62;

/**
 * The instances that wait, or waited, for one, through however many others: by the present schedules, nearest first.
 *
 * @throws UserError QUOTA_EXCEEDED when there are too many to be told
 */
export async function downstreamOf(services: Services, ref: InstanceRef): Promise<readonly JobLabel[]> {
  const jobs = await dependantJobs(services, ref);
  return knowing(services, ref, (known) => {
    const found = new Map<string, JobLabel>();
    const left: JobLabel[] = [{ job: ref.job, label: ref.label }];
    for (let next = left.shift(); next; next = left.shift())
      for (const one of directlyBehind(known, [ref.job, ...jobs], next)) {
        const name = `${one.job} ${one.label}`;
        if (found.has(name)) continue;
        found.set(name, one);
        left.push(one);
        if (found.size > MOST_INSTANCES)
          throw new UserError("QUOTA_EXCEEDED", `more than ${MOST_INSTANCES} instances depend on it; use a backfill`);
      }
    return [...found.values()];
  });
}

/** Jobs that depend on one, through however many others. */
export async function dependantJobs(services: Services, { workspace, job }: JobRef): Promise<readonly string[]> {
  const found = new Set<string>();
  const left = [job];
  for (let next = left.shift(); next !== undefined; next = left.shift())
    for (const one of await services.schedules.dependants({ workspace, job: next })) {
      if (found.has(one.job) || one.job === job) continue;
      found.add(one.job);
      left.push(one.job);
      if (found.size > MOST_JOBS)
        throw new UserError("QUOTA_EXCEEDED", `more than ${MOST_JOBS} jobs depend on "${job}"; use a backfill`);
    }
  return [...found];
}

/** The instances of jobs that wait for another directly, or through days on which a job between has none. */
export function directlyBehind(known: KnownJobs, jobs: readonly string[], awaited: JobLabel): readonly JobLabel[] {
  return jobs.flatMap((job) => {
    const node = known.find(job);
    if (!node || node.edges.length === 0) return [];
    return daysBehind(node, awaited).flatMap((date) =>
      node
        .made(date)
        .filter((label) => awaits(known, { node, label }, awaited))
        .map((label) => ({ job, label })),
    );
  });
}

function awaits(
  known: KnownJobs,
  { node, label }: { readonly node: JobNode; readonly label: string },
  { job, label: awaited }: JobLabel,
): boolean {
  if (node.job === job && label === awaited) return false;
  return awaitedBy(node, label, known.find).some((one) => one.job === job && one.label === awaited);
}

/** Days whose labels of a job may wait for a label: its own, the next, and as far as windows reach. */
function daysBehind({ edges, occurrences }: JobNode, { label }: JobLabel): readonly string[] {
  const date = dateOf(label);
  const days = Math.min(MOST_DAYS, Math.max(1, ...edges.map(daysOf)));
  const near = Array.from({ length: days + 1 }, (_, i) => addDays(date, i));
  // A job that depends on itself goes on at its next label, whenever that is.
  const next = edges.some(({ on }) => on === "self")
    ? occurrences.after(Date.parse(`${date}T23:59Z`)).next().value
    : undefined;
  return next ? [...new Set([...near, dateOf(next.label)])] : near;
}

function daysOf(edge: Edge): number {
  if (edge.on !== "job" || !("window" in edge)) return 1;
  const [, count = "0", unit = "m"] = /^[+-]?(\d+)([mhd]?)$/.exec(edge.window.from) ?? [];
  return Math.ceil(Number(count) / ({ d: 1, h: 24, m: 1440 }[unit] ?? 1440)) + 1;
}
