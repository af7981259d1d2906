import { UserError } from "../model/errors.js";
import type { PublishedVersion, StoredJob } from "../model/run.js";
import type { InlineSources } from "../model/run-record.js";
import type { Documents, Stored } from "../platform/documents.js";
import { listPage, type Page } from "./page.js";
import { tables } from "./tables.js";

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
  /** Stores a job if it is still at that version, 0 = if there is none of this name. */
  replace(workspace: string, job: JobRecord, version: number): Promise<boolean>;
  /** Jobs by name. */
  list(workspace: string, limit: number, page: string | null): Promise<Page<Stored<JobRecord>>>;
}

/** Opens the store over our documents. */
export function createJobsStore(documents: Documents): JobsStore {
  const find = (workspace: string, name: string) => documents.get<JobRecord>(tables.jobs, [workspace, name]);
  return {
    find,
    async get(workspace, name) {
      const found = await find(workspace, name);
      if (!found) throw new UserError("NOT_FOUND", `there is no job "${name}"`);
      return found;
    },
    replace: (workspace, job, version) => documents.replace(tables.jobs, [workspace, job.name], job, version),
    list: (workspace, limit, page) => listPage(documents, tables.jobs, { workspace, limit, page }),
  };
}
