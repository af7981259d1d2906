import { z } from "zod";
import { errorReport } from "../api/reports.js";
import { fromErrorReport, TransientError } from "../model/errors.js";
import type { Json } from "../model/json.js";
import { NoRoom } from "../platform/invoker.js";
import { capOfGroup, DEFAULT_GROUP, shardFunctionOf } from "../platform/resource-groups.js";
import type { Services } from "../services.js";
import { type LookAnswer, type LookOrder, lookAnswers } from "./look-orders.js";

const outcome = z.union([z.object({ value: z.json() }), z.object({ error: errorReport })]);

/**
 * Has an order carried out by the shard function of a resource group, in whose network the data source is.
 *
 * @param group  null = the default one
 * @throws what carrying it out threw; UserError CONFIG_INVALID when there is no such group any more; TransientError
 *   SOURCE_BUSY when the group has no room, or its function does not answer
 */
export async function askGroup<O extends LookOrder>(
  { invoker, resourceGroups }: Pick<Services, "invoker" | "resourceGroups">,
  group: string | null,
  order: O,
): Promise<LookAnswer<O["kind"]>> {
  const name = group ?? DEFAULT_GROUP;
  capOfGroup(resourceGroups, name, "resourceGroup");
  const answered = outcome.parse(await called(invoker, name, order));
  if ("error" in answered) throw fromErrorReport(answered.error);
  const kind: O["kind"] = order.kind;
  return lookAnswers[kind].parse(answered.value) as LookAnswer<O["kind"]>;
}

async function called(invoker: Services["invoker"], group: string, order: LookOrder): Promise<Json> {
  try {
    return await invoker.call(shardFunctionOf(group), { ...order });
  } catch (cause) {
    if (!(cause instanceof NoRoom)) throw cause;
    const what = `resource group "${group}" is full: runs and tests take up all its functions, and none came free in time`;
    const hint = "Try again when runs have ended; if this happens often, give the group's function more instances.";
    throw new TransientError("SOURCE_BUSY", what, { cause, hint });
  }
}
