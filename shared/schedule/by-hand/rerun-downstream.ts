import { UserError } from "../../model/errors.js";
import type { InstanceRecord, InstanceRef, InstanceState } from "../../model/instance.js";
import { cancelRun } from "../../runs/end/abort.js";
import type { Services } from "../../services.js";
import { rerunOf } from "../instances/policies.js";
import { transitionInstance } from "../instances/transition.js";
import { applyByHand, lookSoon } from "./change-instance.js";
import { downstreamOf } from "./downstream.js";

/** An instance behind one that is run again, and what becomes of it. */
export interface Downstream extends Omit<InstanceRef, "workspace"> {
  readonly state: InstanceState;
  /** `rerun` = it runs again; `waits` = it has not run yet and waits anew; else why it stays. */
  readonly what: "rerun" | "waits" | "running" | "refused";
  /** In words; null where there is nothing to say. */
  readonly reason: string | null;
}

/** What running an instance again with all behind it would do, nearest first. */
export async function listDownstream(services: Services, ref: InstanceRef): Promise<readonly Downstream[]> {
  await services.instances.get(ref);
  const found = await downstreamOf(services, ref);
  const refs = found.map(({ job, label }) => ({ workspace: ref.workspace, origin: ref.origin, job, label }));
  const [records, schedules] = await Promise.all([services.instances.getMany(refs), services.schedules.getMany(refs)]);
  return records.flatMap((stored, i) => {
    if (!stored) return [];
    const policies = schedules[i]?.value.policies ?? {};
    return [standing(stored.value, rerunOf(policies))];
  });
}

function standing(instance: InstanceRecord, policy: ReturnType<typeof rerunOf>): Downstream {
  const { job, origin, label, state } = instance;
  const base = { job, origin, label, state };
  if (state === "waiting" || state === "ready" || state === "frozen") return { ...base, what: "waits", reason: null };
  if (state === "running") return { ...base, what: "running", reason: "it runs; force cancels it and runs it again" };
  const next = transitionInstance(instance, { kind: "rerun", by: "", policy });
  return next.ok ? { ...base, what: "rerun", reason: null } : { ...base, what: "refused", reason: next.refusal };
}

/** How all behind an instance are run again. */
export interface DownstreamRerun {
  readonly by: string;
  readonly version: "inForce" | "same";
  /** Whether those that run are cancelled, and run again. */
  readonly force: boolean;
}

/**
 * Runs an instance again, and all behind it once it has succeeded. All are set to wait before any is looked at, so that
 * none goes on with what the others did before.
 *
 * @returns what became of those behind it
 * @throws UserError CONFLICT when one of them runs and is not to be cancelled: then nothing is changed
 */
export async function rerunDownstream(
  services: Services,
  ref: InstanceRef,
  { by, version, force }: DownstreamRerun,
): Promise<readonly Downstream[]> {
  const behind = await listDownstream(services, ref);
  const busy = behind.find(({ what }) => what === "running");
  if (busy && !force)
    throw new UserError("CONFLICT", `instance ${busy.label} of job "${busy.job}" runs; force cancels it`, {
      path: "force",
    });
  await applyByHand(services, ref, { order: { kind: "rerun", version }, by });
  const changed: InstanceRef[] = [];
  for (const one of behind) {
    const other = { workspace: ref.workspace, job: one.job, origin: one.origin, label: one.label };
    if (await waitsAnew(services, other, { by, version })) changed.push(other);
  }
  await lookSoon(services, [ref, ...changed]);
  return behind;
}

async function waitsAnew(
  services: Services,
  ref: InstanceRef,
  { by, version }: Pick<DownstreamRerun, "by" | "version">,
): Promise<boolean> {
  const { value } = await services.instances.get(ref);
  if (value.state === "running" && value.run !== null) {
    await cancelRun(services, value.run);
    // Whoever settles the cancelled run finds that the instance waits for another one.
    await services.instances.update(ref, (current) => {
      if (current.run !== value.run || current.state !== "running") return undefined;
      return { ...current, state: "waiting", reason: `rerun by ${by}`, retries: 0, waitsFor: null };
    });
    return true;
  }
  if (value.state === "ready") {
    await services.instances.update(ref, (current) => {
      const next = transitionInstance(current, { kind: "reconsider" });
      return next.ok ? { ...current, ...next.instance, readySince: null } : undefined;
    });
    return true;
  }
  if (value.state === "waiting") return true;
  try {
    await applyByHand(services, ref, { order: { kind: "rerun", version }, by });
    return true;
  } catch (error) {
    // Its policy does not let it, or it is frozen: the list said so.
    if (error instanceof UserError && error.code === "CONFLICT") return false;
    throw error;
  }
}
