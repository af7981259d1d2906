import { InternalError, UserError } from "../model/errors.js";
import { type EndState, type Run, type RunRecord, viewRun } from "../model/run.js";
import type { Documents, Stored } from "../platform/documents.js";
import type { Page } from "./page.js";
import {
  type ActiveRef,
  activateRun,
  indexEnd,
  indexRun,
  listRuns,
  type RunsAsked,
  reindexRun,
  runMark,
  unindexRun,
} from "./run-index.js";
import { storeTables } from "./tables.js";

/** Runs, the index of runs by time, and the list of those that have not ended. */
export interface RunsStore {
  /** Stores a new run; false when a run with this id exists. */
  insert(run: RunRecord): Promise<boolean>;
  /** @throws UserError NOT_FOUND */
  get(id: string): Promise<Stored<RunRecord>>;
  find(id: string): Promise<Stored<RunRecord> | undefined>;
  /** What lists show of a run: a small read, for who looks often. */
  findBrief(id: string): Promise<Run | undefined>;
  /** Stores a changed run if it is still at that version. */
  replace(run: RunRecord, version: number): Promise<boolean>;
  /**
   * Reads, changes and stores, again and again until nobody came in between. `change` returns undefined to leave it.
   *
   * @returns the stored record, and whether this call changed it
   */
  update(id: string, change: (run: RunRecord) => RunRecord | undefined): Promise<{ run: RunRecord; changed: boolean }>;
  /** Notes how a run is about to end, for lists by state. */
  noteEnd(run: RunRecord, state: EndState): Promise<void>;
  /** Notes a run for lists by job and state that was stored before there were any. */
  reindex(workspace: string, run: Run): Promise<void>;
  /**
   * Runs of a workspace, newest first, without what they run.
   *
   * @throws UserError CONFIG_INVALID for a page that no list ended with
   */
  list(workspace: string, asked: RunsAsked): Promise<Page<Run>>;
  /** Runs that have not ended. */
  active(): Promise<readonly ActiveRun[]>;
  /** Takes an ended run off the active list. */
  retire(run: ActiveRun): Promise<void>;
  /** Puts a run on it again that is to be resumed; false when it is there. */
  reactivate(run: RunRecord): Promise<boolean>;
}

/** Where a run stands on the active list. */
export interface ActiveRun {
  readonly workspace: string;
  readonly id: string;
}

/** Opens the store over our documents. */
export function createRunsStore(documents: Documents): RunsStore {
  const find = async (id: string): Promise<Stored<RunRecord> | undefined> => {
    const found = await documents.get<RunRecord>(storeTables.runs, [id]);
    return found && { ...found, value: dated(found.value) };
  };
  const get = async (id: string): Promise<Stored<RunRecord>> => {
    const found = await find(id);
    if (!found) throw new UserError("NOT_FOUND", `there is no run "${id}"`);
    return found;
  };
  const replace = (run: RunRecord, version: number) =>
    documents.replace(storeTables.runs, { key: [run.id], value: run, version, brief: viewRun(run) });
  return {
    find,
    findBrief: (id) => readBrief(documents, id),
    get,
    replace,
    async insert(run) {
      // Dangling references are skipped by readers.
      await indexRun(documents, run);
      const isNew = await documents.insert(storeTables.runs, { key: [run.id], value: run, brief: viewRun(run) });
      // The same request again, a moment later: the run is listed under its own time only.
      if (!isNew && runMark((await get(run.id)).value) !== runMark(run)) await unindexRun(documents, run);
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
    noteEnd: (run, state) => indexEnd(documents, run, state),
    reindex: (workspace, run) => reindexRun(documents, { ...run, workspace }),
    list: (workspace, asked) => listRuns(documents, workspace, { asked, read: (id) => readBrief(documents, id) }),
    async active() {
      const found = await documents.list<ActiveRef>(storeTables.activeRuns, { prefix: [], limit: 100_000 });
      return found.map(({ key, value }) => ({ workspace: String(key[0]), id: value.run }));
    },
    retire: ({ workspace, id }) => documents.remove(storeTables.activeRuns, [workspace, id]),
    reactivate: (run) => activateRun(documents, run),
  };
}

async function readBrief(documents: Documents, id: string): Promise<Run | undefined> {
  const found = await documents.getBrief<Run>(storeTables.runs, [id]);
  if (!found) return undefined;
  if (found.value) return dated(found.value);
  const whole = await documents.get<RunRecord>(storeTables.runs, [id]);
  return whole && dated(viewRun(whole.value));
}

/** In runs of older versions the trigger alone told what time they are for. */
function dated<R extends Run>(run: R): R {
  const { trigger, createdAt, plannedAt = trigger.kind === "timer" ? trigger.scheduledAt : createdAt } = run;
  return { ...run, plannedAt };
}
