import { z } from "zod";
import type { FcContext } from "../../shared/platform/environment.js";
import { metered } from "../../shared/runs/metered.js";
import { openServices } from "../../shared/runs/open-services.js";
import { planRun } from "../../shared/runs/plan-run.js";
import { reduceRun } from "../../shared/runs/reduce.js";
import { workOnRun } from "../../shared/runs/work.js";

const orderSchema = z.union([
  z.object({ run: z.string(), shard: z.string(), index: z.number(), of: z.number() }),
  z.object({ kind: z.enum(["plan", "reduce"]), run: z.string() }),
]);

/**
 * Works through splits of a run until none is left or the time limit comes near. In a resource group with a network of
 * its own it also plans and publishes: what connects to the systems must be done in their network.
 */
export async function handler(event: Buffer, context: FcContext): Promise<string> {
  const order = orderSchema.parse(JSON.parse(event.toString("utf8")));
  const { services, environment } = openServices(context);
  const deadline = deadlineOf(context, services.now());
  await metered(services, { run: order.run, context, environment }, async (noteUsage) => {
    if (!("kind" in order)) await workOnRun(services, order, { deadline, noteUsage });
    else if (order.kind === "plan") await planRun(services, order.run, context.requestId);
    else await reduceRun(services, order.run, context.requestId);
  });
  return "ok";
}

/** When to hand over: early enough for a batch and its commit, late enough to be worth the invocation. */
function deadlineOf(context: FcContext, now: number): number {
  const limitMs = context.function.timeout * 1000;
  return now + limitMs - Math.min(60_000, Math.max(2000, limitMs / 10));
}
