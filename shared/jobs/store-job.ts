import { UserError } from "../model/errors.js";
import type { Stored } from "../platform/documents.js";
import type { Services } from "../services.js";
import type { JobVersionRecord } from "../store/job-versions-store.js";
import type { JobRecord } from "../store/jobs-store.js";

/** Who changes a job, and what of it they have seen. */
export interface SeenJob {
  /** Its version; null = any. */
  readonly ifMatch: number | null;
  /** Caller's id. */
  readonly by: string;
  /** What they say about the change. */
  readonly note: string;
}

/** A job as it was found; undefined = there is none yet. */
export type FoundJob = Pick<Stored<JobRecord>, "value" | "version"> | undefined;

/** @throws UserError PRECONDITION_FAILED when the job is not at the version that the caller has seen */
export function checkVersion(name: string, version: number, ifMatch: number | null): void {
  if (ifMatch === null || ifMatch === version) return;
  throw new UserError(
    "PRECONDITION_FAILED",
    `job "${name}" is at version ${version}, not at the one that the change was made for`,
  );
}

/**
 * Stores a job in place of the version that it was made from, which its history keeps. Kept first: a crash in between
 * leaves a copy of the present version, which the history leaves out.
 *
 * @throws UserError CONFLICT when somebody else stored it meanwhile
 */
export async function storeJob(
  services: Pick<Services, "jobs" | "jobVersions">,
  workspace: string,
  { value, found }: { readonly value: JobRecord; readonly found: FoundJob },
): Promise<Stored<JobRecord>> {
  const { name } = value;
  if (found) await services.jobVersions.keep(workspace, name, versionRecord(found));
  const version = found?.version ?? 0;
  if (!(await services.jobs.replace(workspace, value, version)))
    throw new UserError("CONFLICT", `job "${name}" was stored by somebody else at the same moment`);
  return { key: [workspace, name], value, version: version + 1 };
}

/** A job's present version as its history keeps it. */
export function versionRecord({ value, version }: NonNullable<FoundJob>): JobVersionRecord {
  const {
    name: _name,
    production: _production,
    createdAt: _created,
    updatedAt: _updated,
    lastChange,
    ...content
  } = value;
  return { ...content, version, change: lastChange };
}
