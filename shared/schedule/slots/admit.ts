import type { Services } from "../../services.js";
import { instanceId } from "../../store/instances-store.js";
import type { GroupSlots, ReadyInstance, SlotHolder } from "../../store/slots-store.js";
import { admitQueued } from "../instances/slots.js";
import { comingRunOf } from "./release.js";
import { startHolder } from "./start-holder.js";

/** A holder whose run was not begun after this long is begun again. */
const LOST_MS = 60_000;
const AT_ONCE = 16;

/**
 * Gives the free slots of a group to whose turn it is, and starts them. Of two at once one finds nothing left to give.
 * What cannot be started now is started by the look at the group that was noted before.
 */
export async function admit(services: Services, group: string): Promise<void> {
  for (;;) {
    const queue = await services.slots.queue(group);
    if (queue.length === 0) return;
    await noteLook(services, group);
    const admitted = await give(services, group, queue);
    if (admitted.length === 0) return;
    const given: boolean[] = [];
    for (let at = 0; at < admitted.length; at += AT_ONCE)
      given.push(...(await Promise.all(admitted.slice(at, at + AT_ONCE).map((one) => start(services, group, one)))));
    // Who did not take its slots left them to others.
    if (given.every((isTaken) => isTaken)) return;
  }
}

async function give(
  services: Services,
  group: string,
  queue: readonly ReadyInstance[],
): Promise<readonly SlotHolder[]> {
  const nowMs = services.now();
  const cap = services.resourceGroups[group] ?? 1;
  let admitted: readonly SlotHolder[] = [];
  await services.slots.change(group, (slots) => {
    const free = cap - slots.holders.reduce((sum, { ready }) => sum + ready.weight, 0);
    const waiting = withinCaps(queue, slots);
    const { blocked } = slots;
    const turn = admitQueued(
      waiting.map((one) => ({ ...one, id: instanceId(one), weight: Math.min(one.weight, cap) })),
      { free, nowMs, blockedSince: (id) => (blocked?.id === id ? blocked.since : null) },
    );
    const ids = new Set(turn.admitted.map(({ id }) => id));
    admitted = waiting
      .filter((one) => ids.has(instanceId(one)))
      .map((ready) => ({ run: comingRunOf(ready), ready, since: nowMs }));
    const head = turn.blocked?.id ?? null;
    const next = head === null ? null : { id: head, since: blocked?.id === head ? blocked.since : nowMs };
    if (admitted.length === 0 && next?.id === blocked?.id) return undefined;
    return { holders: [...slots.holders, ...admitted], blocked: next };
  });
  return admitted;
}

/** Who has slots already waits no more; of jobs whose instances are in no order so many may run at once. */
function withinCaps(queue: readonly ReadyInstance[], { holders }: GroupSlots): readonly ReadyInstance[] {
  const held = new Set(holders.map(({ run }) => run));
  const counts = new Map<string, number>();
  const nameOf = ({ workspace, job }: ReadyInstance) => `${workspace}/${job}`;
  for (const { ready } of holders) counts.set(nameOf(ready), (counts.get(nameOf(ready)) ?? 0) + 1);
  return queue.filter((one) => {
    if (held.has(comingRunOf(one))) return false;
    const count = counts.get(nameOf(one)) ?? 0;
    if (one.mostOfJob !== null && count >= one.mostOfJob) return false;
    counts.set(nameOf(one), count + 1);
    return true;
  });
}

/** @returns false when the slots are free again */
async function start(services: Services, group: string, holder: SlotHolder): Promise<boolean> {
  try {
    return await startHolder(services, group, holder);
  } catch (error) {
    services.log.error("instance not started", { run: holder.run, job: holder.ready.job, error: String(error) });
    return true;
  }
}

/** Has the group looked at in the minute after next, as long as somebody holds slots or waits. */
export async function noteLook(services: Services, group: string): Promise<void> {
  const minute = Math.ceil((services.now() + LOST_MS) / LOST_MS) * LOST_MS;
  await services.due.noteAll([{ at: new Date(minute).toISOString(), hint: { kind: "slots", group } }]);
}
