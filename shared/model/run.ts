import type { ErrorReport } from "./errors.js";
import type { Warning } from "./job.js";
import type { Json } from "./json.js";
import type { Counters, Progress } from "./progress.js";
import type { SideZone } from "./side-zone.js";
import type { SourceEnvironment } from "./workspace.js";

/** All that {@link RunState} may be. */
export const runStates = [
  ...(["queued", "planning", "running", "aborting", "publishing"] as const),
  ...(["succeeded", "failed", "cancelled"] as const),
] as const;

/** Where a run stands. Moves only forward, as `shared/runs/transition.ts` decides. */
export type RunState = (typeof runStates)[number];

/** What started a run. */
export type RunTrigger =
  | { readonly kind: "http" }
  | { readonly kind: "timer"; readonly scheduledAt: string }
  | { readonly kind: "upload"; readonly bucket: string; readonly key: string; readonly eTag: string };

/** Time in milliseconds that the two halves of the pipe spent waiting: the larger one names the slow side. */
export interface WaitTimes {
  /** Writers waited for an empty pipe: the reader is slow. */
  readonly reader: number;
  /** Readers waited for a full pipe: the writer is slow. */
  readonly writer: number;
}

/** What a run used of Function Compute, and the list price of that. */
export interface RunCost {
  readonly vcpuSeconds: number;
  readonly gbSeconds: number;
  /** Invocations. */
  readonly requests: number;
  /** Estimated; Tablestore, OSS and outbound traffic come on top. */
  readonly usd: number;
  /** Date of the price table, `yyyy-MM-dd`. */
  readonly pricesAsOf: string;
}

/** A cost before the run, and what it takes for granted. */
export interface PlanCost extends RunCost {
  readonly assumption: string;
}

/** One execution of a job, as stored and as the API shows it. */
export interface Run {
  readonly id: string;
  /** Name of the stored job; null for a script run directly. */
  readonly job: string | null;
  /** Whose definitions of the data sources it uses. */
  readonly environment: SourceEnvironment;
  readonly state: RunState;
  readonly trigger: RunTrigger;
  readonly parameters: Readonly<Record<string, string>>;
  /** ISO times, UTC. */
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly reader: string;
  readonly writer: string;
  /** How many shards work at once, at most. */
  readonly concurrent: number;
  readonly splits: { readonly total: number; readonly done: number };
  /** Estimated records, where the source offers an estimate. */
  readonly estimatedRows: number | null;
  /** Sums over the splits; live while the run goes. */
  readonly counters: Counters;
  readonly waitMs: WaitTimes;
  /** Delivery class in force; null until planned. */
  readonly delivery: string | null;
  readonly errorLimit: { readonly record: number | null; readonly percentage: number | null };
  /** Dirty records kept in OSS; smaller than `counters.dirty` when the cap was reached. */
  readonly dirtyKept: number;
  readonly warnings: readonly Warning[];
  /** What writers and the engine want the user to know. */
  readonly notes: readonly string[];
  /** Of its dispatcher, shard and reducer calls so far, and the request that started it; null in lists. */
  readonly cost: RunCost | null;
  readonly error: ErrorReport | null;
}

/** Where a split stands. */
export type SplitState = "pending" | "claimed" | "done" | "failed";

/** A split of a run, as stored and as the API shows it. */
export interface SplitRow {
  readonly run: string;
  readonly number: number;
  readonly state: SplitState;
  readonly describe: string;
  readonly spec: Json;
  readonly estimatedRows: number | null;
  /** 1-based once claimed. */
  readonly attempt: number;
  /** Attempts in a row that ended without progress: too many fail the run. */
  readonly failures: number;
  /** The last attempt ended without saying so: the target may hold more than `progress`. */
  readonly uncertain: boolean;
  /** The shard that holds or held it. */
  readonly owner: string | null;
  /** Epoch ms until which the claim holds; for a pending split, until which nobody should claim it. */
  readonly leaseUntil: number;
  /** Safely in the target. */
  readonly progress: Progress;
  /** What the shard has seen, possibly ahead of `progress`; equal to it when done. */
  readonly live: Counters;
  readonly waitMs: WaitTimes;
  readonly dirtyKept: number;
  /** The writer's publish token, once done. */
  readonly token: Json;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly error: ErrorReport | null;
}

