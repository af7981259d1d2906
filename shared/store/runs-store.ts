import { InternalError, UserError } from "../model/errors.js";
import type { RunRecord } from "../model/run-record.js";
import type { Documents, Stored } from "../platform/documents.js";
import { newestFirst } from "./newest-first.js";
import { listPage, type Page } from "./page.js";
import { tables } from "./tables.js";

/** Reference from the index of a workspace to a run. */
interface RunRef {
  readonly run: string;
  readonly job: string | null;
}

/** Runs, the index of runs by time, and the list of those that have not ended. */
export interface RunsStore {
  /** Stores a new run; false when a run with this id exists. */
  insert(run: RunRecord): Promise<boolean>;
  /** @throws UserError NOT_FOUND */
  get(id: string): Promise<Stored<RunRecord>>;
  find(id: string): Promise<Stored<RunRecord> | undefined>;
  /** Stores a changed run if it is still at that version. */
  replace(run: RunRecord, version: number): Promise<boolean>;
  /**
   * Reads, changes and stores, again and again until nobody came in between. `change` returns undefined to leave it.
   *
   * @returns the stored record, and whether this call changed it
   */
  update(id: string, change: (run: RunRecord) => RunRecord | undefined): Promise<{ run: RunRecord; changed: boolean }>;
  /**
   * Runs of a workspace, newest first.
   *
   * @throws UserError CONFIG_INVALID for a page that no list ended with
   */
  list(workspace: string, limit: number, page: string | null): Promise<Page<RunRecord>>;
  /** Ids of runs that have not ended. */
  active(): Promise<readonly string[]>;
  /** Takes an ended run off the active list. */
  retire(id: string): Promise<void>;
}

const KIND = "active";

/** Opens the store over our documents. */
export function createRunsStore(documents: Documents): RunsStore {
  const find = (id: string) => documents.get<RunRecord>(tables.runs, [id]);
  const get = async (id: string): Promise<Stored<RunRecord>> => {
    const found = await find(id);
    if (!found) throw new UserError("NOT_FOUND", `there is no run "${id}"`);
    return found;
  };
  const replace = (run: RunRecord, version: number) => documents.replace(tables.runs, [run.id], run, version);
  return {
    find,
    get,
    replace,
    async insert(run) {
      // References first: a run that nobody could find or sweep must not exist. Dangling ones are skipped by readers.
      const ref: RunRef = { run: run.id, job: run.job };
      await documents.insert(tables.activeRuns, [KIND, run.id], ref);
      const at = [run.workspace, indexKey(run)];
      await documents.insert(tables.runIndex, at, ref);
      const isNew = await documents.insert(tables.runs, [run.id], run);
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
    list: (workspace, limit, page) => listRuns(documents, workspace, limit, page),
    async active() {
      const found = await documents.list<RunRef>(tables.activeRuns, { prefix: [KIND], limit: 10_000 });
      return found.map(({ value }) => value.run);
    },
    retire: (id) => documents.remove(tables.activeRuns, [KIND, id]),
  };
}

async function listRuns(
  documents: Documents,
  workspace: string,
  limit: number,
  page: string | null,
): Promise<Page<RunRecord>> {
  if (page !== null && !/^\d{13}-./.test(page))
    throw new UserError(
      "CONFIG_INVALID",
      `page: "${page}" is no mark of a list of runs; take the one that a list ended with`,
      { path: "page" },
    );
  const { items, nextPage } = await listPage<RunRef>(documents, tables.runIndex, { workspace, limit, page });
  const runs = await Promise.all(items.map(({ value }) => documents.get<RunRecord>(tables.runs, [value.run])));
  return {
    items: runs.flatMap((run, i) => (run && indexKey(run.value) === items[i]?.key[1] ? [run.value] : [])),
    nextPage,
  };
}

function indexKey({ createdAt, id }: RunRecord): string {
  return newestFirst(createdAt, id);
}
