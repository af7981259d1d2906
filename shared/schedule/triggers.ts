import { dataInterval } from "../calendar/data-interval.js";
import { dueLabels, firstTimeAfter, openSchedule } from "../calendar/due.js";
import { momentsOf, readingAt } from "../calendar/due-at.js";
import { type Label, labelOf, readingOf } from "../calendar/label.js";
import type { Occurrence, Occurrences } from "../calendar/occurrences.js";
import { completeIndex } from "../jobs/index-starts.js";
import { mayHear } from "../jobs/upload-rights.js";
import { TransientError } from "../model/errors.js";
import { DEFAULT_WORKSPACE_ZONE } from "../model/side-zone.js";
import { isStaging } from "../model/staging-name.js";
import type { PublishedVersion } from "../model/stored-job.js";
import type { Stored } from "../platform/documents.js";
import { runIdFor } from "../runs/create/create-run.js";
import { type StartOptions, startJob } from "../runs/create/start-job.js";
import { isoNow, type Services } from "../services.js";
import type { JobRecord } from "../store/jobs-store.js";
import type { DueHint, JobRef, UploadHint } from "../store/starts-store.js";

/** Firings missed while no tick came are made up for this long. */
const MAKE_UP_MS = 60 * 60 * 1000;

/** A hint whose job does not know of it is kept for this long: the job may be stored a moment after its hint. */
const UNKNOWN_MS = 10 * 60 * 1000;

/** An object that was created, as an upload event tells. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  readonly eTag: string;
}

/**
 * Starts the jobs that became due. The same tick again finds the same runs: each firing is one run. What fails for one
 * job is logged and looked at again by the next tick; the others start.
 *
 * @param tick  the timer's own time, not the clock's
 */
export async function fireSchedules(services: Services, tick: Date): Promise<void> {
  await completeIndex(services);
  for await (const hint of services.starts.due(tick.toISOString())) {
    try {
      await fireDue(services, hint, tick);
    } catch (error) {
      services.log.error("schedule skipped", { ...nameOf(hint.value), error: String(error) });
    }
  }
}

async function fireDue(services: Services, hint: Stored<DueHint>, tick: Date): Promise<void> {
  const ref = nameOf(hint.value);
  const { workspace } = ref;
  const job = (await services.jobs.find(workspace, ref.job))?.value;
  if (!job?.production?.schedule) {
    if (Date.parse(hint.value.notedAt) + UNKNOWN_MS < tick.getTime()) await services.starts.forgetDue(hint);
    return;
  }
  const { schedule, publishedAt } = job.production;
  // A job fires for no time before it was published.
  const known = [hint.value.after, publishedAt].map((at) => Date.parse(at));
  const after = new Date(Math.max(tick.getTime() - MAKE_UP_MS, ...known));
  const open = openSchedule(schedule);
  let cursor = cursorOf(hint.value, open);
  for (const due of dueLabels(open, { after, upTo: tick, since: cursor })) {
    cursor = due.label;
    if (!(await ranByInstant(services, hint.value, { label: due.label, zone: open.zone })))
      await fireLabel(services, job, { workspace, due, open });
  }
  const next = firstTimeAfter(open, tick);
  const noted = { ...ref, after: tick.toISOString(), cursor, notedAt: isoNow(services) };
  // First the new hint, then the old one away: between the two there is one too many.
  if (next) await services.starts.noteDue(next.toISOString(), noted);
  await services.starts.forgetDue(hint);
}

async function fireLabel(
  services: Services,
  job: JobRecord,
  { workspace, due, open }: { workspace: string; due: Occurrence; open: Occurrences },
): Promise<void> {
  const { label } = due;
  const scheduledAt = new Date(due.at).toISOString();
  services.log.info("schedule fires", { workspace, job: job.name, label, scheduledAt });
  await start(services, job, {
    workspace,
    trigger: { kind: "timer", scheduledAt, label },
    workspaceZone: DEFAULT_WORKSPACE_ZONE, // the label tells the planned time
    key: `schedule/${job.name}/${label}`,
    parameters: dataInterval(open, due),
  });
}

/** Up to which label all were made. Hints of versions that went by instants tell the clock's reading at their last tick. */
function cursorOf({ cursor, after }: DueHint, { zone }: Occurrences): Label | null {
  return cursor === undefined ? labelOf(readingAt(Date.parse(after), zone)) : cursor;
}

/** Whether such a version started the label and died before it noted so. */
async function ranByInstant(
  services: Services,
  hint: DueHint,
  { label, zone }: Pick<Occurrence, "label"> & Pick<Occurrences, "zone">,
) {
  if (hint.cursor !== undefined) return false;
  for (const moment of momentsOf(readingOf(label), zone)) {
    const key = `schedule/${hint.job}/${new Date(moment).toISOString()}`;
    if (await services.runs.find(runIdFor(hint.workspace, key))) return true;
  }
  return false;
}

function nameOf({ workspace, job }: JobRef): JobRef {
  return { workspace, job };
}

/**
 * Starts the jobs that are subscribed to an object, once per object version. What fails for one job is logged; the
 * others start.
 *
 * @throws TransientError when something may go better a moment later: the platform then repeats the whole event
 */
export async function fireUpload(services: Services, object: UploadedObject): Promise<void> {
  // It is on its way to become part of another object, which tells of itself.
  if (isStaging(object.key)) return;
  let passing: unknown;
  for await (const hint of services.starts.uploads(object.bucket, object.key)) {
    if (!fits(hint, object.key)) continue;
    try {
      await fireSubscribed(services, hint, object);
    } catch (error) {
      services.log.error("upload skipped", { ...nameOf(hint), key: object.key, error: String(error) });
      if (error instanceof TransientError) passing ??= error;
    }
  }
  if (passing) throw passing;
}

async function fireSubscribed(services: Services, { workspace, job: name }: JobRef, object: UploadedObject) {
  const { bucket, key, eTag } = object;
  const job = (await services.jobs.find(workspace, name))?.value;
  if (!job?.production || !awaits(job.production, object)) return;
  const { value: home } = await services.workspaces.get(workspace);
  if (!(await mayHear(services, home, object))) {
    services.log.warn("upload of others left out", { workspace, job: name, bucket, key });
    return;
  }
  services.log.info("upload fires", { workspace, job: name, bucket, key });
  await start(services, job, {
    workspace,
    trigger: { kind: "upload", bucket, key, eTag },
    workspaceZone: home.timeZone,
    key: `upload/${name}/${bucket}/${key}/${eTag}`,
    parameters: { "oss.bucket": bucket, "oss.key": key, "oss.etag": eTag },
  });
}

function awaits({ subscription }: PublishedVersion, { bucket, key }: UploadedObject): boolean {
  return subscription !== null && subscription.bucket === bucket && fits(subscription, key);
}

function fits({ prefix, suffix }: Pick<UploadHint, "prefix" | "suffix">, key: string): boolean {
  return key.startsWith(prefix) && key.endsWith(suffix);
}

/** Trouble that does not pass is the job's own: it is logged, and the firing has been dealt with. */
async function start(services: Services, job: JobRecord, options: Omit<StartOptions, "environment">): Promise<void> {
  try {
    await startJob(services, job, { ...options, environment: "production" });
  } catch (error) {
    if (error instanceof TransientError) throw error;
    services.log.error("job not started", { job: job.name, error: String(error) });
  }
}
