import { UserError } from "../../model/errors.js";
import { type InstanceRecord, type InstanceRef, type InstanceState, isOver } from "../../model/instance.js";
import { cancelRun } from "../../runs/end/abort.js";
import { isoNow, type Services } from "../../services.js";
import { rerunOf } from "../instances/policies.js";
import { type InstanceEvent, transitionInstance } from "../instances/transition.js";

/** What a user asks of an instance. */
export type HandOrder =
  | { readonly kind: "rerun"; readonly version: "inForce" | "same" }
  | { readonly kind: "succeed" | "freeze" | "unfreeze" | "cancel" };

/**
 * Carries out a user's order on an instance; whoever waits for it is looked at a moment later.
 *
 * @param by  who asked, as it is shown
 * @throws UserError NOT_FOUND; CONFLICT when its state does not allow that, saying what would
 */
export async function changeByHand(
  services: Services,
  ref: InstanceRef,
  { order, by }: { readonly order: HandOrder; readonly by: string },
): Promise<InstanceRecord> {
  const record = await applyByHand(services, ref, { order, by });
  await lookSoon(services, [ref]);
  return record;
}

/** As {@link changeByHand}, without a look at anybody: for who changes several and has all looked at together. */
export async function applyByHand(
  services: Services,
  ref: InstanceRef,
  { order, by }: { readonly order: HandOrder; readonly by: string },
): Promise<InstanceRecord> {
  const { value: before } = await services.instances.get(ref);
  if (order.kind === "cancel" && before.state === "running" && before.run !== null) {
    // Its end is that of the instance.
    await cancelRun(services, before.run);
    return before;
  }
  // The same order again, whose answer was lost.
  if (order.kind !== "rerun" && done[order.kind].includes(before.state)) return before;
  const policies = (await services.schedules.find(ref))?.value.policies ?? {};
  const event = eventOf(order, by, rerunOf(policies));
  let refusal = "";
  // The look first: whoever dies behind the change is followed by it.
  await services.due.note({ at: isoNow(services), hint: { kind: "instance", ...named(ref) } });
  const answer = await services.instances.update(ref, (current) => {
    const next = transitionInstance(current, event);
    refusal = next.ok ? "" : next.refusal;
    if (!next.ok) return undefined;
    const keepsVersion = order.kind === "rerun" ? order.version === "same" : current.keepsVersion;
    const endedAt = isOver(next.instance.state) ? isoNow(services) : null;
    return { ...current, ...next.instance, keepsVersion, endedAt, waitsFor: null, isDry: false };
  });
  if (answer?.changed) return answer.record;
  throw new UserError("CONFLICT", `instance ${ref.label} of job "${ref.job}": ${refusal}`);
}

/** States in which an order has nothing left to do. */
const done: Readonly<Record<Exclude<HandOrder["kind"], "rerun">, readonly InstanceState[]>> = {
  succeed: ["succeeded"],
  freeze: ["frozen"],
  unfreeze: ["waiting", "ready", "running"],
  cancel: ["cancelled"],
};

function eventOf(order: HandOrder, by: string, policy: ReturnType<typeof rerunOf>): InstanceEvent {
  switch (order.kind) {
    case "rerun":
      return { kind: "rerun", by, policy };
    case "succeed":
      return { kind: "setSucceeded", by };
    case "freeze":
      return { kind: "freeze", by };
    case "unfreeze":
      return { kind: "unfreeze" };
    case "cancel":
      return { kind: "cancel", by };
  }
}

function named({ workspace, job, origin, label }: InstanceRef): InstanceRef {
  return { workspace, job, origin, label };
}

/** As many as one call is told of: its payload has a limit. */
const ORDER_SIZE = 200;

/** Has the dispatcher look at instances, and at those that wait for them. */
export async function lookSoon(services: Services, refs: readonly InstanceRef[]): Promise<void> {
  for (let at = 0; at < refs.length; at += ORDER_SIZE) {
    const some = refs.slice(at, at + ORDER_SIZE).map(named);
    const task = `hand-${services.now()}-${Math.random().toString(36).slice(2)}`;
    await services.invoker.start("dispatcher", { kind: "instances", instances: some.map((ref) => ({ ...ref })) }, task);
  }
}
