import type { InlineSources } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import type { JobChange, JobSummary, PublishedVersion, StoredJob } from "../model/stored-job.js";
import type { Documents, Stored } from "../platform/documents.js";
import { listBriefs, type Page } from "./page.js";
import { storeTables } from "./tables.js";

/** A stored job with the data sources its scripts carried; the version is the document's. */
export interface JobRecord extends Omit<StoredJob, "version" | "production"> {
  readonly inlineSources: InlineSources;
  readonly production: (PublishedVersion & { readonly inlineSources: InlineSources }) | null;
}

/** What jobs of older versions lack. */
const absent = { folder: "", owner: "", description: "" } as const;

function wholeRecord(stored: JobRecord): JobRecord {
  const { production, updatedAt } = stored;
  const unknown: JobChange = { kind: "saved", of: null, note: "", by: "", at: updatedAt };
  const { lastChange = unknown } = stored as Partial<JobRecord>;
  return { ...absent, ...stored, lastChange, production: production && { ...absent, ...production } };
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
  const find = async (workspace: string, name: string) => {
    const found = await documents.get<JobRecord>(storeTables.jobs, [workspace, name]);
    return found && { ...found, value: wholeRecord(found.value) };
  };
  const summaryOf = async ({ key, value, version }: Stored<Brief | null>): Promise<JobSummary | undefined> => {
    const brief = value ?? briefOf((await documents.get<JobRecord>(storeTables.jobs, key))?.value);
    if (!brief) return undefined;
    return { ...absent, ...brief, production: brief.production && { ...absent, ...brief.production }, version };
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
  const {
    script: _text,
    parameters: _values,
    inlineSources: _carried,
    lastChange: _change,
    dependencies: _edges,
    policies: _policies,
    production,
    ...brief
  } = job;
  if (!production) return { ...brief, production };
  const { script, parameters, inlineSources, dependencies, policies, ...published } = production;
  return { ...brief, production: published };
}
