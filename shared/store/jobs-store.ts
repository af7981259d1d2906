import type { InlineSources } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import type { JobSummary, PublishedVersion, StoredJob } from "../model/stored-job.js";
import type { Documents, Stored } from "../platform/documents.js";
import { listBriefs, type Page } from "./page.js";
import { storeTables } from "./tables.js";

/** A stored job with the data sources its scripts carried; the version is the document's. */
export interface JobRecord extends Omit<StoredJob, "version" | "production"> {
  readonly inlineSources: InlineSources;
  readonly production: (PublishedVersion & { readonly inlineSources: InlineSources }) | null;
}

/** Stored jobs; a name is unique within its workspace. */
export interface JobsStore {
  /** @throws UserError NOT_FOUND */
  get(workspace: string, name: string): Promise<Stored<JobRecord>>;
  find(workspace: string, name: string): Promise<Stored<JobRecord> | undefined>;
  /** What lists show of a job. */
  findBrief(workspace: string, name: string): Promise<JobSummary | undefined>;
  /** Stores a job if it is still at that version, 0 = if there is none of this name. */
  replace(workspace: string, job: JobRecord, version: number): Promise<boolean>;
  /** Jobs by name, none of them read as a whole. */
  list(workspace: string, limit: number, page: string | null): Promise<Page<JobSummary>>;
}

/** Opens the store over our documents. */
export function createJobsStore(documents: Documents): JobsStore {
  const find = (workspace: string, name: string) => documents.get<JobRecord>(storeTables.jobs, [workspace, name]);
  const summaryOf = async ({ key, value, version }: Stored<Brief | null>): Promise<JobSummary | undefined> => {
    const brief = value ?? briefOf((await documents.get<JobRecord>(storeTables.jobs, key))?.value);
    return brief && { ...brief, version };
  };
  return {
    find,
    async findBrief(workspace, name) {
      const found = await documents.getBrief<Brief>(storeTables.jobs, [workspace, name]);
      return found && summaryOf(found);
    },
    async get(workspace, name) {
      const found = await find(workspace, name);
      if (!found) throw new UserError("NOT_FOUND", `there is no job "${name}"`);
      return found;
    },
    replace: (workspace, job, version) =>
      documents.replace(storeTables.jobs, { key: [workspace, job.name], value: job, version, brief: briefOf(job) }),
    list: (workspace, limit, page) =>
      listBriefs<Brief, JobSummary>(documents, storeTables.jobs, {
        asked: { prefix: [workspace], limit, page },
        show: summaryOf,
      }),
  };
}

/** What lists show of a job, but for its version, which is the document's. */
type Brief = Omit<JobSummary, "version">;

function briefOf(job: JobRecord): Brief;
function briefOf(job: JobRecord | undefined): Brief | undefined;
function briefOf(job: JobRecord | undefined): Brief | undefined {
  if (!job) return undefined;
  const { name, schedule, subscription, dataSources, production, createdAt, updatedAt } = job;
  const published = production && {
    schedule: production.schedule,
    subscription: production.subscription,
    dataSources: production.dataSources,
    version: production.version,
    publishedAt: production.publishedAt,
  };
  return { name, schedule, subscription, dataSources, production: published, createdAt, updatedAt };
}
