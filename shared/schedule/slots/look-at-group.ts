import { isEnded } from "../../model/run.js";
import type { Services } from "../../services.js";
import type { SlotHolder } from "../../store/slots-store.js";
import { settleRun } from "../instances/settle.js";
import { admit, noteLook } from "./admit.js";
import { release } from "./release.js";
import { startHolder } from "./start-holder.js";

/** Who got slots has this long to begin. */
const BEGUN_MS = 60_000;

/**
 * Looks at a resource group: begins what was given slots and not begun, settles what has ended unheard of, and gives away
 * what is free. As long as somebody holds slots or waits, it is looked at each minute.
 */
export async function lookAtGroup(services: Services, group: string): Promise<void> {
  const { holders } = await services.slots.get(group);
  const isBusy = holders.length > 0 || (await services.slots.queue(group)).length > 0;
  // The next look first: whoever dies in this one is followed by it.
  if (isBusy) await noteLook(services, group);
  const late = holders.filter(({ since }) => since + BEGUN_MS <= services.now());
  for (const holder of late) {
    try {
      await lookAtHolder(services, group, holder);
    } catch (error) {
      services.log.error("slots not looked at", { run: holder.run, error: String(error) });
    }
  }
  if (isBusy) await admit(services, group);
}

async function lookAtHolder(services: Services, group: string, holder: SlotHolder): Promise<void> {
  const run = await services.runs.findBrief(holder.run);
  if (!run) {
    await startHolder(services, group, holder);
    return;
  }
  if (!isEnded(run.state)) return;
  await settleRun(services, holder.run);
  // Where the job belongs to another group by now.
  await release(services, group, holder.run);
}
