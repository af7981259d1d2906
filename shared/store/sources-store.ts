import type { DataSourceRecord, SourceDefinition } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import type { SourceEnvironment } from "../model/workspace.js";
import type { Documents, Stored } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** A definition taken away from a data source. */
export interface DeletedSource {
  readonly workspace: string;
  readonly name: string;
  readonly type: string;
  readonly environment: SourceEnvironment;
  readonly definition: SourceDefinition;
  /** ISO time; part of the key, with the environment. */
  readonly deletedAt: string;
}

/** Data sources by name, who may use them, and what was deleted. */
export interface SourcesStore {
  /** @throws UserError NOT_FOUND, also for a deleted one */
  get(workspace: string, name: string): Promise<Stored<DataSourceRecord>>;
  find(workspace: string, name: string): Promise<Stored<DataSourceRecord> | undefined>;
  /** What was known of a data source of this name when its last definition was deleted; undefined while there is one. */
  findDeleted(workspace: string, name: string): Promise<DataSourceRecord | undefined>;
  /** Stores a new data source; false when the name is taken. */
  insert(workspace: string, record: DataSourceRecord): Promise<boolean>;
  /** Stores a changed data source if it is still at that version of the document. */
  replace(workspace: string, record: DataSourceRecord, version: number): Promise<boolean>;
  /** Own data sources by name, after a name. */
  list(workspace: string, limit: number, after: string | null): Promise<readonly Stored<DataSourceRecord>[]>;
  /** Remembers that `workspace` may have been granted `owner.name`. */
  noteShared(workspace: string, owner: string, name: string): Promise<void>;
  forgetShared(workspace: string, owner: string, name: string): Promise<void>;
  /** `owner.name` of what may be shared with a workspace, by name. */
  shared(workspace: string): Promise<readonly string[]>;
  /** Remembers that a job may use a data source; `user` is `workspace/job`. */
  noteUse(owner: string, name: string, user: string): Promise<void>;
  /** `workspace/job` of what may use a data source. */
  users(owner: string, name: string): Promise<readonly string[]>;
  keepDeleted(deleted: DeletedSource): Promise<void>;
  forgetDeleted(deleted: DeletedSource): Promise<void>;
  /** Deleted definitions of one data source, or of all; oldest first within a name. */
  deleted(workspace: string, name: string | null): Promise<readonly DeletedSource[]>;
}

/** More entries than this under one key are not looked at. */
const MOST = 10_000;

/** Opens the store over our documents. */
export function createSourcesStore(documents: Documents): SourcesStore {
  return { ...recordsIn(documents), ...indexesIn(documents), ...deletedIn(documents) };
}

type Records = Pick<SourcesStore, "get" | "find" | "findDeleted" | "insert" | "replace" | "list">;

function recordsIn(documents: Documents): Records {
  const stored = (workspace: string, name: string) =>
    documents.get<DataSourceRecord>(storeTables.sources, [workspace, name]);
  const replace: Records["replace"] = (workspace, record, version) =>
    documents.replace(storeTables.sources, { key: [workspace, record.name], value: record, version });
  const find: Records["find"] = async (workspace, name) => {
    const found = await stored(workspace, name);
    return found && exists(found.value) ? found : undefined;
  };
  return {
    find,
    replace,
    async findDeleted(workspace, name) {
      const found = await stored(workspace, name);
      return found && !exists(found.value) ? found.value : undefined;
    },
    async get(workspace, name) {
      const found = await find(workspace, name);
      if (!found) throw new UserError("NOT_FOUND", `there is no data source "${name}"`);
      return found;
    },
    async insert(workspace, record) {
      const old = await stored(workspace, record.name);
      if (!old) return documents.insert(storeTables.sources, { key: [workspace, record.name], value: record });
      if (exists(old.value)) return false;
      return replace(workspace, { ...record, revision: old.value.revision + 1 }, old.version);
    },
    async list(workspace, limit, after) {
      const found: Stored<DataSourceRecord>[] = [];
      for (let last = after; found.length < limit; ) {
        const range = { prefix: [workspace], limit, ...(last !== null && { after: [workspace, last] }) };
        const page = await documents.list<DataSourceRecord>(storeTables.sources, range);
        found.push(...page.filter(({ value }) => exists(value)));
        const end = page.at(-1);
        if (!end || page.length < limit) break;
        last = end.value.name;
      }
      return found.slice(0, limit);
    },
  };
}

function exists({ definitions }: DataSourceRecord): boolean {
  return Object.keys(definitions).length > 0;
}

type Indexes = Pick<SourcesStore, "noteShared" | "forgetShared" | "shared" | "noteUse" | "users">;

function indexesIn(documents: Documents): Indexes {
  return {
    noteShared: async (workspace, owner, name) =>
      void (await documents.insert(storeTables.sharedSources, { key: [workspace, `${owner}.${name}`], value: {} })),
    forgetShared: (workspace, owner, name) =>
      documents.remove(storeTables.sharedSources, [workspace, `${owner}.${name}`]),
    async shared(workspace) {
      const found = await documents.list(storeTables.sharedSources, { prefix: [workspace], limit: MOST });
      return found.map(({ key }) => String(key[1]));
    },
    noteUse: async (owner, name, user) =>
      void (await documents.insert(storeTables.sourceUses, { key: [owner, name, user], value: {} })),
    async users(owner, name) {
      const found = await documents.list(storeTables.sourceUses, { prefix: [owner, name], limit: MOST });
      return found.map(({ key }) => String(key[2]));
    },
  };
}

function deletedIn(documents: Documents): Pick<SourcesStore, "keepDeleted" | "forgetDeleted" | "deleted"> {
  const keyOf = ({ workspace, name, deletedAt, environment }: DeletedSource) => [
    workspace,
    name,
    `${deletedAt} ${environment}`,
  ];
  return {
    async keepDeleted(deleted) {
      if (await documents.insert(storeTables.deletedSources, { key: keyOf(deleted), value: deleted })) return;
      // An earlier try of the same deletion kept a definition that has changed meanwhile.
      await documents.remove(storeTables.deletedSources, keyOf(deleted));
      await documents.insert(storeTables.deletedSources, { key: keyOf(deleted), value: deleted });
    },
    forgetDeleted: (deleted) => documents.remove(storeTables.deletedSources, keyOf(deleted)),
    async deleted(workspace, name) {
      const prefix = name === null ? [workspace] : [workspace, name];
      const found = await documents.list<DeletedSource>(storeTables.deletedSources, { prefix, limit: MOST });
      return found.map(({ value }) => value);
    },
  };
}
