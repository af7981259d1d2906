import { TransientError } from "../model/errors.js";
import type { Documents } from "../platform/documents.js";
import { dueTimes } from "../schedule/due.js";
import type { JobRecord } from "../store/named-store.js";
import { tables } from "../store/tables.js";
import type { Services } from "./services.js";
import { startJob } from "./start-job.js";

/** The one workspace there is for now. */
export const WORKSPACE = "default";

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
  for await (const job of allJobs(services)) {
    if (!job.schedule) continue;
    // A job fires for no time before it was stored.
    const after = new Date(Math.max(earliest, lastAt, Date.parse(job.updatedAt)));
    for (const due of dueTimes(job.schedule, after, tick)) {
      const scheduledAt = due.toISOString();
      log.info("schedule fires", { job: job.name, scheduledAt });
      await startSafely(services, job, { kind: "timer", scheduledAt }, `schedule/${job.name}/${scheduledAt}`, {});
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
  if (!last) await documents.insert(tables.state, ["tick"], value);
  else if (Date.parse(last.value.at) < tick.getTime())
    await documents.replace(tables.state, ["tick"], value, last.version);
}

/** Starts the jobs that are subscribed to an object, once per object version. */
export async function fireUpload(services: Services, object: UploadedObject): Promise<void> {
  const { bucket, key, eTag } = object;
  for await (const job of allJobs(services)) {
    const { subscription } = job;
    if (!subscription || subscription.bucket !== bucket) continue;
    if (!key.startsWith(subscription.prefix) || !key.endsWith(subscription.suffix)) continue;
    services.log.info("upload fires", { job: job.name, bucket, key });
    const parameters = { "oss.bucket": bucket, "oss.key": key, "oss.etag": eTag };
    await startSafely(
      services,
      job,
      { kind: "upload", bucket, key, eTag },
      `upload/${job.name}/${bucket}/${key}/${eTag}`,
      parameters,
    );
  }
}

/** One job that cannot be started must not keep the others from starting. */
async function startSafely(
  services: Services,
  job: JobRecord,
  trigger: Parameters<typeof startJob>[2]["trigger"],
  key: string,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await startJob(services, job, { workspace: WORKSPACE, parameters, trigger, key });
  } catch (error) {
    // Passing trouble: the platform repeats the whole event, and what started already is found again.
    if (error instanceof TransientError) throw error;
    services.log.error("job not started", { job: job.name, error: String(error) });
  }
}

async function* allJobs(services: Services): AsyncGenerator<JobRecord> {
  let page: string | null = null;
  do {
    const found: Awaited<ReturnType<Services["jobs"]["list"]>> = await services.jobs.list(WORKSPACE, 500, page);
    for (const { value } of found.items) yield value;
    page = found.nextPage;
  } while (page !== null);
}
