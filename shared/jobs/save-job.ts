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
import { definitionFor, findVisible } from "../sources/find-source.js";
import { noteUses } from "../sources/usage.js";
import { draftEnvironment } from "../sources/workspaces.js";
import type { JobRecord } from "../store/jobs-store.js";
import { keepQuota, keepScriptQuota } from "../store/keep-quota.js";
import { checkDependencies } from "./check-dependencies.js";
import { jobVersionOf } from "./job-versions.js";
import { publishDraft } from "./publish-job.js";
import { checkVersion, type SeenJob, storeJob } from "./store-job.js";
import { checkSubscription } from "./upload-rights.js";

/** A draft as it was admitted: inline secrets sealed apart. */
export interface Draft extends Omit<JobVersion, "dataSources" | "owner"> {
  readonly name: string;
  /** Null = who owns the job already, else who stores it. */
  readonly owner: string | null;
  readonly inlineSources: InlineSources;
}

/** What saving left behind. */
export interface SavedJob {
  readonly stored: Stored<JobRecord>;
  readonly isNew: boolean;
  /** Data sources that the draft cannot use as they are, uploads that nothing may look for. */
  readonly warnings: readonly Warning[];
}

/** A draft that is to be stored. */
interface Saving extends SeenJob {
  readonly draft: Draft;
  /** The version that the draft is made of; absent = none. */
  readonly restored?: number;
}

/**
 * Stores a job's draft; in a basic workspace that publishes it too.
 *
 * @throws UserError CONFLICT, PRECONDITION_FAILED, QUOTA_EXCEEDED; CONFIG_INVALID for what its instances cannot wait for; FORBIDDEN for a subscription to uploads of others
 */
export async function saveJob(services: Services, workspace: Workspace, saving: Saving): Promise<SavedJob> {
  const { draft, restored, by, note } = saving;
  const at = isoNow(services);
  const found = await services.jobs.find(workspace.name, draft.name);
  checkVersion(draft.name, found?.version ?? 0, saving.ifMatch);
  await keepScriptQuota(services, workspace.name, draft.script);
  if (!found) await keepQuota(services, workspace.name, "jobs");
  if (draft.subscription) await checkSubscription(services, workspace, draft.subscription);
  const dataSources = await sourcesOfScript(draft);
  await noteUses(services, { workspace: workspace.name, job: draft.name }, dataSources);
  const value: JobRecord = {
    ...draft,
    dataSources,
    owner: draft.owner ?? found?.value.owner ?? by,
    production: found?.value.production ?? null,
    lastChange: { kind: restored === undefined ? "saved" : "restored", of: restored ?? null, note, by, at },
    createdAt: found?.value.createdAt ?? at,
    updatedAt: at,
  };
  const isPublished = workspace.mode === "basic";
  const odd = isPublished
    ? await checkDependencies(services, { workspace: workspace.name, job: draft.name }, draft)
    : [];
  const stored = isPublished
    ? await publishDraft(services, workspace.name, { draft: value, found })
    : await storeJob(services, workspace.name, { value, found });
  const warnings = [
    ...odd.map((message) => ({ message })),
    ...uploadWarnings(services, draft),
    ...(await sourceWarnings(services, workspace, dataSources)),
  ];
  return { stored, isNew: !found, warnings };
}

/**
 * Makes an earlier version of a job its draft again; in a basic workspace that publishes it too.
 *
 * @throws UserError NOT_FOUND at `version`; what {@link saveJob} throws
 */
export async function restoreJob(
  services: Services,
  workspace: Workspace,
  { name, version, ...seen }: SeenJob & { readonly name: string; readonly version: number },
): Promise<SavedJob> {
  const {
    change: _change,
    version: _version,
    ...content
  } = await jobVersionOf(services, workspace.name, {
    name,
    version,
  });
  return saveJob(services, workspace, { ...seen, draft: { ...content, name }, restored: version });
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
