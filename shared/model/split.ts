import type { ErrorReport } from "./errors.js";
import type { Json } from "./json.js";
import type { Counters, Progress } from "./progress.js";
import type { WaitTimes } from "./run.js";

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
