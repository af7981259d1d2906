import type { RunCost } from "./cost.js";
import type { InlineSources } from "./data-source.js";
import type { ErrorReport } from "./errors.js";
import type { InstanceRef } from "./instance.js";
import type { Warning } from "./job.js";
import type { RunPlan } from "./plan.js";
import type { Counters } from "./progress.js";
import type { SourceEnvironment } from "./workspace.js";

/** All that {@link RunState} may be. */
export const runStates = [
  ...(["queued", "planning", "running", "aborting", "publishing"] as const),
  ...(["succeeded", "failed", "cancelled"] as const),
] as const;

/** Where a run stands. Moves only forward, as `shared/runs/transition.ts` decides. */
export type RunState = (typeof runStates)[number];

/** States that nothing leads out of. */
export type EndState = Extract<RunState, "succeeded" | "failed" | "cancelled">;

/** True for states that nothing leads out of. */
export function isEnded(state: RunState): state is EndState {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** What started a run. */
export type RunTrigger =
  | { readonly kind: "http" }
  /** `label` is the planned time as the schedule's clock shows it, `yyyy-MM-ddTHH:mm`; absent in runs of older versions. */
  | { readonly kind: "timer"; readonly scheduledAt: string; readonly label?: string }
  /** `label` as of a timer. */
  | { readonly kind: "backfill"; readonly backfill: string; readonly scheduledAt: string; readonly label: string }
  | { readonly kind: "upload"; readonly bucket: string; readonly key: string; readonly eTag: string };

/** Time in milliseconds that the two halves of the pipe spent waiting: the larger one names the slow side. */
export interface WaitTimes {
  /** Writers waited for an empty pipe: the reader is slow. */
  readonly reader: number;
  /** Readers waited for a full pipe: the writer is slow. */
  readonly writer: number;
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
  /** The instance of the job that it is an attempt of; absent for runs by hand and of older versions. */
  readonly instance?: { readonly origin: string; readonly label: string; readonly attempt: number } | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  /** The time it is for, ISO: a schedule's planned one, else that of a chosen business date or of being asked for. */
  readonly plannedAt: string;
  /**
   * The same as the clock of the job's schedule, else of the workspace, shows it, `yyyy-MM-ddTHH:mm:ss`: business time is counted from it.
   * Absent in runs of older versions.
   */
  readonly plannedLocal?: string;
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
  /** ISO time until which a run that failed or was cancelled can be resumed; null or absent = it cannot. */
  readonly resumableUntil?: string | null;
  /** How often it was resumed; absent = never. */
  readonly resumes?: number;
}

/** A run as stored: what the API shows, plus what the functions need. */
export interface RunRecord extends Run {
  readonly workspace: string;
  /** The script as the user wrote it, connections taken out, parameters not yet substituted. */
  readonly script: string;
  /** Data sources that the script itself carried. */
  readonly inlineSources: InlineSources;
  /** Null until planned. */
  readonly plan: RunPlan | null;
  /** Held while planning, publishing and settling. */
  readonly lease: Lease | null;
  /** How an aborting run ends. */
  readonly outcome: Extract<RunState, "failed" | "cancelled"> | null;
  /** What tells the request with its key from others; absent or null = it had no key. */
  readonly asked?: string | null;
  /** How often planning and finishing were begun. */
  readonly planAttempts: number;
  readonly finishAttempts: number;
}

/** The public part of a run. */
export function viewRun(record: RunRecord): Run {
  const { workspace, script, inlineSources, plan, lease, outcome, planAttempts, finishAttempts, asked, ...run } =
    record;
  return run;
}

/** Who may do a step that must not be done by two at once, and until when (epoch ms). */
export interface Lease {
  readonly owner: string;
  readonly until: number;
}

/** The instance that a run is an attempt of. */
export function instanceOf({ workspace, job, instance }: RunRecord): InstanceRef | undefined {
  if (!instance || job === null) return undefined;
  return { workspace, job, origin: instance.origin, label: instance.label };
}
