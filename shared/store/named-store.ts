import { UserError } from "../model/errors.js";
import type { PublishedVersion, StoredJob } from "../model/run.js";
import type { InlineSources } from "../model/run-record.js";
import type { Documents, DocumentTable, Stored } from "../platform/documents.js";
import type { Page } from "./runs-store.js";
import { tables } from "./tables.js";

/** Objects that users name, unique within a workspace. */
export interface NamedStore<T> {
  /** @throws UserError NOT_FOUND */
  get(workspace: string, name: string): Promise<Stored<T>>;
  find(workspace: string, name: string): Promise<Stored<T> | undefined>;
  /** Stores a new object; false when the name is taken. */
  insert(workspace: string, name: string, value: T): Promise<boolean>;
  /** Stores a changed object if it is still at that version. */
  replace(workspace: string, name: string, value: T, version: number): Promise<boolean>;
  /** Objects by name. */
  list(workspace: string, limit: number, page: string | null): Promise<Page<Stored<T>>>;
}

/** A stored job with the data sources its scripts carried; the version is the document's. */
export interface JobRecord extends Omit<StoredJob, "version" | "production"> {
  readonly inlineSources: InlineSources;
  readonly production: (PublishedVersion & { readonly inlineSources: InlineSources }) | null;
}

/** Stored jobs by name. */
export function createJobsStore(documents: Documents): NamedStore<JobRecord> {
  return createNamedStore(documents, tables.jobs, "job");
}

function createNamedStore<T>(documents: Documents, table: DocumentTable, noun: string): NamedStore<T> {
  const find = (workspace: string, name: string) => documents.get<T>(table, [workspace, name]);
  return {
    find,
    async get(workspace, name) {
      const found = await find(workspace, name);
      if (!found) throw new UserError("NOT_FOUND", `there is no ${noun} "${name}"`);
      return found;
    },
    insert: (workspace, name, value) => documents.insert(table, [workspace, name], value),
    replace: (workspace, name, value, version) => documents.replace(table, [workspace, name], value, version),
    async list(workspace, limit, page) {
      const after = page === null ? {} : { after: [workspace, page] };
      const found = await documents.list<T>(table, { prefix: [workspace], limit: limit + 1, ...after });
      const items = found.slice(0, limit);
      const last = items.at(-1)?.key[1];
      return { items, nextPage: found.length > limit && last !== undefined ? String(last) : null };
    },
  };
}
