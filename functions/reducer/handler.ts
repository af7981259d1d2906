import { z } from "zod";
import { openServices } from "../../shared/open-services.js";
import type { FcContext } from "../../shared/platform/environment.js";
import { endingOnFault } from "../../shared/platform/instance-faults.js";
import { runEndListeners } from "../../shared/run-end-listeners.js";
import { reduceRun } from "../../shared/runs/end/reduce.js";
import { metered } from "../../shared/runs/work/metered.js";

const orderSchema = z.object({ run: z.string() });

/** Looks at a run as a whole and ends it when it is time. */
export const handler = endingOnFault(async (event: Buffer, context: FcContext) => {
  const { run } = orderSchema.parse(JSON.parse(event.toString("utf8")));
  const { services, environment } = openServices(context, runEndListeners);
  await metered(services, { run, context, environment }, () => reduceRun(services, run, context.requestId));
  return "ok";
});
