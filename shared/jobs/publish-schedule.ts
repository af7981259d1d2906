import { openSchedule } from "../calendar/due.js";
import type { Edge, JobSchedule } from "../model/job-schedule.js";
import type { PublishedVersion } from "../model/stored-job.js";
import { parseJob } from "../script/read/parse-job.js";
import { usesBusinessTime } from "../script/read/uses-business-time.js";
import { isoNow, type Services } from "../services.js";
import { findVisible } from "../sources/find-source.js";
import type { JobRef } from "../store/job-key.js";
import type { ScheduleRecord } from "../store/schedules-store.js";
import { slotsOfJob } from "./resource-group.js";

/**
 * Makes what is published of a job what ticks go by. Labels that became due by the schedule before stay owed; all others
 * lie behind the publication. May be repeated: the same version changes nothing.
 *
 * @param now  null = the job is in production no more
 */
export async function publishSchedule(
  services: Services,
  ref: JobRef,
  { now, adopted }: { readonly now: PublishedVersion | null; readonly adopted?: Adopted },
): Promise<void> {
  const needs = now && (await needsOf(services, ref, now));
  for (let attempt = 1; attempt <= 20; attempt++) {
    const found = await services.schedules.find(ref);
    if (!found && !now?.schedule && !now?.subscription && !now?.dependencies?.length) return;
    const next = now && needs ? published(ref, found?.value, { ...now, ...needs, adopted }) : withdrawn(found?.value);
    if (!next || (adopted && found)) return;
    const before = jobsOf(found?.value.dependencies);
    await services.schedules.noteDependants(ref, before, jobsOf(next.dependencies));
    // The hint first: between the two there is one too many.
    if (next.nextAt) await services.due.note({ at: next.nextAt, hint: { kind: "job", ...ref } });
    if (!(await services.schedules.replace(next, found?.version ?? 0))) continue;
    // What was awaited may never come now, or need not be awaited any more.
    if (found) await services.due.note({ at: isoNow(services), hint: { kind: "wake", ...ref } });
    return;
  }
}

/** How far a job was by a version that kept no schedules. */
export type Adopted = Pick<ScheduleRecord, "after" | "cursor"> & { readonly startedElsewhereUntil: string };

/** What a run of a job takes of a resource group, and whether its dates matter. */
type Needs = Pick<ScheduleRecord, "group" | "weight" | "usesBusinessTime">;

async function needsOf(services: Services, { workspace }: JobRef, version: PublishedVersion): Promise<Needs> {
  const { script, parameters, dataSources } = version;
  const { job } = parseJob(script, { parameters, mode: "preview" });
  const sources = await Promise.all(dataSources.map((name) => findVisible(services, workspace, name)));
  const groups = sources.flatMap((source) => source?.record.definitions.production?.resourceGroup ?? []);
  return {
    ...slotsOfJob(services.resourceGroups, job, groups),
    usesBusinessTime: usesBusinessTime([script, ...Object.values(parameters)]),
  };
}

function published(
  ref: JobRef,
  found: ScheduleRecord | undefined,
  {
    version,
    publishedAt,
    schedule,
    dependencies = [],
    policies = {},
    ...needs
  }: PublishedVersion & Needs & { readonly adopted: Adopted | undefined },
): ScheduleRecord | undefined {
  if (found?.isPublished && found.version >= version) return undefined;
  const { group, weight, usesBusinessTime, adopted } = needs;
  const owed = found ? owedBy(found, Date.parse(publishedAt)) : [];
  const { after: done = "", cursor = null, startedElsewhereUntil } = adopted ?? found ?? {};
  const after = done > publishedAt ? done : publishedAt;
  const mode = found?.mode ?? "active";
  const first = owed[0] ? publishedAt : nextTime(schedule, ref, Date.parse(after));
  return {
    ...ref,
    ...{ version, publishedAt, schedule, dependencies, policies, usesBusinessTime, group, weight, mode, after, owed },
    isPublished: true,
    cursor,
    nextAt: mode === "paused" ? null : first,
    ...(startedElsewhereUntil !== undefined && { startedElsewhereUntil }),
  };
}

function withdrawn(found: ScheduleRecord | undefined): ScheduleRecord | undefined {
  return found?.isPublished ? { ...found, isPublished: false, owed: [], nextAt: null } : undefined;
}

/** Labels that became due and are not made: as many as a tick makes up. */
const MOST_OWED = 1000;

function owedBy(found: ScheduleRecord, untilMs: number): ScheduleRecord["owed"] {
  const { schedule, mode, isPublished, cursor, after } = found;
  if (!schedule || mode === "paused" || !isPublished) return found.owed;
  const owed = [...found.owed];
  for (const one of openSchedule(schedule, nameOf(found)).after(Date.parse(after))) {
    if (one.at > untilMs || owed.length >= MOST_OWED) break;
    if (cursor === null || one.label > cursor) owed.push(one);
  }
  return owed;
}

/** ISO time of the first label that is due after a moment; null = there is none. */
export function nextTime(schedule: JobSchedule | null, ref: JobRef, afterMs: number): string | null {
  const next = schedule && openSchedule(schedule, nameOf(ref)).after(afterMs).next().value;
  return next ? new Date(next.at).toISOString() : null;
}

/** The name by which labels of a job are spread. */
function nameOf({ workspace, job }: JobRef): string {
  return `${workspace}/${job}`;
}

function jobsOf(edges: readonly Edge[] = []): readonly string[] {
  return [...new Set(edges.flatMap((edge) => (edge.on === "job" ? [edge.job] : [])))];
}
