import { InternalError, UserError } from "../model/errors.js";
import { type Run, type RunRecord, viewRun } from "../model/run.js";
import type { Documents, Stored } from "../platform/documents.js";
import { newestFirst } from "./newest-first.js";
import { listPage, type Page } from "./page.js";
import { tables } from "./tables.js";

/** Reference from the index of a workspace to a run. */
interface RunRef {
  readonly run: string;
  readonly job: string | null;
}

/** A page of runs that is asked for. */
export interface RunsAsked {
  readonly limit: number;
  readonly page: string | null;
  /** JSON of the runs, of which there is always one. */
  readonly maxBytes: number;
}

/** Runs, the index of runs by time, and the list of those that have not ended. */
export interface RunsStore {
  /** Stores a new run; false when a run with this id exists. */
  insert(run: RunRecord): Promise<boolean>;
  /** @throws UserError NOT_FOUND */
  get(id: string): Promise<Stored<RunRecord>>;
  find(id: string): Promise<Stored<RunRecord> | undefined>;
  /** What lists show of a run: a small read, for who looks often. */
  look(id: string): Promise<Run | undefined>;
  /** Stores a changed run if it is still at that version. */
  replace(run: RunRecord, version: number): Promise<boolean>;
  /**
   * Reads, changes and stores, again and again until nobody came in between. `change` returns undefined to leave it.
   *
   * @returns the stored record, and whether this call changed it
   */
  update(id: string, change: (run: RunRecord) => RunRecord | undefined): Promise<{ run: RunRecord; changed: boolean }>;
  /**
   * Runs of a workspace, newest first, without what they run.
   *
   * @throws UserError CONFIG_INVALID for a page that no list ended with
   */
  list(workspace: string, ask: RunsAsked): Promise<Page<Run>>;
  /** Runs that have not ended. */
  active(): Promise<readonly ActiveRun[]>;
  /** Takes an ended run off the active list. */
  retire(run: ActiveRun): Promise<void>;
}

/** Where a run stands on the active list. */
export interface ActiveRun {
  readonly workspace: string;
  readonly id: string;
}

/** Opens the store over our documents. */
export function createRunsStore(documents: Documents): RunsStore {
  const find = async (id: string): Promise<Stored<RunRecord> | undefined> => {
    const found = await documents.get<RunRecord>(tables.runs, [id]);
    return found && { ...found, value: dated(found.value) };
  };
  const get = async (id: string): Promise<Stored<RunRecord>> => {
    const found = await find(id);
    if (!found) throw new UserError("NOT_FOUND", `there is no run "${id}"`);
    return found;
  };
  const replace = (run: RunRecord, version: number) =>
    documents.replace(tables.runs, [run.id], run, version, viewRun(run));
  return {
    find,
    look: (id) => readBrief(documents, id),
    get,
    replace,
    async insert(run) {
      // References first: a run that nobody could find or sweep must not exist. Dangling ones are skipped by readers.
      const ref: RunRef = { run: run.id, job: run.job };
      await documents.insert(tables.activeRuns, [run.workspace, run.id], ref);
      const at = [run.workspace, indexKey(run)];
      await documents.insert(tables.runIndex, at, ref);
      const isNew = await documents.insert(tables.runs, [run.id], run, viewRun(run));
      // The same request again, a moment later: the run is listed under its own time only.
      if (!isNew && indexKey((await get(run.id)).value) !== at[1]) await documents.remove(tables.runIndex, at);
      return isNew;
    },
    async update(id, change) {
      for (let attempt = 1; attempt <= 20; attempt++) {
        const { value, version } = await get(id);
        const next = change(value);
        if (!next) return { run: value, changed: false };
        if (await replace(next, version)) return { run: next, changed: true };
      }
      throw new InternalError("CONFLICT", `run ${id} changes too often to be updated`);
    },
    list: (workspace, ask) => listRuns(documents, workspace, ask),
    async active() {
      const found = await documents.list<RunRef>(tables.activeRuns, { prefix: [], limit: 100_000 });
      return found.map(({ key, value }) => ({ workspace: String(key[0]), id: value.run }));
    },
    retire: ({ workspace, id }) => documents.remove(tables.activeRuns, [workspace, id]),
  };
}

async function listRuns(
  documents: Documents,
  workspace: string,
  { limit, page, maxBytes }: RunsAsked,
): Promise<Page<Run>> {
  if (page !== null && !/^\d{13}-./.test(page))
    throw new UserError(
      "CONFIG_INVALID",
      `page: "${page}" is no mark of a list of runs; take the one that a list ended with`,
      { path: "page" },
    );
  const { items: refs, nextPage } = await listPage<RunRef>(documents, tables.runIndex, { workspace, limit, page });
  const items: Run[] = [];
  let bytes = 0;
  let last: string | null = page;
  for (let at = 0; at < refs.length; at += AT_ONCE) {
    const some = refs.slice(at, at + AT_ONCE);
    const runs = await Promise.all(some.map(({ value }) => readBrief(documents, value.run)));
    for (const [i, { key }] of some.entries()) {
      const run = runs[i];
      bytes += run ? Buffer.byteLength(JSON.stringify(run)) : 0;
      if (items.length > 0 && bytes > maxBytes) return { items, nextPage: last };
      if (run && indexKey(run) === key[1]) items.push(run);
      last = String(key[1]);
    }
  }
  return { items, nextPage };
}

/** References that are followed at once. */
const AT_ONCE = 16;

async function readBrief(documents: Documents, id: string): Promise<Run | undefined> {
  const found = await documents.getBrief<Run>(tables.runs, [id]);
  if (!found) return undefined;
  if (found.value) return dated(found.value);
  const whole = await documents.get<RunRecord>(tables.runs, [id]);
  return whole && dated(viewRun(whole.value));
}

/** In runs of older versions the trigger alone told what time they are for. */
function dated<R extends Run>(run: R): R {
  const { trigger, createdAt, plannedAt = trigger.kind === "timer" ? trigger.scheduledAt : createdAt } = run;
  return { ...run, plannedAt };
}

function indexKey({ createdAt, id }: Pick<Run, "createdAt" | "id">): string {
  return newestFirst(createdAt, id);
}
