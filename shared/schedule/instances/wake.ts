import type { InstanceRef } from "../../model/instance.js";
import type { Stored } from "../../platform/documents.js";
import type { Services } from "../../services.js";
import type { JobRef } from "../../store/job-key.js";
import { admit } from "../slots/admit.js";
import { advanceInstance } from "./advance.js";

/** How many are looked at by one call; the rest goes to further ones. */
const PAGE = 500;
const AT_ONCE = 8;

/**
 * Looks at instances that may go on, and at those that wait for the ones that were skipped; then gives free slots away.
 * What fails for one is logged, and thrown once the others were looked at: whoever called does so again.
 */
export async function advanceAll(services: Services, refs: readonly InstanceRef[]): Promise<void> {
  const groups = new Set<string>();
  const failures: unknown[] = [];
  for (let at = 0; at < refs.length; at += AT_ONCE) {
    const some = refs.slice(at, at + AT_ONCE);
    await Promise.all(some.map((ref) => advanceOne(services, ref, { groups, failures })));
  }
  for (const group of groups) await admit(services, group);
  if (failures.length > 0) throw failures[0];
}

async function advanceOne(
  services: Services,
  ref: InstanceRef,
  { groups, failures }: { readonly groups: Set<string>; readonly failures: unknown[] },
): Promise<void> {
  try {
    const { group, isOver } = await advanceInstance(services, ref);
    if (group !== null) groups.add(group);
    if (isOver) await wakeWaiting(services, ref);
  } catch (error) {
    services.log.error("instance not looked at", { ...ref, error: String(error) });
    failures.push(error);
  }
}

/** Has all looked at that wait for an instance. */
export async function wakeWaiting(services: Services, ref: InstanceRef): Promise<void> {
  const waits = await services.waits.of(ref, PAGE);
  await wakeThose(services, waits);
  if (waits.length === PAGE) await orderWake(services, ref, String(waits.at(-1)?.version));
}

/** Has all looked at that wait for any instance of a job: its schedule changed. */
export async function wakeWaitingForJob(services: Services, ref: JobRef): Promise<void> {
  let waits: readonly Stored<InstanceRef>[] = [];
  do {
    // Those that wait on stand there anew: what follows is behind them.
    waits = await services.waits.ofJob(ref, { limit: PAGE, after: waits.at(-1)?.key });
    await wakeThose(services, waits);
  } while (waits.length === PAGE);
}

/** A wait goes when its instance was looked at, unless that has noted it anew. */
async function wakeThose(services: Services, waits: readonly Stored<InstanceRef>[]): Promise<void> {
  if (waits.length === 0) return;
  await advanceAll(
    services,
    waits.map(({ value }) => value),
  );
  await services.waits.forget(waits);
}

async function orderWake(services: Services, ref: InstanceRef, page: string): Promise<void> {
  const task = `wake-${ref.job}-${ref.label}-${page}-${services.now()}`.replaceAll(/[^\w-]/g, "_").slice(0, 128);
  await services.invoker.start("dispatcher", { kind: "instances", instances: [{ ...ref }] }, task);
}
