import type { RunRecord } from "../../model/run.js";
import type { Services } from "../../services.js";
import { PLANNING_SLOTS, type PlanningSlot, type WaitingRun } from "../../store/planning-store.js";
import { startPlanner } from "../wake.js";

/** A planner that was started and has not begun is asked for at the platform after this long. */
const COMING_MS = 20_000;

type Ref = Pick<RunRecord, "id" | "workspace" | "createdAt">;

/**
 * Has a run planned: at once if its workspace may have one more slot, else when its turn comes. A run that has a slot
 * already gets another planner.
 *
 * @param reason  calls with the same reason are one call
 */
export async function wakePlanner(services: Services, run: Ref, reason: string): Promise<void> {
  const waiting: WaitingRun = { workspace: run.workspace, run: run.id, createdAt: run.createdAt };
  if (await start(services, waiting, reason)) return;
  await services.planning.enqueue(waiting);
  // The last slot may have come free before we stood in the queue.
  if (await start(services, waiting, reason)) await services.planning.dequeue(waiting);
}

/** Gives the slot of a run to whose turn it is. */
export async function endPlanning(services: Services, run: string): Promise<void> {
  const isFreed = await services.planning.changeSlots((slots) =>
    slots.some((slot) => slot.run === run) ? slots.filter((slot) => slot.run !== run) : undefined,
  );
  if (isFreed) await fillSlots(services);
}

/** Frees the slots of runs that nobody plans any more, and fills what is free. */
export async function sweepSlots(services: Services): Promise<void> {
  const lost: string[] = [];
  for (const slot of await services.planning.slots())
    if (await isLost(services, slot)) lost.push(`${slot.run} ${slot.task}`);
  if (lost.length > 0)
    await services.planning.changeSlots((slots) => slots.filter(({ run, task }) => !lost.includes(`${run} ${task}`)));
  await fillSlots(services);
}

async function fillSlots(services: Services): Promise<void> {
  for (;;) {
    const waiting = await services.planning.firsts();
    // The usual tick: nobody waits.
    const next = waiting.length === 0 ? undefined : whoseTurn(waiting, await services.planning.slots());
    if (!next || !(await start(services, next, "turn"))) return;
    await services.planning.dequeue(next);
  }
}

/** Of the workspaces that wait and may have one more, the one that has least; of equals the one that waited longest. */
function whoseTurn(waiting: readonly WaitingRun[], slots: readonly PlanningSlot[]): WaitingRun | undefined {
  const ranked = waiting
    .filter(({ workspace }) => mayHaveMore(slots, workspace))
    .map((one) => ({ one, held: heldBy(slots, one.workspace) }))
    .sort((a, b) => a.held - b.held || (a.one.createdAt < b.one.createdAt ? -1 : 1));
  return ranked[0]?.one;
}

async function start(services: Services, { workspace, run }: WaitingRun, reason: string): Promise<boolean> {
  const task = `${run}-plan-${reason}`;
  let isOurs = false;
  await services.planning.changeSlots((slots) => {
    const others = slots.filter((slot) => slot.run !== run);
    isOurs = others.length < slots.length || mayHaveMore(slots, workspace);
    return isOurs ? [...others, { workspace, run, task, since: services.now() }] : undefined;
  });
  if (isOurs) await startPlanner(services, run, task);
  return isOurs;
}

/**
 * A workspace may have one more as long as more are free than it has: alone it gets half of all, the next one half of the
 * rest, and the last slot goes only to one that has none.
 */
function mayHaveMore(slots: readonly PlanningSlot[], workspace: string): boolean {
  return heldBy(slots, workspace) < PLANNING_SLOTS - slots.length;
}

function heldBy(slots: readonly PlanningSlot[], workspace: string): number {
  return slots.filter((slot) => slot.workspace === workspace).length;
}

async function isLost(services: Services, { run, task, since }: PlanningSlot): Promise<boolean> {
  const now = services.now();
  const record = (await services.runs.find(run))?.value;
  if (!record || (record.state !== "queued" && record.state !== "planning")) return true;
  if (since + COMING_MS > now) return false;
  if (record.state === "planning") return record.lease === null || record.lease.until <= now;
  return (await services.invoker.taskState("planner", task)) !== "waiting";
}
