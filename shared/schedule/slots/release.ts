import { runIdFor } from "../../runs/create/create-run.js";
import type { Services } from "../../services.js";
import type { ReadyInstance } from "../../store/slots-store.js";

/** The run of an instance that is about to be begun. */
export function comingRunOf({ workspace, job, origin, label, attempt }: ReadyInstance): string {
  return runIdFor(workspace, `instance/${job}/${origin}/${label}/${attempt + 1}`);
}

/** Frees the slots that a run held; again is no second time. */
export async function release(services: Services, group: string, run: string): Promise<void> {
  await services.slots.change(group, ({ holders, blocked }) => {
    const left = holders.filter((one) => one.run !== run);
    return left.length < holders.length ? { holders: left, blocked } : undefined;
  });
}
