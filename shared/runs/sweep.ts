import { isEnded, type RunRecord } from "../model/run.js";
import type { Services } from "../services.js";
import type { ActiveRun } from "../store/runs-store.js";
import { sweepForgotten } from "./end/forget-run.js";
import { sweepRunEnds } from "./end/run-ended.js";
import { completeRunIndex } from "./index-runs.js";
import { endPlanning, sweepSlots, wakePlanner } from "./plan/planning-slots.js";
import { isLeasedByOther } from "./run-lease.js";
import { type ShardOrder, splitSetOf, wakeReducer } from "./wake.js";
import { callIfUnheardOf, callMissingShards, callShard, isHeld } from "./work/call-shards.js";

/** A queued run that is this old and neither has a slot nor waits for one was lost. */
const QUEUED_MS = 20_000;

/**
 * Restarts whatever was lost: runs nobody planned, splits nobody works on, reductions that broke off.
 *
 * @param wave  names this sweep: the same sweep delivered twice starts things once
 */
export async function sweep(services: Services, wave: string): Promise<void> {
  await sweepSlots(services).catch((error) => services.log.error("sweep failed", { error: String(error) }));
  for (const active of await services.runs.active()) {
    try {
      await sweepRun(services, active, wave);
    } catch (error) {
      services.log.error("sweep failed", { run: active.id, error: String(error) });
    }
  }
  for (const part of [sweepRunEnds, sweepForgotten, completeRunIndex])
    await part(services).catch((error) => services.log.error("sweep failed", { error: String(error) }));
}

async function sweepRun(services: Services, active: ActiveRun, wave: string): Promise<void> {
  const { id } = active;
  const found = await services.runs.find(id);
  if (!found || isEnded(found.value.state)) return services.runs.retire(active);
  const run = found.value;
  if (run.state === "queued" && Date.parse(run.createdAt) + QUEUED_MS < services.now())
    return wakeWaiting(services, run, wave);
  if (run.state === "running") return sweepRunning(services, run, wave);
  if (run.state === "queued" || isLeasedByOther(run, "", services.now())) return;
  if (run.state === "planning") return wakePlanner(services, run, wave);
  return wakeReducer(services, id, wave);
}

/** Whose planner is on its way, or who stands in the queue, is not lost. */
async function wakeWaiting(services: Services, run: RunRecord, wave: string): Promise<void> {
  const slots = await services.planning.slots();
  if (!slots.some((slot) => slot.run === run.id)) await wakePlanner(services, run, wave);
}

/**
 * Has a run planned anew at once whose planner is known to be gone: from the platform's failure destination.
 *
 * @param requestId  of the invocation that failed: only a lease of its own is taken from it
 */
export async function replacePlanner(services: Services, run: string, requestId: string): Promise<void> {
  const { run: record } = await services.runs.update(run, (current) =>
    requestId !== "" && current.lease?.owner.startsWith(requestId) ? { ...current, lease: null } : undefined,
  );
  if (record.state === "queued" || record.state === "planning")
    await wakePlanner(services, record, `lost-${requestId}`);
  else await endPlanning(services, run);
  // It may have died before it started the shards.
  if (record.state === "running") await sweepRunning(services, record, `lost-${requestId}`);
}

async function sweepRunning(services: Services, run: RunRecord, wave: string): Promise<void> {
  const splits = (await services.splits.all(splitSetOf(run))).map(({ value }) => value);
  const isBroken = splits.some(({ state }) => state === "failed");
  if (isBroken || splits.every(({ state }) => state === "done")) return wakeReducer(services, run.id, wave);
  await callMissingShards(services, run, splits);
}

/**
 * Takes over at once from a shard whose instance is known to be gone: frees its split and starts a successor.
 * Known from the platform's failure destination; without it, the sweep does the same when the lease has run out.
 */
export async function replaceShard(services: Services, order: ShardOrder): Promise<void> {
  const found = await services.runs.find(order.run);
  if (!found || isEnded(found.value.state)) return;
  const now = services.now();
  for (const split of await services.splits.all(splitSetOf(found.value))) {
    // Left as "claimed" by its owner: whoever claims it next sees that the attempt broke off.
    if (split.value.owner === order.shard && isHeld(split.value, now))
      await services.splits.replace({ ...split, value: { ...split.value, leaseUntil: now - 1 } });
  }
  if (found.value.state !== "running") return wakeReducer(services, order.run, `lost-${order.shard}`);
  const seat = await services.seats.get(order.run, order.index);
  // Its place went to somebody else; where it died between the giving and the call, nobody has called that one yet.
  if (seat && seat.value.shard !== order.shard) return callIfUnheardOf(services, found.value, seat.value);
  await callShard(services, found.value, { number: order.index, seat });
}
