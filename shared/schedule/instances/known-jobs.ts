import { openSchedule } from "../../calendar/due.js";
import { readingAt } from "../../calendar/due-at.js";
import { dateOf, type Label, labelOf } from "../../calendar/label.js";
import { grainOf, type JobLabel, type JobNode } from "../../dependencies/edges.js";
import type { InstanceState } from "../../model/instance.js";
import type { Services } from "../../services.js";
import type { StandingInstance } from "../../store/instances-store.js";
import type { ScheduleRecord } from "../../store/schedules-store.js";

/** What is known of a workspace's jobs and their instances of one origin, read as it is asked for. */
export interface KnownJobs {
  /** Undefined for a job that has no schedule. */
  find(job: string): JobNode | undefined;
  /** The state of an instance; null = it was not made. */
  stateOf(one: JobLabel): InstanceState | null;
}

/** A label behind all that will ever be made. */
const NEVER = "9999-12-31T23:59";

/**
 * Computes something from what is known of jobs, again and again until all that it asks for was read: rules stay free of
 * reading, and read is what they need.
 *
 * @param origin  whose instances count
 */
export async function knowing<T>(
  services: Services,
  { workspace, origin }: { readonly workspace: string; readonly origin: string },
  compute: (known: KnownJobs) => T,
): Promise<T> {
  const jobs = new Map<string, ScheduleRecord | null>();
  const dependants = new Map<string, readonly string[]>();
  const days = new Map<string, readonly StandingInstance[]>();
  for (;;) {
    const missing = { jobs: new Set<string>(), days: new Set<string>() };
    const answer = compute(knownFrom({ jobs, dependants, days, missing, isBackfill: origin !== "s" }));
    if (missing.jobs.size === 0 && missing.days.size === 0) return answer;
    const refs = [...missing.jobs].map((job) => ({ workspace, job }));
    const found = await services.schedules.getMany(refs);
    for (const [i, ref] of refs.entries()) jobs.set(ref.job, found[i]?.value ?? null);
    for (const { job } of refs)
      if (jobs.get(job)?.dependencies.some(({ on }) => on === "children"))
        dependants.set(
          job,
          (await services.schedules.dependants({ workspace, job })).map((one) => one.job),
        );
    await Promise.all(
      [...missing.days].map(async (day) => {
        const [job = "", date = ""] = day.split(" ");
        days.set(day, await services.instances.on({ workspace, job, origin }, date));
      }),
    );
  }
}

interface Read {
  readonly jobs: ReadonlyMap<string, ScheduleRecord | null>;
  readonly dependants: ReadonlyMap<string, readonly string[]>;
  readonly days: ReadonlyMap<string, readonly StandingInstance[]>;
  readonly missing: { readonly jobs: Set<string>; readonly days: Set<string> };
  readonly isBackfill: boolean;
}

function knownFrom(read: Read): KnownJobs {
  const on = (job: string, date: string): readonly StandingInstance[] => {
    const found = read.days.get(`${job} ${date}`);
    if (!found) read.missing.days.add(`${job} ${date}`);
    return found ?? [];
  };
  return {
    find(job) {
      const record = read.jobs.get(job);
      if (record === undefined) read.missing.jobs.add(job);
      return record?.schedule ? nodeOf(record, read, (date) => on(job, date).map(({ label }) => label)) : undefined;
    },
    stateOf: ({ job, label }) => on(job, dateOf(label)).find((one) => one.label === label)?.state ?? null,
  };
}

function nodeOf(
  record: ScheduleRecord,
  { dependants, isBackfill }: Read,
  made: (date: string) => readonly Label[],
): JobNode | undefined {
  const { workspace, job, schedule, dependencies } = record;
  if (!schedule) return undefined;
  const occurrences = openSchedule(schedule, `${workspace}/${job}`);
  const cycle = schedule.cycle ?? { every: "cron", cron: schedule.cron ?? "" };
  // Of a job that makes none, and in a backfill, what exists is all there will be.
  const makesNone = isBackfill || record.mode === "paused" || !record.isPublished;
  return {
    ...{ job, occurrences, made },
    grain: grainOf(cycle, occurrences),
    edges: dependencies,
    dependants: dependants.get(job) ?? [],
    madeUpTo: makesNone ? NEVER : madeUpTo(record, occurrences.zone),
  };
}

/** Labels up to here exist or never will: the later of the last one made and of what was due when nothing was yet. */
function madeUpTo({ cursor, after, owed }: ScheduleRecord, zone: (ms: number) => number): Label | null {
  // What is owed comes before all others, and is looked for among what exists once it is made.
  if (owed.length > 0) return cursor;
  const over = labelOf(readingAt(Date.parse(after), zone));
  return cursor !== null && cursor > over ? cursor : over;
}
