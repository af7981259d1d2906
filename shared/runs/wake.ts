import { allInOrder } from "../model/all-in-order.js";
import type { RunRecord } from "../model/run-record.js";
import { shardFunctionOf } from "../platform/resource-groups.js";
import { groupOfRun } from "./resource-group.js";
import type { Services } from "./services.js";

/** What a shard invocation is told. Ids only. */
export interface ShardOrder {
  readonly run: string;
  /** Unique name of this shard: owner of its claims. */
  readonly shard: string;
  /** Which of how many shards it was when they were started: where it begins to look for work. */
  readonly index: number;
  readonly of: number;
}

/** What a reducer invocation is told. */
export interface ReduceOrder {
  readonly run: string;
}

/**
 * Starts shards.
 *
 * @param wave  names this start among all starts for the run: the same wave started twice starts once
 */
export async function startShards(services: Services, run: RunRecord, wave: string, count: number): Promise<void> {
  const orders = Array.from(
    { length: count },
    (_, index): ShardOrder => ({ run: run.id, shard: `${run.id}-${wave}-${index}`, index, of: count }),
  );
  await allInOrder(orders.map((order) => startShard(services, run, order)));
}

/** Starts one shard of a run, in the run's resource group, under the shard's own name. */
export async function startShard(services: Services, run: RunRecord, order: ShardOrder): Promise<void> {
  await services.invoker.start(shardFunctionOf(groupOfRun(run)), { ...order }, order.shard);
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

/** Hands a new run to the dispatcher. */
export async function wakePlanner(services: Services, run: string, reason: string): Promise<void> {
  await services.invoker.start("dispatcher", { kind: "run", run }, `${run}-plan-${reason}`);
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
