import { UserError } from "../model/errors.js";
import type { Workspace } from "../model/workspace.js";
import type { Stored } from "../platform/documents.js";
import { isoNow, type Services } from "../services.js";
import type { JobRecord } from "../store/jobs-store.js";
import { checkDependencies } from "./check-dependencies.js";
import { forgetStarts, noteStarts } from "./index-starts.js";
import { checkVersion, type FoundJob, type SeenJob, storeJob } from "./store-job.js";

/**
 * Refuses what need not be looked at: a job that is not at the version that was seen, or that saving has published.
 *
 * @throws UserError NOT_FOUND, PRECONDITION_FAILED; CONFLICT in a basic workspace
 */
export async function demandSubmittable(
  services: Pick<Services, "jobs">,
  { name: workspace, mode }: Workspace,
  { name, ifMatch }: Pick<SeenJob, "ifMatch"> & { readonly name: string },
): Promise<FoundJob & object> {
  const found = await services.jobs.get(workspace, name);
  checkVersion(name, found.version, ifMatch);
  if (mode === "basic")
    throw new UserError("CONFLICT", `workspace "${workspace}" is basic: saving job "${name}" has published it`);
  return found;
}

/**
 * Publishes a job's draft: schedules, uploads and production runs use it from now on. Whether it may be is seen to before.
 *
 * @throws what {@link demandSubmittable} throws
 */
export async function submitJob(
  services: Services,
  workspace: Workspace,
  { name, ifMatch, by, note }: SeenJob & { readonly name: string },
): Promise<Stored<JobRecord>> {
  const { value, version } = await demandSubmittable(services, workspace, { name, ifMatch });
  await checkDependencies(services, { workspace: workspace.name, job: name }, value);
  const lastChange = { kind: "submitted", of: version, note, by, at: isoNow(services) } as const;
  return publishDraft(services, workspace.name, {
    draft: { ...value, lastChange },
    found: { value, version },
    version,
  });
}

/**
 * Takes a job out of production: schedules and uploads start it no more. Its draft and its history stay, and so do its runs.
 *
 * @throws UserError CONFLICT when nothing of it is published
 */
export async function unsubmitJob(
  services: Services,
  workspace: Workspace,
  { name, ifMatch, by, note }: SeenJob & { readonly name: string },
): Promise<Stored<JobRecord>> {
  const found = await services.jobs.get(workspace.name, name);
  checkVersion(name, found.version, ifMatch);
  const { production } = found.value;
  if (!production) throw new UserError("CONFLICT", `nothing of job "${name}" is in production`);
  const lastChange = { kind: "unsubmitted", of: production.version, note, by, at: isoNow(services) } as const;
  const value: JobRecord = { ...found.value, production: null, lastChange };
  const stored = await storeJob(services, workspace.name, { value, found });
  await forgetStarts(services, { workspace: workspace.name, job: name }, { before: production, now: null });
  return stored;
}

/** A draft that is published, and the job as it was found. */
interface Publication {
  readonly draft: JobRecord;
  readonly found: FoundJob;
  /** Number of the published draft; absent = the one that this stores. */
  readonly version?: number;
}

/**
 * Stores a job with its draft published. Its hints are noted before, so that none is missing if we die between, and
 * after, in case a tick has taken the first one while the job did not know of it yet.
 */
export async function publishDraft(
  services: Services,
  workspace: string,
  { draft, found, version = (found?.version ?? 0) + 1 }: Publication,
): Promise<Stored<JobRecord>> {
  const value = published(draft, version, isoNow(services));
  const ref = { workspace, job: draft.name };
  if (value.production) await noteStarts(services, ref, value.production);
  const stored = await storeJob(services, workspace, { value, found });
  if (value.production) await noteStarts(services, ref, value.production);
  await forgetStarts(services, ref, { before: found?.value.production ?? null, now: value.production });
  return stored;
}

function published(job: JobRecord, version: number, publishedAt: string): JobRecord {
  const {
    name: _name,
    production: _before,
    lastChange: _change,
    createdAt: _created,
    updatedAt: _updated,
    ...content
  } = job;
  return { ...job, production: { ...content, version, publishedAt } };
}
