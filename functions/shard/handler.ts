import { z } from "zod";
import { carryOutLook } from "../../shared/looks/carry-out-look.js";
import { lookOrderSchema } from "../../shared/looks/look-orders.js";
import { openServices } from "../../shared/open-services.js";
import type { Environment, FcContext } from "../../shared/platform/environment.js";
import { endingOnFault } from "../../shared/platform/instance-faults.js";
import { runEndListeners } from "../../shared/run-end-listeners.js";
import { reduceRun } from "../../shared/runs/end/reduce.js";
import { planRun } from "../../shared/runs/plan/plan-run.js";
import { metered } from "../../shared/runs/work/metered.js";
import { workOnRun } from "../../shared/runs/work/work.js";
import type { Services } from "../../shared/services.js";

const runOrderSchema = z.union([
  z.object({ run: z.string(), shard: z.string(), index: z.number(), of: z.number() }),
  z.object({ kind: z.enum(["plan", "reduce"]), run: z.string() }),
]);

const orderSchema = z.union([runOrderSchema, lookOrderSchema]);

/**
 * Does what connects to data sources, in the network of its resource group. Called asynchronously it works through splits
 * of a run until none is left or the time limit comes near, and plans and publishes runs of a group with a network of its
 * own. Called by the api function, which waits, it tests connections, looks into catalogs and tells what a job would do.
 *
 * @returns the answer as JSON; `ok` where nobody waits for one
 */
export const handler = endingOnFault(async (event: Buffer, context: FcContext) => {
  const order = orderSchema.parse(JSON.parse(event.toString("utf8")));
  const { services, environment } = openServices(context, runEndListeners);
  // Nobody's run: its time is not metered.
  if (!("run" in order)) return JSON.stringify(await carryOutLook(services, order));
  await workFor(services, order, { context, environment });
  return "ok";
});

async function workFor(
  services: Services,
  order: z.infer<typeof runOrderSchema>,
  { context, environment }: { context: FcContext; environment: Environment },
): Promise<void> {
  const deadline = deadlineOf(context, services.now());
  await metered(services, { run: order.run, context, environment }, async (noteUsage) => {
    if (!("kind" in order)) await workOnRun(services, order, { deadline, noteUsage });
    else if (order.kind === "plan") await planRun(services, order.run, context.requestId);
    else await reduceRun(services, order.run, context.requestId);
  });
}

/** When to hand over: early enough for a batch and its commit, late enough to be worth the invocation. */
function deadlineOf(context: FcContext, now: number): number {
  const limitMs = context.function.timeout * 1000;
  return now + limitMs - Math.min(60_000, Math.max(2000, limitMs / 10));
}
