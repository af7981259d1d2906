import { UserError } from "../model/errors.js";
import { isEnded, type Run, type RunState } from "../model/run.js";
import type { Documents, DocumentTable } from "../platform/documents.js";
import { newestFirst } from "./newest-first.js";
import { listPage, type Page } from "./page.js";
import { storeTables } from "./tables.js";

/** Reference from an index to a run. */
export interface IndexedRun {
  readonly run: string;
  readonly job: string | null;
}

/** On the list of runs that have not ended; `at` is the run's place in the index, absent in those of older versions. */
export interface ActiveRef extends IndexedRun {
  readonly at?: string;
}

/** A page of runs that is asked for. */
export interface RunsAsked {
  readonly limit: number;
  readonly page: string | null;
  /** JSON of the runs, of which there is always one. */
  readonly maxBytes: number;
  /** Absent = all. */
  readonly job?: string | undefined;
  readonly state?: RunState | undefined;
}

type Indexed = Pick<Run, "id" | "job" | "createdAt"> & { readonly workspace: string };

/** Where a run stands in every index: newest first. */
export function runMark({ createdAt, id }: Pick<Run, "createdAt" | "id">): string {
  return newestFirst(createdAt, id);
}

/** Notes a run that is about to be stored: one that nobody could find or sweep must not exist. */
export async function indexRun(documents: Documents, run: Indexed): Promise<void> {
  const { workspace, id, job } = run;
  const ref: IndexedRun = { run: id, job };
  const at = runMark(run);
  await activateRun(documents, run);
  await documents.insert(storeTables.runIndex, { key: [workspace, at], value: ref });
  if (job !== null) await documents.insert(storeTables.runsBy, { key: [workspace, facetOf({ job }), at], value: ref });
}

/** Puts a run on the list of those that have not ended; false when it is there. */
export function activateRun(documents: Documents, run: Indexed): Promise<boolean> {
  const { workspace, id, job } = run;
  const active: ActiveRef = { run: id, job, at: runMark(run) };
  return documents.insert(storeTables.activeRuns, { key: [workspace, id], value: active });
}

/** Notes a run again, for lists by job and state: of those stored before there were such lists. */
export async function reindexRun(documents: Documents, run: Indexed & Pick<Run, "state">): Promise<void> {
  const { workspace, id, job, state } = run;
  if (job !== null)
    await documents.insert(storeTables.runsBy, {
      key: [workspace, facetOf({ job }), runMark(run)],
      value: { run: id, job },
    });
  if (isEnded(state)) await indexEnd(documents, run, state);
}

/** Takes back what was noted of a run under another time than its own. */
export async function unindexRun(documents: Documents, { workspace, job, ...run }: Indexed): Promise<void> {
  const at = runMark(run);
  await documents.remove(storeTables.runIndex, [workspace, at]);
  if (job !== null) await documents.remove(storeTables.runsBy, [workspace, facetOf({ job }), at]);
}

/**
 * Notes how a run is about to end. An entry too many is harmless, since the run itself is asked; one too few would hide
 * the run from lists.
 */
export async function indexEnd(documents: Documents, run: Indexed, state: RunState): Promise<void> {
  const { workspace, id, job } = run;
  const facets = [facetOf({ state }), ...(job === null ? [] : [facetOf({ job, state })])];
  const key = (facet: string) => [workspace, facet, runMark(run)];
  const ref: IndexedRun = { run: id, job };
  await Promise.all(facets.map((facet) => documents.insert(storeTables.runsBy, { key: key(facet), value: ref })));
}

/** Reads what lists show of a run. */
type ReadRun = (id: string) => Promise<Run | undefined>;

/**
 * Runs of a workspace, newest first. What a page costs grows with what it shows; with a state that is none of an ended
 * run, with the runs that have not ended, of which a quota allows so many.
 *
 * @throws UserError CONFIG_INVALID for a page that no list ended with
 */
export async function listRuns(
  documents: Documents,
  workspace: string,
  { asked, read }: { asked: RunsAsked; read: ReadRun },
): Promise<Page<Run>> {
  const { page, state } = asked;
  if (page !== null && !/^\d{13}-./.test(page))
    throw new UserError(
      "CONFIG_INVALID",
      `page: "${page}" is no mark of a list of runs; take the one that a list ended with`,
      { path: "page" },
    );
  const places =
    state === undefined || isEnded(state) ? indexed(documents, workspace, asked) : active(documents, workspace, asked);
  const items: Run[] = [];
  let bytes = 0;
  let last = page;
  for await (const some of places) {
    const runs = await Promise.all(some.map(({ run }) => read(run)));
    for (const [i, { at }] of some.entries()) {
      const run = runs[i];
      // Gone, listed under its own time only, or not in that state any more.
      const fits = run !== undefined && runMark(run) === at && (state === undefined || run.state === state);
      if (items.length === asked.limit) return { items, nextPage: last };
      bytes += fits ? Buffer.byteLength(JSON.stringify(run)) : 0;
      if (items.length > 0 && bytes > asked.maxBytes) return { items, nextPage: last };
      if (fits) items.push(run);
      last = at;
    }
  }
  return { items, nextPage: null };
}

/** References that are followed at once. */
const AT_ONCE = 16;

interface Place extends IndexedRun {
  readonly at: string;
}

/** References from the index that has the fewest others, some at a time. */
async function* indexed(
  documents: Documents,
  workspace: string,
  { job, state, page: first, limit }: RunsAsked,
): AsyncGenerator<readonly Place[]> {
  const isPlain = job === undefined && state === undefined;
  const table: DocumentTable = isPlain ? storeTables.runIndex : storeTables.runsBy;
  const prefix = isPlain ? [workspace] : [workspace, facetOf({ job, state })];
  // One more than is shown tells whether more follow.
  for (let page = first, left = limit + 1; ; left = AT_ONCE) {
    const found = await listPage<IndexedRun>(documents, table, { prefix, limit: left, page });
    const places = found.items.map(({ key, value }) => ({ ...value, at: String(key.at(-1)) }));
    for (let at = 0; at < places.length; at += AT_ONCE) yield places.slice(at, at + AT_ONCE);
    page = found.nextPage;
    if (page === null) return;
  }
}

/** References to runs that have not ended, some at a time. */
async function* active(
  documents: Documents,
  workspace: string,
  { job, page }: RunsAsked,
): AsyncGenerator<readonly Place[]> {
  const found = await documents.list<ActiveRef>(storeTables.activeRuns, { prefix: [workspace], limit: MOST_ACTIVE });
  const places = found
    .flatMap(({ value }) => (value.at === undefined ? [] : [{ ...value, at: value.at }]))
    .filter((one) => (job === undefined || one.job === job) && (page === null || one.at > page))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  for (let at = 0; at < places.length; at += AT_ONCE) yield places.slice(at, at + AT_ONCE);
}

/** The most that a quota allows. */
const MOST_ACTIVE = 100_000;

/** What the runs of an index have in common. */
function facetOf({ job, state }: { readonly job?: string | undefined; readonly state?: RunState | undefined }): string {
  return JSON.stringify([job ?? null, state ?? null]);
}
