import { describeFields } from "../connectors/params/describe.js";
import { loadConnector } from "../connectors/registry.js";
import type { InlineSources } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import type { Warning } from "../model/job.js";
import type { JobVersion } from "../model/stored-job.js";
import type { Workspace } from "../model/workspace.js";
import type { Stored } from "../platform/documents.js";
import { LANDING_PREFIX, landingBucketOf } from "../platform/landing.js";
import { checkKeys } from "../script/read/keys.js";
import { parseJob } from "../script/read/parse-job.js";
import { isoNow, type Services } from "../services.js";
import { namedSources } from "../sources/data-sources.js";
import { definitionFor, findVisible, submitObstacles } from "../sources/find-source.js";
import { noteUses } from "../sources/usage.js";
import { draftEnvironment } from "../sources/workspaces.js";
import type { JobRecord } from "../store/jobs-store.js";
import { keepQuota, keepScriptQuota } from "../store/keep-quota.js";
import { forgetStarts, noteStarts } from "./index-starts.js";
import { checkSubscription } from "./upload-rights.js";

/** A draft as it was admitted: inline secrets sealed apart. */
export interface Draft extends Omit<JobVersion, "dataSources"> {
  readonly name: string;
  readonly inlineSources: InlineSources;
}

/** What saving or submitting left behind. */
export interface SavedJob {
  readonly stored: Stored<JobRecord>;
  readonly isNew: boolean;
  /** Data sources that the draft cannot use as they are, uploads that nothing may look for. */
  readonly warnings: readonly Warning[];
}

/** What of a job the caller has seen. */
interface Seen {
  /** Its version; null = any. */
  readonly ifMatch: number | null;
}

/**
 * Stores a job's draft; in a basic workspace that publishes it too.
 *
 * @throws UserError CONFLICT, PRECONDITION_FAILED, QUOTA_EXCEEDED; FORBIDDEN for a subscription to uploads of others
 */
export async function saveJob(
  services: Services,
  workspace: Workspace,
  { draft, ifMatch }: Seen & { readonly draft: Draft },
): Promise<SavedJob> {
  const at = isoNow(services);
  const found = await services.jobs.find(workspace.name, draft.name);
  checkVersion(draft.name, found?.version ?? 0, ifMatch);
  await keepScriptQuota(services, workspace.name, draft.script);
  if (!found) await keepQuota(services, workspace.name, "jobs");
  if (draft.subscription) await checkSubscription(services, workspace, draft.subscription);
  const dataSources = await sourcesOfScript(draft);
  await noteUses(services, { workspace: workspace.name, job: draft.name }, dataSources);
  const version = { ...draft, dataSources };
  const value: JobRecord = {
    ...version,
    production: found?.value.production ?? null,
    createdAt: found?.value.createdAt ?? at,
    updatedAt: at,
  };
  const isPublished = workspace.mode === "basic";
  const stored = isPublished
    ? await publish(services, workspace.name, { draft: value, found })
    : await store(services, { key: [workspace.name, value.name], value, version: found?.version ?? 0 });
  const warnings = [...uploadWarnings(services, draft), ...(await sourceWarnings(services, workspace, dataSources))];
  return { stored, isNew: !found, warnings };
}

/**
 * Publishes a job's draft: schedules, uploads and production runs use it from now on.
 *
 * @throws UserError SOURCE_INCOMPLETE when a data source is missing or lacks one of its definitions; CONFLICT in a
 *   basic workspace, where saving publishes
 */
export async function submitJob(
  services: Services,
  workspace: Workspace,
  { name, ifMatch }: Seen & { readonly name: string },
): Promise<Stored<JobRecord>> {
  const { value, version } = await services.jobs.get(workspace.name, name);
  checkVersion(name, version, ifMatch);
  if (workspace.mode === "basic")
    throw new UserError("CONFLICT", `workspace "${workspace.name}" is basic: saving job "${name}" has published it`);
  const obstacles = await submitObstacles(services, workspace, value.dataSources);
  if (obstacles.length > 0)
    throw new UserError("SOURCE_INCOMPLETE", `job "${name}" cannot be submitted: ${obstacles.join("; ")}`, {
      path: "script",
    });
  return publish(services, workspace.name, { draft: value, found: { value, version }, version });
}

