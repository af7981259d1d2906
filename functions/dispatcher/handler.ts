import { openServices } from "../../shared/open-services.js";
import type { FcContext } from "../../shared/platform/environment.js";
import { endingOnFault } from "../../shared/platform/instance-faults.js";
import { runEndListeners } from "../../shared/run-end-listeners.js";
import { leaseOwner } from "../../shared/runs/run-lease.js";
import { replacePlanner, replaceShard, sweep } from "../../shared/runs/sweep.js";
import { wakeReducer } from "../../shared/runs/wake.js";
import { settleRun } from "../../shared/schedule/instances/settle.js";
import { advanceAll } from "../../shared/schedule/instances/wake.js";
import { fireDue, fireDuePart } from "../../shared/schedule/tick/tick.js";
import { fireUpload } from "../../shared/schedule/uploads.js";
import type { Services } from "../../shared/services.js";
import { ensureTables } from "../../shared/store/tables.js";
import { type DispatcherEvent, decodeDispatcherEvent } from "./events.js";

/** Starts what is to be started: due schedules, uploads, and what was lost. */
export const handler = endingOnFault(async (event: Buffer, context: FcContext) => {
  const { services, environment } = openServices(context, runEndListeners);
  if (environment.autoBootstrap) await bootstrap(services);
  // Ticks and uploads serve all runs: the time of this function belongs to none.
  await carryOut(services, decodeDispatcherEvent(event), leaseOwner(context.requestId));
  return "ok";
});

let bootstrapping: Promise<void> | undefined;

/** Once per instance: the first tick of a fresh local cloud may come before the first request. */
async function bootstrap(services: Services): Promise<void> {
  bootstrapping ??= ensureTables(services.documents);
  try {
    await bootstrapping;
  } catch (error) {
    bootstrapping = undefined;
    throw error;
  }
}

async function carryOut(services: Services, event: DispatcherEvent, requestId: string): Promise<void> {
  switch (event.kind) {
    case "planLost":
      return replacePlanner(services, event.run, event.requestId);
    case "tick":
      return tick(services, event.at);
    case "upload":
      for (const object of event.objects) await fireUpload(services, object);
      return;
    case "due":
      return fireDuePart(services, event.part, event.at);
    case "runEnded":
      return settleRun(services, event.run);
    case "instances":
      return advanceAll(services, event.instances);
    case "reduceLost":
      return wakeReducer(services, event.run, `lost-${requestId}`);
    case "shardLost":
      return replaceShard(services, event.order);
  }
}

/** Neither part waits for the other or ends it: lost runs are found whatever the schedules hold, and the other way round. */
async function tick(services: Services, at: Date): Promise<void> {
  const parts = await Promise.allSettled([sweep(services, `t${at.getTime()}`), fireDue(services, at)]);
  for (const part of parts) if (part.status === "rejected") throw part.reason;
}
