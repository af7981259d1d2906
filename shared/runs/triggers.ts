import { TransientError } from "../model/errors.js";
import type { Documents } from "../platform/documents.js";
import { dueTimes } from "../schedule/due.js";
import type { JobRecord } from "../store/jobs-store.js";
import { tables } from "../store/tables.js";
import type { Services } from "./services.js";
import { type StartOptions, startJob } from "./start-job.js";

/** Firings missed while no tick came are made up for this long. */
const MAKE_UP_MS = 60 * 60 * 1000;

/** An object that was created, as an upload event tells. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  readonly eTag: string;
}

/**
 * Starts the jobs that became due since the last tick. The same tick again finds the same runs: each firing is one run.
 *
 * @param tick  the timer's own time, not the clock's
 */
export async function fireSchedules(services: Services, tick: Date): Promise<void> {
  const { documents, log } = services;
  const last = await documents.get<{ at: string }>(tables.state, ["tick"]);
  const earliest = tick.getTime() - MAKE_UP_MS;
  const lastAt = last ? Date.parse(last.value.at) : tick.getTime() - 60_000;
  for await (const { workspace, job, published } of publishedJobs(services)) {
    if (!published.schedule) continue;
    // A job fires for no time before it was published.
    const after = new Date(Math.max(earliest, lastAt, Date.parse(published.publishedAt)));
    for (const due of dueTimes(published.schedule, after, tick)) {
      const scheduledAt = due.toISOString();
      log.info("schedule fires", { workspace, job: job.name, scheduledAt });
      const key = `schedule/${job.name}/${scheduledAt}`;
      await startSafely(services, job, { workspace, trigger: { kind: "timer", scheduledAt }, key, parameters: {} });
    }
  }
  await rememberTick(documents, tick, last);
}

/** Never goes back: a late repeat of an old tick leaves the memory alone. */
async function rememberTick(
  documents: Documents,
  tick: Date,
  last: { value: { at: string }; version: number } | undefined,
): Promise<void> {
  const value = { at: tick.toISOString() };
  if (!last || Date.parse(last.value.at) < tick.getTime())
    await documents.replace(tables.state, ["tick"], value, last?.version ?? 0);
}

/** Starts the jobs that are subscribed to an object, once per object version. */
export async function fireUpload(services: Services, object: UploadedObject): Promise<void> {
  const { bucket, key, eTag } = object;
  for await (const { workspace, job, published } of publishedJobs(services)) {
    const { subscription } = published;
    if (!subscription || subscription.bucket !== bucket) continue;
    if (!key.startsWith(subscription.prefix) || !key.endsWith(subscription.suffix)) continue;
    services.log.info("upload fires", { workspace, job: job.name, bucket, key });
    await startSafely(services, job, {
      workspace,
      trigger: { kind: "upload", bucket, key, eTag },
      key: `upload/${job.name}/${bucket}/${key}/${eTag}`,
      parameters: { "oss.bucket": bucket, "oss.key": key, "oss.etag": eTag },
    });
  }
}

/** One job that cannot be started must not keep the others from starting. */
async function startSafely(
  services: Services,
  job: JobRecord,
  options: Omit<StartOptions, "environment">,
): Promise<void> {
  try {
    await startJob(services, job, { ...options, environment: "production" });
  } catch (error) {
    // Passing trouble: the platform repeats the whole event, and what started already is found again.
    if (error instanceof TransientError) throw error;
    services.log.error("job not started", { job: job.name, error: String(error) });
  }
}

/** A job with its published version: drafts start by hand only. */
interface PublishedJob {
  readonly workspace: string;
  readonly job: JobRecord;
  readonly published: NonNullable<JobRecord["production"]>;
}

async function* publishedJobs(services: Services): AsyncGenerator<PublishedJob> {
  for (const { name: workspace } of await services.workspaces.all()) {
    let page: string | null = null;
    do {
      const found: Awaited<ReturnType<Services["jobs"]["list"]>> = await services.jobs.list(workspace, 500, page);
      for (const { value } of found.items)
        if (value.production) yield { workspace, job: value, published: value.production };
      page = found.nextPage;
    } while (page !== null);
  }
}
