import { openSchedule } from "../../calendar/due.js";
import { momentsOf } from "../../calendar/due-at.js";
import { businessDateOf, readingOf } from "../../calendar/label.js";
import type { Occurrence, Occurrences } from "../../calendar/occurrences.js";
import { nextTime } from "../../jobs/publish-schedule.js";
import { type InstanceRecord, type InstanceRef, isOver } from "../../model/instance.js";
import type { Stored } from "../../platform/documents.js";
import { runIdFor } from "../../runs/create/create-run.js";
import { isoNow, type Services } from "../../services.js";
import type { DueEntry } from "../../store/due-store.js";
import type { JobRef } from "../../store/job-key.js";
import type { ScheduleRecord } from "../../store/schedules-store.js";
import { readyOf } from "../instances/advance.js";
import { catchUp } from "../instances/catch-up.js";
import { catchUpOf } from "../instances/policies.js";
import { advanceAll } from "../instances/wake.js";
import { noteLook } from "../slots/admit.js";

/** A job that is looked at, and what is to be made of it. */
interface Making {
  readonly stored: Stored<ScheduleRecord>;
  readonly records: readonly InstanceRecord[];
  /** The schedule with all this made. */
  readonly next: ScheduleRecord;
  /** Labels were left out: who waits for them is to be looked at. */
  readonly leavesOut: boolean;
}

/**
 * Makes the instances of jobs that became due. Any step may be repeated: instances, then their places in lists, then a look
 * at each, then the next hint, then the cursor; the hint that brought us here goes last. So whoever dies leaves a hint too
 * many, never one too few.
 *
 * @param tickMs  the timer's own time, not the clock's
 * @returns resource groups whose queue has grown: to be served once all is made, lest what runs slows the making
 */
export async function makeInstances(
  services: Services,
  jobs: readonly JobRef[],
  tickMs: number,
): Promise<readonly string[]> {
  const found = await services.schedules.getMany(jobs);
  const makings: Making[] = [];
  for (const stored of found) {
    if (!stored?.value.isPublished || !stored.value.schedule || stored.value.mode === "paused") continue;
    const making = await plan(services, stored, tickMs);
    if (making) makings.push(making);
  }
  const records = await startedOrNot(services, makings);
  const isNew = await services.instances.insertMany(records);
  const fresh = records.filter(({ state }, i) => isNew[i] && state === "ready");
  const groups = await queueUp(services, fresh, makings);
  const queued = new Set(fresh);
  await advanceAll(services, records.filter((record) => !queued.has(record) && record.state !== "frozen").map(refOf));
  // Whoever dies before the queue is served is followed by the look at the group.
  for (const group of groups) await noteLook(services, group);
  await services.due.noteAll(makings.flatMap((making) => hintsOf(services, making)));
  await services.schedules.replaceMany(makings.map(({ stored, next }) => ({ record: next, version: stored.version })));
  return groups;
}

/** The next look at a job, and one at those that wait for what was left out, once it is known that it was. */
function hintsOf(services: Services, { next, leavesOut }: Making): readonly DueEntry[] {
  const { workspace, job } = next;
  return [
    ...(next.nextAt === null ? [] : [{ at: next.nextAt, hint: { kind: "job", workspace, job } as const }]),
    ...(leavesOut ? [{ at: isoNow(services), hint: { kind: "wake", workspace, job } as const }] : []),
  ];
}

function refOf({ workspace, job, origin, label }: InstanceRecord): InstanceRef {
  return { workspace, job, origin, label };
}

async function plan(services: Services, stored: Stored<ScheduleRecord>, tickMs: number): Promise<Making | undefined> {
  const { value: job } = stored;
  const { schedule, cursor, owed } = job;
  if (!schedule) return undefined;
  const open = openSchedule(schedule, `${job.workspace}/${job.job}`);
  const afterMs = Date.parse(job.after);
  const { make, skipped } = catchUp(open, { afterMs, tickMs }, catchUpOf(job));
  const due = [
    ...owed.filter(({ at }) => at <= tickMs),
    ...make.filter(({ label }) => cursor === null || label > cursor),
  ];
  const wanted = await leftToStart(services, job, { due, open });
  const after = new Date(Math.max(afterMs, tickMs)).toISOString();
  const last = due.at(-1)?.label ?? skipped?.to ?? cursor;
  const next: ScheduleRecord = {
    ...job,
    after,
    cursor: cursor !== null && last !== null && last < cursor ? cursor : last,
    owed: owed.filter(({ at }) => at > tickMs),
    nextAt: nextTime(schedule, job, Date.parse(after)),
  };
  const made = wanted.map((one) => newInstance(services, job, one));
  const gap = skipped ? [missedInstance(services, job, skipped)] : [];
  const isSame = made.length === 0 && !skipped && next.after === job.after && next.nextAt === job.nextAt;
  return isSame
    ? { stored, records: [], next, leavesOut: false }
    : { stored, records: [...gap, ...made], next, leavesOut: skipped !== null };
}

