import { UserError } from "../../model/errors.js";
import { type InstanceRecord, type InstanceRef, isOver } from "../../model/instance.js";
import { cancelRun } from "../../runs/end/abort.js";
import type { Services } from "../../services.js";
import type { ScheduleRecord } from "../../store/schedules-store.js";
import type { ReadyInstance } from "../../store/slots-store.js";
import { type Hold, holdOf, isSatisfied } from "./holds.js";
import { type InstanceEvent, transitionInstance } from "./transition.js";

/** What became of an instance that was looked at: the group whose queue it stands in, and whether others may go on now. */
export interface Advanced {
  /** Null = it does not wait for slots. */
  readonly group: string | null;
  /** Nothing will run: who waits for it is to be looked at. */
  readonly isOver: boolean;
}

const stays: Advanced = { group: null, isOver: false };

/**
 * Looks at a waiting instance: registers it with what holds it, or puts it in the queue for slots. Writes the wait first and
 * then looks whether it is over, so that whoever ends the awaited one meanwhile is met by one of the two. May be repeated.
 */
export async function advanceInstance(services: Services, ref: InstanceRef): Promise<Advanced> {
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const instance = (await services.instances.find(ref))?.value;
    if (!instance) return stays;
    const schedule = (await services.schedules.find(ref))?.value;
    // Whoever made it ready may have died before it stood in the queue.
    if (instance.state === "ready") return queued(services, instance, schedule);
    if (instance.state !== "waiting") return { group: null, isOver: isOver(instance.state) };
    if (instance.notBefore !== null && instance.notBefore > services.now()) return laterOn(services, instance);
    const hold = await holdOf(services, instance, schedule);
    const next = hold ? await held(services, instance, { hold, schedule }) : await released(services, instance);
    if (next === "waits") return stays;
    if (next === "skipped") return { group: null, isOver: true };
  }
  throw new Error(`instance ${ref.job} ${ref.label} changes too often to be looked at`);
}

/** What is awaited may change as often as that while one looks. */
const MOST_ROUNDS = 50;

async function laterOn(services: Services, { notBefore, ...instance }: InstanceRecord): Promise<Advanced> {
  const { workspace, job, origin, label } = instance;
  const at = new Date(notBefore ?? 0).toISOString();
  await services.due.noteAll([{ at, hint: { kind: "instance", workspace, job, origin, label } }]);
  return stays;
}

type Outcome = "again" | "waits" | "skipped";

async function held(
  services: Services,
  instance: InstanceRecord,
  { hold, schedule }: { readonly hold: Hold; readonly schedule: ScheduleRecord | undefined },
): Promise<Outcome> {
  const { workspace } = instance;
  const { awaited } = hold;
  const whenBusy = instance.origin === "s" && hold.isOrder ? (schedule?.policies.whenBusy ?? "queue") : "queue";
  if (whenBusy === "skip") return skip(services, instance, "busy");
  const other = { workspace, job: awaited.job, origin: awaited.origin, label: awaited.label };
  await services.waits.note(other, instance);
  const isKnown = instance.reason === reasonOf(hold) && JSON.stringify(instance.waitsFor) === JSON.stringify(awaited);
  const isNoted =
    isKnown ||
    (await change(services, instance, {
      event: { kind: "wait", reason: reasonOf(hold) },
      also: { waitsFor: awaited },
    }));
  if (whenBusy === "cancel") await cancelBusy(services, other);
  if (!isNoted) return "again";
  return isSatisfied(awaited.until, await services.instances.stateOf(other)) ? "again" : "waits";
}

function reasonOf({ awaited, isOrder }: Hold): string {
  return isOrder ? `waits for its turn after ${awaited.label}` : `waits for ${awaited.job} ${awaited.label}`;
}

async function cancelBusy(services: Services, ref: InstanceRef): Promise<void> {
  const busy = (await services.instances.find(ref))?.value;
  if (busy?.state !== "running" || busy.run === null) return;
  try {
    await cancelRun(services, busy.run);
  } catch (error) {
    // It ends by itself, or is about to come to be; either way its end is waited for.
    if (!(error instanceof UserError)) throw error;
  }
}

async function released(services: Services, instance: InstanceRecord): Promise<Outcome> {
  if (instance.isDry) return skip(services, instance, "dry run");
  await change(services, instance, {
    event: { kind: "satisfied" },
    also: { waitsFor: null, readySince: services.now() },
  });
  return "again";
}

async function skip(services: Services, instance: InstanceRecord, reason: "busy" | "dry run"): Promise<Outcome> {
  const isSkipped = await change(services, instance, { event: { kind: "skip", reason }, also: { waitsFor: null } });
  return isSkipped ? "skipped" : "again";
}

/** Makes an event of the instance as it was read; false when it has moved on. */
async function change(
  services: Services,
  seen: InstanceRecord,
  { event, also }: { readonly event: InstanceEvent; readonly also: Partial<InstanceRecord> },
): Promise<boolean> {
  const { workspace, job, origin, label } = seen;
  const answer = await services.instances.update({ workspace, job, origin, label }, (current) => {
    if (current.state !== seen.state || current.attempt !== seen.attempt) return undefined;
    const next = transitionInstance(current, event);
    const endedAt = event.kind === "skip" ? new Date(services.now()).toISOString() : current.endedAt;
    return next.ok ? { ...current, ...next.instance, ...also, endedAt } : undefined;
  });
  return answer?.changed ?? false;
}

async function queued(
  services: Services,
  instance: InstanceRecord,
  schedule: ScheduleRecord | undefined,
): Promise<Advanced> {
  const group = schedule?.group ?? "default";
  await services.slots.enqueue(group, [readyOf(instance, schedule)]);
  return { group, isOver: false };
}

/** An instance as it stands in the queue for slots. */
export function readyOf(
  { workspace, job, origin, label, ...instance }: InstanceRecord,
  schedule: Pick<ScheduleRecord, "weight" | "policies"> | undefined,
): ReadyInstance {
  return {
    ...{ workspace, job, origin, label },
    priority: instance.priority,
    at: Date.parse(instance.dueAt),
    readySince: instance.readySince ?? Date.parse(instance.madeAt),
    weight: schedule?.weight ?? 1,
    attempt: instance.attempt,
    mostOfJob: origin.startsWith("u") ? (schedule?.policies.parallel ?? 16) : null,
  };
}
