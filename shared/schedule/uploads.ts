import { mayHear } from "../jobs/upload-rights.js";
import { TransientError } from "../model/errors.js";
import { isStaging } from "../model/staging-name.js";
import type { PublishedVersion } from "../model/stored-job.js";
import { type StartOptions, startJob } from "../runs/create/start-job.js";
import type { Services } from "../services.js";
import type { JobRef } from "../store/job-key.js";
import type { JobRecord } from "../store/jobs-store.js";
import type { UploadHint } from "../store/starts-store.js";

/** An object that was created, as an upload event tells. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  readonly eTag: string;
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
