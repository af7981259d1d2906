import type { RunRecord } from "../model/run.js";
import type { FunctionName } from "../platform/functions.js";
import { shardFunctionOf } from "../platform/resource-groups.js";
import type { Services } from "../services.js";
import { groupOfRun } from "./run-group.js";

/** What a shard invocation is told. Ids only. */
export interface ShardOrder {
  readonly run: string;
  /** Unique name of this shard: owner of its claims. */
  readonly shard: string;
  /** Number of the seat it is called to, of how many: also where it begins to look for work. */
  readonly index: number;
  readonly of: number;
}

/** What a reducer invocation is told. */
export interface ReduceOrder {
  readonly run: string;
}

/** Starts one shard of a run, in the run's resource group, under the shard's own name. */
export async function startShard(services: Services, run: RunRecord, order: ShardOrder): Promise<void> {
  const { name, taskId } = shardTask(run, order.shard);
  await services.invoker.start(name, { ...order }, taskId);
}

/** The call of a shard as the platform knows it. */
export function shardTask(run: RunRecord, shard: string): { name: FunctionName; taskId: string } {
  return { name: shardFunctionOf(groupOfRun(run)), taskId: shard };
}

/**
 * Wakes the reducer of a run.
 *
 * @param reason  calls with the same reason are one call: that keeps n splits from costing n reductions
 */
export async function wakeReducer(services: Services, run: string, reason: string): Promise<void> {
  const order: ReduceOrder = { run };
  await services.invoker.start("reducer", { ...order }, `${run}-reduce-${reason}`);
}

/** Starts a planner for a run that has a slot; see `planning-slots.ts`. */
export async function startPlanner(services: Services, run: string, task: string): Promise<void> {
  await services.invoker.start("planner", { kind: "plan", run }, task);
}

/** The name of the shard that takes over from another one: `…-0` hands over to `…-0-n1`, that one to `…-0-n2`. */
export function successorOf(shard: string): string {
  const found = /^(.*)-n(\d+)$/.exec(shard);
  return found ? `${found[1]}-n${Number(found[2]) + 1}` : `${shard}-n1`;
}

/** The splits of the run's present planning. */
export function splitSetOf(record: RunRecord): { run: string; generation: number } {
  return { run: record.id, generation: record.plan?.generation ?? 0 };
}

/** A reason for a call that a run has once in each of its lives: a run that was resumed would not be called for the old one again. */
export function inLife({ resumes = 0 }: Pick<RunRecord, "resumes">, reason: string): string {
  return resumes === 0 ? reason : `${reason}-${resumes}`;
}