/** A split as the API shows it: without the connector's own data. */
export type SplitView = Omit<SplitRow, "spec" | "token" | "progress" | "run" | "uncertain">;

/** A dirty record as kept in OSS and listed by the API: one JSON line. Bytes are `{ "base64": … }`. */
export interface KeptDirtyRecord {
  readonly run: string;
  readonly split: number;
  readonly side: "reader" | "writer";
  readonly reason: string;
  readonly message: string;
  readonly column: string | null;
  readonly key: string | null;
  readonly cells: readonly (string | null | { readonly base64: string })[];
}

/** What `plan` answers: everything a run would do, nothing moved. */
export interface PlanReport {
  readonly reader: PlanSide;
  readonly writer: PlanSide;
  readonly delivery: string;
  readonly concurrent: number;
  readonly splits: readonly {
    readonly describe: string;
    readonly rows: number | null;
    readonly bytes: number | null;
  }[];
  readonly estimatedRows: number | null;
  /** Null when the source tells neither rows nor bytes. */
  readonly cost: PlanCost | null;
  /** Column pairs by position. */
  readonly mapping: readonly {
    readonly from: string;
    readonly fromType: string;
    readonly to: string;
    readonly toType: string;
    readonly warning: string | null;
  }[];
  readonly warnings: readonly Warning[];
}

/** One side of a plan. */
export interface PlanSide {
  readonly type: string;
  readonly dataSources: readonly string[];
  readonly timeZone: SideZone;
}

/** What a job does and when it starts: one version of it. */
export interface JobVersion {
  /** The script as the user wrote it; connections that it carried are taken out, and comments with them. */
  readonly script: string;
  readonly schedule: { readonly cron: string; readonly timeZone: string } | null;
  readonly subscription: { readonly bucket: string; readonly prefix: string; readonly suffix: string } | null;
  /** Values for `${name}` when the job is started by its schedule or an upload. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names of the data sources that the script uses. */
  readonly dataSources: readonly string[];
}

/** The version that schedules and uploads start. */
export interface PublishedVersion extends JobVersion {
  /** Version of the job that was published. */
  readonly version: number;
  readonly publishedAt: string;
}

/** A stored job: its draft, and what is published of it. In a basic workspace saving publishes. */
export interface StoredJob extends JobVersion {
  readonly name: string;
  readonly production: PublishedVersion | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A stored job as lists show it: small whatever is stored, without scripts and parameters. */
export interface JobSummary extends Omit<StoredJob, "script" | "parameters" | "production"> {
  readonly production: Omit<PublishedVersion, "script" | "parameters"> | null;
}

/** One half of a data source as the API shows it: secrets masked. */
export interface DefinitionView {
  readonly description: string;
  readonly tags: readonly string[];
  /** The resource group it must be reached from; null = any. */
  readonly resourceGroup: string | null;
  readonly properties: Readonly<Record<string, Json | undefined>>;
  /** The last connectivity test; null = not tested since the properties changed. */
  readonly connectivity: { readonly ok: boolean; readonly at: string; readonly message: string } | null;
  readonly updatedAt: string;
}

/** A data source as the API shows it. What stands beside `definitions` is that of production, else of development. */
export interface DataSourceView extends DefinitionView {
  /** `workspace.name` for one that another workspace shares. */
  readonly name: string;
  readonly type: string;
  /** Where it is configured; null in a basic workspace, which has one environment. */
  readonly applicableEnvironment: SourceEnvironment | "both" | null;
  /** Whether nothing is left to configure in this kind of workspace. */
  readonly complete: boolean;
  readonly missing: readonly SourceEnvironment[];
  readonly definitions: Readonly<Partial<Record<SourceEnvironment, DefinitionView>>>;
  /** The workspace that shares it; null for an own one. */
  readonly sharedBy: string | null;
  /** Workspaces it is shared with; empty for a shared one. */
  readonly grants: readonly { readonly workspace: string; readonly environments: readonly SourceEnvironment[] }[];
  readonly version: number;
  readonly createdAt: string;
}
