import { openSchedule } from "../calendar/due.js";
import { grainOf, type JobNode } from "../dependencies/edges.js";
import { findCircle, oddEdge } from "../dependencies/job-graph.js";
import { UserError } from "../model/errors.js";
import type { Edge, JobSchedule } from "../model/job-schedule.js";
import { isoNow, type Services } from "../services.js";
import type { JobRef } from "../store/job-key.js";
import type { ScheduleRecord } from "../store/schedules-store.js";

/** What of a job its dependencies are checked by. */
interface Depending {
  readonly schedule: JobSchedule | null;
  readonly dependencies?: readonly Edge[] | undefined;
}

/**
 * What keeps a job from production by what it waits for, as the others are published and it would be: jobs that have no schedule
 * there, a circle with its way round.
 */
export async function dependencyFaults(services: Services, ref: JobRef, job: Depending): Promise<readonly string[]> {
  const { dependencies = [] } = job;
  if (dependencies.length === 0) return [];
  return wrongWith(ref.job, job, await upstreamOf(services, ref, dependencies));
}

/**
 * Checks what a job that is about to be published waits for: by what is in production of the others.
 *
 * @returns what is odd about it, though it may be
 * @throws UserError CONFIG_INVALID with all that is wrong: jobs that have no schedule in production, a circle with its way round
 */
export async function checkDependencies(services: Services, ref: JobRef, job: Depending): Promise<readonly string[]> {
  const { dependencies = [], schedule } = job;
  if (dependencies.length === 0) return [];
  const jobs = await upstreamOf(services, ref, dependencies);
  const wrong = wrongWith(ref.job, job, jobs);
  if (wrong.length > 0)
    throw new UserError("CONFIG_INVALID", `dependencies: ${wrong.join("; ")}`, { path: "dependencies" });
  const down = schedule && nodeOf(ref, schedule, dependencies);
  const from = isoNow(services).slice(0, 10);
  return dependencies.flatMap((edge) => {
    const up = edge.on === "job" ? jobs.get(edge.job) : undefined;
    if (!down || !schedule || !up?.schedule || !("cycle" in edge) || edge.cycle !== "same") return [];
    const zones = [schedule.timeZone, up.schedule.timeZone] as const;
    return oddEdge(down, nodeOf(up, up.schedule, up.dependencies), { from, zones });
  });
}

function wrongWith(
  name: string,
  { dependencies = [], schedule }: Depending,
  jobs: ReadonlyMap<string, ScheduleRecord | null>,
): readonly string[] {
  const names = [...new Set(dependencies.flatMap((edge) => (edge.on === "job" ? [edge.job] : [])))];
  const missing = names
    .filter((job) => job !== name && !jobs.get(job)?.isPublished)
    .map((job) => `job "${job}" has no schedule in production`);
  const itself = names.includes(name)
    ? [`job "${name}" names itself; write {"on":"self"} to wait for its own label before`]
    : [];
  const unscheduled = schedule ? [] : [`job "${name}" has no schedule, so that there is nothing that could wait`];
  const edges = [...jobs].flatMap(([job, row]) => (row ? [[job, row.dependencies] as const] : []));
  const circle =
    itself.length > 0 ? null : findCircle(new Map([[name, dependencies], ...edges.filter(([job]) => job !== name)]));
  return [
    ...unscheduled,
    ...itself,
    ...missing,
    ...(circle ? [`they wait for each other: ${circle.join(" → ")}`] : []),
  ];
}

/** As many as are followed: chains of more are nobody's. */
const MOST_JOBS = 5000;

async function upstreamOf(
  services: Services,
  { workspace }: JobRef,
  dependencies: readonly Edge[],
): Promise<ReadonlyMap<string, ScheduleRecord | null>> {
  const found = new Map<string, ScheduleRecord | null>();
  for (let left = jobsOf(dependencies); left.length > 0 && found.size < MOST_JOBS; ) {
    const rows = await services.schedules.getMany(left.map((job) => ({ workspace, job })));
    for (const [i, job] of left.entries()) found.set(job, rows[i]?.value ?? null);
    const next = left.flatMap((job) => jobsOf(found.get(job)?.dependencies ?? []));
    left = [...new Set(next)].filter((job) => !found.has(job));
  }
  return found;
}

function jobsOf(edges: readonly Edge[]): string[] {
  return [...new Set(edges.flatMap((edge) => (edge.on === "job" ? [edge.job] : [])))];
}

function nodeOf({ workspace, job }: JobRef, schedule: JobSchedule, edges: readonly Edge[]): JobNode {
  const occurrences = openSchedule(schedule, `${workspace}/${job}`);
  const cycle = schedule.cycle ?? { every: "cron", cron: schedule.cron ?? "" };
  return {
    job,
    occurrences,
    edges,
    grain: grainOf(cycle, occurrences),
    dependants: [],
    made: () => [],
    madeUpTo: null,
  };
}
