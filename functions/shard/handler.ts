import { z } from "zod";
import type { FcContext } from "../../shared/platform/environment.js";
import { openServices } from "../../shared/runs/open-services.js";
import { workOnRun } from "../../shared/runs/work.js";

const orderSchema = z.object({ run: z.string(), shard: z.string(), index: z.number(), of: z.number() });

/** Works through splits of a run until none is left or the time limit comes near. */
export async function handler(event: Buffer, context: FcContext): Promise<string> {
  const order = orderSchema.parse(JSON.parse(event.toString("utf8")));
  const { services } = openServices(context);
  await workOnRun(services, order, deadlineOf(context, services.now()));
  return "ok";
}

/** When to hand over: early enough for a batch and its commit, late enough to be worth the invocation. */
function deadlineOf(context: FcContext, now: number): number {
  const limitMs = context.function.timeout * 1000;
  return now + limitMs - Math.min(60_000, Math.max(2000, limitMs / 10));
}