function newInstance(services: Services, job: ScheduleRecord, { label, at }: Occurrence): InstanceRecord {
  const isFrozen = job.mode === "frozen";
  return {
    ...{ workspace: job.workspace, job: job.job, origin: "s", label },
    state: isFrozen ? "frozen" : "waiting",
    reason: isFrozen ? "frozen: its job is" : null,
    ...{ attempt: 0, retries: 0, run: null, notBefore: null, version: null, waitsFor: null, readySince: null },
    ...{ startedAt: null, endedAt: null, parameters: {}, keepsVersion: false },
    dueAt: new Date(at).toISOString(),
    businessDate: businessDateOf(label),
    priority: job.policies.priority ?? 1,
    madeAt: isoNow(services),
    isDry: job.mode === "dryRun",
  };
}

/** One row says what was left out, under its first label. */
function missedInstance(
  services: Services,
  job: ScheduleRecord,
  { from, to }: { readonly from: string; readonly to: string },
): InstanceRecord {
  const base = newInstance(services, job, { label: from, at: services.now() });
  const range = from === to ? "" : ` to ${to}`;
  return { ...base, state: "skipped", reason: `missed${range}: no tick came`, endedAt: base.madeAt };
}

/** Those that a version before this one has not started: it named runs by label or, before, by instant. */
async function leftToStart(
  services: Services,
  { workspace, job, startedElsewhereUntil: until }: ScheduleRecord,
  { due, open }: { readonly due: readonly Occurrence[]; readonly open: Occurrences },
): Promise<readonly Occurrence[]> {
  if (until === undefined || due.every(({ at }) => at > Date.parse(until))) return due;
  const left: Occurrence[] = [];
  for (const one of due) {
    const instants = momentsOf(readingOf(one.label), open.zone).map((ms) => new Date(ms).toISOString());
    const ids = [one.label, ...instants].map((name) => runIdFor(workspace, `schedule/${job}/${name}`));
    const runs = await Promise.all(ids.map((id) => services.runs.findBrief(id)));
    if (runs.every((run) => run === undefined)) left.push(one);
  }
  return left;
}

/**
 * The instances to insert: those that nothing can hold stand in the queue from the beginning, which spares the way of
 * looking at each. That is one label of a job without dependencies, whose label before is over.
 */
async function startedOrNot(services: Services, makings: readonly Making[]): Promise<readonly InstanceRecord[]> {
  const simple = makings.filter(({ stored: { value }, records }) => {
    const { mode, dependencies, policies } = value;
    return records.length === 1 && mode === "active" && dependencies.length === 0 && (policies.parallel ?? 1) === 1;
  });
  const before = await services.instances.getMany(
    simple.map(({ stored: { value } }) => ({ ...value, origin: "s", label: value.cursor ?? "" })),
  );
  const free = new Set(
    simple.filter(({ stored }, i) => {
      const last = before[i];
      return stored.value.cursor === null || (last !== undefined && isOver(last.value.state));
    }),
  );
  return makings.flatMap((making) =>
    making.records.map((record): InstanceRecord => {
      if (!free.has(making) || record.state !== "waiting") return record;
      return { ...record, state: "ready", readySince: services.now() };
    }),
  );
}

async function queueUp(
  services: Services,
  records: readonly InstanceRecord[],
  makings: readonly Making[],
): Promise<readonly string[]> {
  const byJob = new Map(makings.map(({ stored: { value } }) => [`${value.workspace}/${value.job}`, value]));
  const groups = new Map<string, ReturnType<typeof readyOf>[]>();
  for (const record of records) {
    const schedule = byJob.get(`${record.workspace}/${record.job}`);
    const group = schedule?.group ?? "default";
    groups.set(group, [...(groups.get(group) ?? []), readyOf(record, schedule)]);
  }
  for (const [group, ready] of groups) await services.slots.enqueue(group, ready);
  return [...groups.keys()];
}
