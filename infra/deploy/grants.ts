import type { Program } from "../../shared/platform/functions.js";
import type { storeTables } from "../../shared/store/tables.js";

/** What a function does with a table: one row, a range, or the two kinds of change; and rows together, changed in either way. */
export type TableVerb = "read" | "list" | "write" | "remove" | "readMany" | "writeMany";

/** What a function does with objects of our own bucket. */
export type ObjectVerb = "read" | "list" | "write" | "remove";

/** Whom a function calls: `groups` are the shard functions of all resource groups but the default one. */
export type Callee = Exclude<Program, "api"> | "groups";

/** What the role of a function may do with the things that are Sluice's own. */
export interface Grants {
  readonly tables: Readonly<Partial<Record<keyof typeof storeTables, readonly TableVerb[]>>>;
  /** Dirty records and whatever else a run leaves, below the prefix `runs/`. */
  readonly dirty: readonly ObjectVerb[];
  /** With the failure destination: FC calls it with the role of the function that failed. */
  readonly calls: readonly Callee[];
  /** Whether it asks the platform what became of calls to shard functions. */
  readonly asks?: boolean;
  /** Actions of KMS on the key that seals secrets. */
  readonly kms: readonly ("GenerateDataKey" | "Decrypt")[];
}

/** Roles: one per function; every resource group but the default one has a `shard-group` of its own. */
export type RoleName = Program | "shard-group";

/**
 * Who does what. A test compares it with the calls of the end-to-end suite: every call is allowed, and nothing is that
 * no call needs, but for {@link uncalled}.
 */
export const grants: Readonly<Record<RoleName, Grants>> = {
  api: {
    tables: {
      workspaces: ["read", "list", "write"],
      quotas: ["read", "write"],
      sources: ["read", "list", "write"],
      sourceUses: ["list", "write"],
      sharedSources: ["list", "write", "remove"],
      deletedSources: ["list", "write", "remove"],
      jobs: ["read", "list", "write"],
      jobVersions: ["read", "list", "write", "remove"],
      due: ["read", "write"],
      schedules: ["read", "write", "readMany"],
      instances: ["read", "list", "write", "readMany"],
      instanceIndex: ["list", "writeMany"],
      dependants: ["list", "writeMany"],
      subscriptions: ["read", "write", "remove"],
      runs: ["read", "write"],
      runIndex: ["list", "write", "remove"],
      runsBy: ["list", "write", "remove"],
      activeRuns: ["list", "write"],
      planning: ["read", "write"],
      planningQueue: ["write", "remove"],
      splits: ["list"],
      usage: ["list"],
      tokens: ["read", "write"],
      tokenIndex: ["read", "list", "write"],
      members: ["read", "list", "write", "remove"],
      audit: ["list", "write"],
      answers: ["read", "write", "remove"],
    },
    dirty: ["list", "read"],
    calls: ["dispatcher", "planner", "reducer", "shard", "groups"],
    kms: ["GenerateDataKey", "Decrypt"],
  },
  dispatcher: {
    tables: {
      workspaces: ["read", "list"],
      sources: ["read"],
      quotas: ["read"],
      jobs: ["read", "list"],
      due: ["read", "list", "write", "readMany", "writeMany"],
      schedules: ["read", "list", "write", "readMany", "writeMany"],
      instances: ["read", "list", "write", "readMany", "writeMany"],
      instanceIndex: ["writeMany"],
      waits: ["read", "list", "write", "writeMany"],
      ready: ["list", "writeMany"],
      slots: ["read", "write"],
      dependants: ["list", "writeMany"],
      subscriptions: ["list", "read", "write"],
      state: ["read", "write"],
      runs: ["read", "write"],
      runIndex: ["list", "write", "remove"],
      runsBy: ["write", "remove"],
      runEnds: ["list", "write", "remove"],
      resumables: ["list", "write", "remove"],
      throttles: ["remove"],
      activeRuns: ["list", "write", "remove"],
      planning: ["read", "write"],
      planningQueue: ["list", "write", "remove"],
      splits: ["list", "write"],
      seats: ["list", "write"],
    },
    dirty: [],
    calls: ["dispatcher", "planner", "reducer", "shard", "groups"],
    asks: true,
    kms: [],
  },
  planner: {
    tables: {
      workspaces: ["read"],
      sources: ["read"],
      runs: ["read", "write"],
      planning: ["read", "write"],
      planningQueue: ["list", "remove"],
      splits: ["list", "write"],
      seats: ["list", "write"],
      usage: ["write"],
    },
    dirty: [],
    calls: ["dispatcher", "planner", "reducer", "shard", "groups"],
    asks: true,
    kms: ["Decrypt"],
  },
  shard: {
    tables: {
      workspaces: ["read"],
      sources: ["read"],
      runs: ["read", "write"],
      splits: ["list", "write"],
      seats: ["read", "write"],
      agreements: ["read", "write"],
      throttles: ["read", "write"],
      usage: ["write"],
    },
    dirty: ["list", "write", "remove"],
    calls: ["dispatcher", "reducer", "shard"],
    kms: ["Decrypt"],
  },
  "shard-group": {
    tables: {
      workspaces: ["read"],
      sources: ["read"],
      runs: ["read", "write"],
      activeRuns: ["remove"],
      runsBy: ["write"],
      runEnds: ["write", "remove"],
      resumables: ["write"],
      planning: ["read", "write"],
      planningQueue: ["list", "remove"],
      splits: ["list", "write"],
      seats: ["read", "list", "write"],
      agreements: ["read", "write"],
      throttles: ["read", "write", "remove"],
      usage: ["write"],
    },
    dirty: ["list", "write", "remove"],
    calls: ["dispatcher", "planner", "reducer", "groups"],
    kms: ["Decrypt"],
  },
  reducer: {
    tables: {
      runs: ["read", "write"],
      activeRuns: ["remove"],
      runsBy: ["write"],
      runEnds: ["write", "remove"],
      resumables: ["write"],
      splits: ["list"],
      throttles: ["remove"],
      usage: ["write"],
    },
    dirty: [],
    calls: ["dispatcher", "reducer", "groups"],
    kms: ["Decrypt"],
  },
};
