import type { JobSummary } from "../model/stored-job.js";
import type { JobsStore } from "../store/jobs-store.js";
import type { Page } from "../store/page.js";

/** A page of jobs that is asked for. */
export interface JobsAsked {
  readonly limit: number;
  readonly page: string | null;
  /** Only jobs in this folder and in those below; absent = all. */
  readonly folder?: string | undefined;
  /** Only jobs with this in name or description, in any case. */
  readonly search?: string | undefined;
}

/** Jobs that are looked at for one page at most: one of a rare kind comes shorter, and goes on where it stopped. */
const MOST_READ = 2000;

/** Stored jobs by name. */
export async function listJobs(
  jobs: Pick<JobsStore, "list">,
  workspace: string,
  { limit, page: first, folder, search }: JobsAsked,
): Promise<Page<JobSummary>> {
  if (folder === undefined && search === undefined) return jobs.list(workspace, limit, first);
  const items: JobSummary[] = [];
  let page = first;
  for (let read = 0; read < MOST_READ; ) {
    const found: Page<JobSummary> = await jobs.list(workspace, Math.max(limit, 100), page);
    read += found.items.length;
    for (const [i, job] of found.items.entries()) {
      if (!isIn(folder, job.folder) || !holds(job, search)) continue;
      items.push(job);
      if (items.length < limit) continue;
      const isLast = i === found.items.length - 1 && found.nextPage === null;
      return { items, nextPage: isLast ? null : job.name };
    }
    page = found.nextPage;
    if (page === null) return { items, nextPage: null };
  }
  return { items, nextPage: page };
}

function isIn(wanted: string | undefined, folder: string): boolean {
  return wanted === undefined || wanted === "" || folder === wanted || folder.startsWith(`${wanted}/`);
}

function holds({ name, description }: JobSummary, search: string | undefined): boolean {
  if (search === undefined) return true;
  const wanted = search.toLowerCase();
  return name.toLowerCase().includes(wanted) || description.toLowerCase().includes(wanted);
}
