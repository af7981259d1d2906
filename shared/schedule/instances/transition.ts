import type { InstanceState, ScheduledInstance } from "../../model/instance.js";

/** When a job may run the same label again. */
export type RerunPolicy = "always" | "afterFailure" | "never";

/** What can happen to an instance. */
export type InstanceEvent =
  /** It was looked at anew: what it waits for, in words. */
  | { readonly kind: "wait"; readonly reason: string }
  | { readonly kind: "satisfied" }
  /** What it waited for is done again. */
  | { readonly kind: "reconsider" }
  | { readonly kind: "start"; readonly run: string }
  | { readonly kind: "succeed" }
  | { readonly kind: "fail"; readonly reason: string; readonly retry: Retry; readonly at: number }
  | { readonly kind: "cancel"; readonly by: string }
  | { readonly kind: "skip"; readonly reason: "dry run" | "missed" | "excluded" | "busy" }
  | { readonly kind: "freeze"; readonly by: string }
  | { readonly kind: "unfreeze" }
  | { readonly kind: "setSucceeded"; readonly by: string }
  | { readonly kind: "rerun"; readonly by: string; readonly policy: RerunPolicy };

/** How often a failure, a time-out included, is tried again by itself. */
export interface Retry {
  readonly most: number;
  readonly pauseMs: number;
}

/** What an event makes of an instance, or why it means nothing. A refusal is normal: everything may be delivered twice. */
export type InstanceTransition =
  | { readonly ok: true; readonly instance: ScheduledInstance }
  | { readonly ok: false; readonly refusal: string };

const notStarted = ["waiting", "ready"] as const;

const allowed: Readonly<Record<InstanceEvent["kind"], readonly InstanceState[]>> = {
  wait: ["waiting"],
  satisfied: ["waiting"],
  reconsider: ["ready"],
  start: ["ready"],
  succeed: ["running"],
  fail: ["running"],
  cancel: [...notStarted, "running"],
  skip: ["waiting"],
  freeze: notStarted,
  unfreeze: ["frozen"],
  setSucceeded: [...notStarted, "failed", "cancelled", "skipped", "frozen"],
  rerun: ["succeeded", "failed", "cancelled", "skipped"],
};

/** What to do instead, where a user asked. */
const advice: Partial<Record<InstanceEvent["kind"], string>> = {
  freeze: "; only what has not started can be frozen, cancel it instead",
  setSucceeded: "; cancel it first",
  rerun: "; wait for its end, or cancel it",
};

/** Decides what an event makes of an instance; carries nothing out. */
export function transitionInstance(instance: ScheduledInstance, event: InstanceEvent): InstanceTransition {
  const refusal = refusalOf(instance, event);
  return refusal === null
    ? { ok: true, instance: { ...instance, ...changeOf(instance, event) } }
    : { ok: false, refusal };
}

function refusalOf({ state }: ScheduledInstance, event: InstanceEvent): string | null {
  if (!allowed[event.kind].includes(state)) {
    const instead = state === "running" ? (advice[event.kind] ?? "") : "";
    return `an instance that is ${state} takes no "${event.kind}"${instead}`;
  }
  if (event.kind !== "rerun" || event.policy === "always") return null;
  if (event.policy === "never") return "the job's policy allows no rerun";
  return state === "failed" || state === "cancelled"
    ? null
    : `the job may be rerun after a failure only; it is ${state}`;
}

function changeOf(instance: ScheduledInstance, event: InstanceEvent): Partial<ScheduledInstance> {
  switch (event.kind) {
    case "wait":
      return { reason: event.reason };
    case "satisfied":
      return { state: "ready", reason: null, notBefore: null };
    case "reconsider":
      return { state: "waiting", reason: null };
    case "start":
      return { state: "running", reason: null, run: event.run, attempt: instance.attempt + 1 };
    case "succeed":
      return { state: "succeeded", reason: null };
    case "fail":
      return failed(instance, event);
    case "cancel":
      return { state: "cancelled", reason: `cancelled by ${event.by}` };
    case "skip":
      return { state: "skipped", reason: event.reason };
    case "freeze":
      return { state: "frozen", reason: `frozen by ${event.by}` };
    case "setSucceeded":
      return { state: "succeeded", reason: `set succeeded by ${event.by}` };
    case "unfreeze":
      return { state: "waiting", reason: null };
    case "rerun":
      return { state: "waiting", reason: `rerun by ${event.by}`, retries: 0, notBefore: null };
  }
}

function failed(
  { retries }: ScheduledInstance,
  { reason, retry, at }: Extract<InstanceEvent, { kind: "fail" }>,
): Partial<ScheduledInstance> {
  if (retries >= retry.most) return { state: "failed", reason };
  const retryReason = `tried again (${retries + 1} of ${retry.most}) after: ${reason}`;
  return { state: "waiting", reason: retryReason, retries: retries + 1, notBefore: at + retry.pauseMs };
}
