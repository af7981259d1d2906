import { UserError } from "../model/errors.js";
import type { JobComparison, JobHistoryEntry } from "../model/stored-job.js";
import type { Services } from "../services.js";
import { type JobVersionRecord, KEPT_VERSIONS, type VersionsAsked, versionMark } from "../store/job-versions-store.js";
import type { JobRecord } from "../store/jobs-store.js";
import type { Page } from "../store/page.js";
import { type ComparedVersion, compareVersions } from "./compare-versions.js";
import { versionRecord } from "./store-job.js";

type WithJobs = Pick<Services, "jobs" | "jobVersions">;

/**
 * A version of a job, the present one or an earlier one.
 *
 * @throws UserError NOT_FOUND
 */
export async function jobVersionOf(
  services: WithJobs,
  workspace: string,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<JobVersionRecord> {
  const now = await services.jobs.get(workspace, name);
  if (version === now.version) return versionRecord(now);
  const found = version < now.version ? await services.jobVersions.find(workspace, name, version) : undefined;
  if (found) return found;
  const message = `version: job "${name}" has no version ${version}; the present one is ${now.version}, and the last ${KEPT_VERSIONS} before it are kept`;
  throw new UserError("NOT_FOUND", message, { path: "version" });
}

/**
 * Versions of a job, the present one first.
 *
 * @throws UserError NOT_FOUND; CONFIG_INVALID for a page that no list ended with
 */
export async function listJobVersions(
  services: WithJobs,
  workspace: string,
  { name, limit, page }: VersionsAsked & { readonly name: string },
): Promise<Page<JobHistoryEntry>> {
  if (page !== null && !/^\d{12}$/.test(page))
    throw new UserError("CONFIG_INVALID", `page: "${page}" is no mark of a list of versions`, { path: "page" });
  const now = await services.jobs.get(workspace, name);
  const mark = versionMark(now.version);
  const isFirst = page === null || page < mark;
  const present = { version: now.version, change: now.value.lastChange };
  // A copy of the present version, which a change that broke off has kept, is passed over.
  const from = isFirst ? mark : page;
  if (isFirst && limit === 1) return { items: [present], nextPage: mark };
  const asked = { limit: isFirst ? limit - 1 : limit, page: from };
  const rest = await services.jobVersions.list(workspace, name, asked);
  return { items: [...(isFirst ? [present] : []), ...rest.items], nextPage: rest.nextPage };
}

/** Names a version of a job: its number, or where it is in use. */
export type VersionName = number | "draft" | "production";

/**
 * What differs between two versions of a job.
 *
 * @throws UserError NOT_FOUND at the end that there is not
 */
export async function diffJob(
  services: WithJobs,
  workspace: string,
  { name, from, to }: { readonly name: string; readonly from: VersionName; readonly to: VersionName },
): Promise<JobComparison> {
  const now = await services.jobs.get(workspace, name);
  const contentOf = async (wanted: VersionName): Promise<ComparedVersion> => {
    if (wanted === "production") return inProduction(now.value);
    const version = wanted === "draft" ? now.version : wanted;
    const {
      version: _version,
      change: _change,
      ...content
    } = await jobVersionOf(services, workspace, { name, version });
    return content;
  };
  return compareVersions(await contentOf(from), await contentOf(to));
}

function inProduction({ name, production }: JobRecord): ComparedVersion {
  if (!production) throw new UserError("NOT_FOUND", `nothing of job "${name}" is in production`, { path: "from" });
  const { version: _version, publishedAt: _at, ...content } = production;
  return content;
}
