import type { RunRecord } from "../model/run.js";
import { DEFAULT_GROUP, shardFunctionOf } from "../platform/resource-groups.js";
import type { Services } from "../services.js";

/** The group of a planned run. */
export function groupOfRun(run: Pick<RunRecord, "plan">): string {
  return run.plan?.resourceGroup ?? DEFAULT_GROUP;
}

/** A step of a run that connects to its systems and so must be done in the network of the run's group. */
export interface GroupOrder {
  readonly kind: "plan" | "reduce";
  readonly run: string;
}

/**
 * Hands a step to the run's group when this function is in another network.
 *
 * @returns false when the step is to be done here
 */
export async function passedOn(
  services: Services,
  group: string,
  { owner, ...order }: GroupOrder & { readonly owner: string },
): Promise<boolean> {
  if (group === services.group) return false;
  const taskId = `${order.run}-${order.kind}-in-${group}-${owner}`.slice(0, 128);
  await services.invoker.start(shardFunctionOf(group), { ...order }, taskId);
  return true;
}