/** A draft that is published, and the job as it was found. */
interface Publication {
  readonly draft: JobRecord;
  readonly found: Pick<Stored<JobRecord>, "value" | "version"> | undefined;
  /** Number of the published draft; absent = the one that this stores. */
  readonly version?: number;
}

/**
 * Stores a job with its draft published. Its hints are noted before, so that none is missing if we die between, and
 * after, in case a tick has taken the first one while the job did not know of it yet.
 */
async function publish(
  services: Services,
  workspace: string,
  { draft, found, version = (found?.version ?? 0) + 1 }: Publication,
): Promise<Stored<JobRecord>> {
  const next = published(draft, version, isoNow(services));
  const ref = { workspace, job: draft.name };
  if (next.production) await noteStarts(services, ref, next.production);
  const stored = await store(services, { key: [workspace, next.name], value: next, version: found?.version ?? 0 });
  if (next.production) await noteStarts(services, ref, next.production);
  await forgetStarts(services, ref, { before: found?.value.production ?? null, now: next.production });
  return stored;
}

function published(job: JobRecord, version: number, publishedAt: string): JobRecord {
  const { script, inlineSources, schedule, subscription, parameters, dataSources } = job;
  const production = { script, inlineSources, schedule, subscription, parameters, dataSources, version, publishedAt };
  return { ...job, production };
}

function checkVersion(name: string, version: number, ifMatch: number | null): void {
  if (ifMatch === null || ifMatch === version) return;
  throw new UserError(
    "PRECONDITION_FAILED",
    `job "${name}" is at version ${version}, not at the one that the change was made for`,
  );
}

/** Stores a job in place of the version that it was made from, 0 = of none. */
async function store(services: Services, job: Stored<JobRecord>): Promise<Stored<JobRecord>> {
  const { key, value, version } = job;
  if (!(await services.jobs.replace(String(key[0]), value, version)))
    throw new UserError("CONFLICT", `job "${value.name}" was stored by somebody else at the same moment`);
  return { ...job, version: version + 1 };
}

/** Names of the data sources that a script uses, as far as the job's own parameters tell. */
async function sourcesOfScript({ script, parameters, inlineSources }: Draft): Promise<readonly string[]> {
  const { job, locate } = parseJob(script, { parameters, mode: "preview" });
  const own = [...inlineSources.reader, ...inlineSources.writer].map(({ name }) => name);
  const names = new Set<string>();
  for (const kind of ["reader", "writer"] as const) {
    const side = (await loadConnector(job[kind].type))[kind];
    const parameter = side ? checkKeys(job[kind], describeFields(side.params), locate).parameter : job[kind].parameter;
    for (const name of namedSources(parameter)) if (!own.includes(name)) names.add(name);
  }
  return [...names];
}

/** Uploads elsewhere are told to the dispatcher only if its deployment was given another trigger, which only the platform knows. */
function uploadWarnings({ stage }: Services, { subscription }: Draft): readonly Warning[] {
  const bucket = landingBucketOf(stage);
  if (!subscription || (subscription.bucket === bucket && subscription.prefix.startsWith(LANDING_PREFIX))) return [];
  const message = `uploads below "${subscription.prefix}" in bucket ${subscription.bucket} start this job only if an OSS trigger of the dispatcher looks there; that of s.yaml looks in bucket ${bucket} below ${LANDING_PREFIX}`;
  return [{ message }];
}

async function sourceWarnings(
  services: Services,
  workspace: Workspace,
  names: readonly string[],
): Promise<readonly Warning[]> {
  const environment = draftEnvironment(workspace);
  const found = await Promise.all(
    names.map(async (name): Promise<Warning[]> => {
      const source = await findVisible(services, workspace.name, name);
      if (!source) return [{ message: `data source "${name}" is not registered` }];
      try {
        definitionFor(source, environment);
        return [];
      } catch (error) {
        return [{ message: error instanceof UserError ? error.message : String(error) }];
      }
    }),
  );
  return found.flat();
}
