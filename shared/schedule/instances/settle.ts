import type { InstanceRecord, InstanceRef } from "../../model/instance.js";
import { instanceOf, isEnded, type RunRecord } from "../../model/run.js";
import { inLife } from "../../runs/wake.js";
import type { RunEndListener, Services } from "../../services.js";
import { admit } from "../slots/admit.js";
import { release } from "../slots/release.js";
import { retryOf } from "./policies.js";
import { type InstanceEvent, transitionInstance } from "./transition.js";
import { wakeWaiting } from "./wake.js";

/** Has the dispatcher settle the instance whose run has ended. */
export const instanceListener: RunEndListener = {
  name: "instance",
  async hear({ invoker }, run) {
    const { id, instance } = run;
    if (instance) await invoker.start("dispatcher", { kind: "runEnded", run: id }, `${id}-${inLife(run, "settle")}`);
  },
};

/**
 * Makes the end of a run that of its instance: state first, then the slots, then whoever waits. May be repeated whoever
 * died where.
 */
export async function settleRun(services: Services, runId: string): Promise<void> {
  const run = (await services.runs.find(runId))?.value;
  const ref = run && instanceOf(run);
  if (!ref || !isEnded(run.state)) return;
  const schedule = (await services.schedules.find(ref))?.value;
  const at = services.now();
  const event = endOf(run, { retry: retryOf(schedule?.policies ?? {}), at });
  await services.instances.update(ref, (current) => {
    // Told again, or run again by hand meanwhile.
    if (current.run !== run.id || current.state !== "running") return undefined;
    const next = transitionInstance(current, event);
    return next.ok ? { ...current, ...next.instance, endedAt: run.endedAt ?? new Date(at).toISOString() } : undefined;
  });
  await afterEnd(services, ref, { run: run.id, group: schedule?.group ?? "default" });
}

function endOf(
  run: RunRecord,
  { retry, at }: { readonly retry: { most: number; pauseMs: number }; readonly at: number },
): InstanceEvent {
  if (run.state === "succeeded") return { kind: "succeed" };
  const { error } = run;
  if (run.state === "cancelled") return { kind: "cancel", by: "order: its run was cancelled" };
  return { kind: "fail", reason: error?.message ?? "its run failed", retry, at };
}

async function afterEnd(
  services: Services,
  ref: InstanceRef,
  { run, group }: { readonly run: string; readonly group: string },
): Promise<void> {
  await release(services, group, run);
  const instance = (await services.instances.find(ref))?.value;
  if (instance) await noteRetry(services, instance);
  await wakeWaiting(services, ref);
  await admit(services, group);
}

/** A retry comes when its pause is over. */
export async function noteRetry(services: Services, instance: InstanceRecord): Promise<void> {
  const { workspace, job, origin, label, state, notBefore } = instance;
  if (state !== "waiting" || notBefore === null) return;
  const at = new Date(notBefore).toISOString();
  await services.due.noteAll([{ at, hint: { kind: "instance", workspace, job, origin, label } }]);
}
