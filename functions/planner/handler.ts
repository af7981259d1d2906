import { z } from "zod";
import { openServices } from "../../shared/open-services.js";
import type { FcContext } from "../../shared/platform/environment.js";
import { endingOnFault } from "../../shared/platform/instance-faults.js";
import { planRun } from "../../shared/runs/plan/plan-run.js";
import { metered } from "../../shared/runs/work/metered.js";

const orderSchema = z.object({ kind: z.literal("plan"), run: z.string() });

/** Plans one run: apart from the dispatcher, so that a source that does not answer holds no tick and no upload. */
export const handler = endingOnFault(async (event: Buffer, context: FcContext) => {
  const { run } = orderSchema.parse(JSON.parse(event.toString("utf8")));
  const { services, environment } = openServices(context);
  await metered(services, { run, context, environment }, () => planRun(services, run, context.requestId));
  return "ok";
});
