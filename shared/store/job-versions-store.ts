import type { JobHistoryEntry, JobVersion } from "../model/stored-job.js";
import type { Documents } from "../platform/documents.js";
import type { JobRecord } from "./jobs-store.js";
import { listBriefs, type Page } from "./page.js";
import { storeTables } from "./tables.js";

/** One version of a job as a whole, with the data sources that its script carried. */
export interface JobVersionRecord extends JobVersion, JobHistoryEntry {
  readonly inlineSources: JobRecord["inlineSources"];
}

/** How many versions of a job are kept besides the present one. */
export const KEPT_VERSIONS = 500;

/** Versions of jobs that others have replaced; the present one is the job itself. */
export interface JobVersionsStore {
  /** Keeps a version before another takes its place; keeping it again changes nothing. Drops what is older than {@link KEPT_VERSIONS}. */
  keep(workspace: string, job: string, version: JobVersionRecord): Promise<void>;
  find(workspace: string, job: string, version: number): Promise<JobVersionRecord | undefined>;
  /** Newest first, from those before `page`, which the list before ended with. */
  list(workspace: string, job: string, asked: VersionsAsked): Promise<Page<JobHistoryEntry>>;
}

/** A page of versions that is asked for. */
export interface VersionsAsked {
  readonly limit: number;
  readonly page: string | null;
}

/** Opens the store over our documents. */
export function createJobVersionsStore(documents: Documents): JobVersionsStore {
  const table = storeTables.jobVersions;
  return {
    async keep(workspace, job, record) {
      const { version, change } = record;
      const brief: JobHistoryEntry = { version, change };
      await documents.insert(table, { key: [workspace, job, versionMark(version)], value: record, brief });
      if (version > KEPT_VERSIONS)
        await documents.remove(table, [workspace, job, versionMark(version - KEPT_VERSIONS)]);
    },
    async find(workspace, job, version) {
      return (await documents.get<JobVersionRecord>(table, [workspace, job, versionMark(version)]))?.value;
    },
    list: (workspace, job, asked) =>
      listBriefs<JobHistoryEntry, JobHistoryEntry>(documents, table, {
        asked: { prefix: [workspace, job], ...asked },
        show: async ({ value }) => value ?? undefined,
      }),
  };
}

const LARGEST = 999_999_999_999;

/** A key that sorts the newest version first. */
export function versionMark(version: number): string {
  return String(LARGEST - version).padStart(12, "0");
}
