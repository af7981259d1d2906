import { UserError } from "../model/errors.js";
import { DEFAULT_WORKSPACE_ZONE } from "../model/side-zone.js";
import { DEFAULT_WORKSPACE, type Workspace } from "../model/workspace.js";
import type { Documents, Stored } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** Workspaces by name. The default one exists, basic, before anybody stores it. */
export interface WorkspacesStore {
  /** Version 0 = not stored yet. @throws UserError NOT_FOUND */
  get(name: string): Promise<Stored<Workspace>>;
  /** Stores a new workspace; false when the name is taken. */
  insert(workspace: Workspace): Promise<boolean>;
  /** Stores a changed workspace if it is still at that version. */
  replace(workspace: Workspace, version: number): Promise<boolean>;
  /** All workspaces by name. */
  all(): Promise<readonly Workspace[]>;
}

const implicit: Workspace = {
  name: DEFAULT_WORKSPACE,
  mode: "basic",
  description: "",
  timeZone: DEFAULT_WORKSPACE_ZONE,
  createdAt: null,
  upgradedAt: null,
};

const MOST = 10_000;

/** Opens the store over our documents. */
export function createWorkspacesStore(documents: Documents): WorkspacesStore {
  return {
    async get(name) {
      const found = await documents.get<Workspace>(storeTables.workspaces, [name]);
      if (found) return { ...found, value: whole(found.value) };
      if (name === DEFAULT_WORKSPACE) return { key: [name], value: implicit, version: 0 };
      throw new UserError("NOT_FOUND", `there is no workspace "${name}"`);
    },
    insert: (workspace) => documents.insert(storeTables.workspaces, { key: [workspace.name], value: workspace }),
    replace: (workspace, version) =>
      documents.replace(storeTables.workspaces, { key: [workspace.name], value: workspace, version }),
    async all() {
      const found = await documents.list<Workspace>(storeTables.workspaces, { prefix: [], limit: MOST });
      const stored = found.map(({ value }) => whole(value));
      return stored.some(({ name }) => name === DEFAULT_WORKSPACE) ? stored : [implicit, ...stored];
    },
  };
}

/** Rows of workspaces that were made before workspaces had zones lack one. */
function whole(stored: Workspace): Workspace {
  return { ...stored, timeZone: stored.timeZone ?? DEFAULT_WORKSPACE_ZONE };
}
