import { toErrorReport } from "../../model/errors.js";
import { isEnded, type RunRecord } from "../../model/run.js";
import { isoNow, type Services } from "../../services.js";
import { openPlan } from "../open-plan.js";
import { groupOfRun, passedOn } from "../run-group.js";
import { dropLease, takeLease, whileLeased } from "../run-lease.js";
import { wakeReducer } from "../wake.js";

/** So long a run that broke off can be resumed. The ledger of its target is kept for it; what else is staged there is not. */
export const RESUMABLE_MS = 24 * 3_600_000;

/** Between two tries to clear a target that cannot be reached, and how many there are: a week's. */
const AGAIN_MS = 3_600_000;
const MOST_TRIES = 7 * 24;

/** Orders that one sweep carries out. */
const AT_ONCE = 64;

/** Has the targets of runs cleared that broke off and that nobody has resumed in time. */
export async function sweepForgotten(services: Services): Promise<void> {
  const { resumables, log } = services;
  let count = 0;
  for await (const order of resumables.due(isoNow(services))) {
    if (++count > AT_ONCE) return;
    const { run: id, attempts } = order.value;
    const run = (await services.runs.find(id))?.value;
    const isOpen = run !== undefined && isOverdue(run, services.now());
    if (isOpen && attempts < MOST_TRIES) {
      const dueAt = new Date(services.now() + AGAIN_MS).toISOString();
      await resumables.putOff(order, { run: id, attempts: attempts + 1 }, dueAt);
      await wakeReducer(services, id, `forget-${attempts}`);
      continue;
    }
    if (isOpen) log.error("the ledger of a broken-off run was left in its target", { run: id });
    await resumables.remove(order);
  }
}

function isOverdue({ state, resumableUntil }: RunRecord, now: number): boolean {
  return isEnded(state) && typeof resumableUntil === "string" && Date.parse(resumableUntil) <= now;
}

/**
 * Takes away what a broken-off run keeps in its target for being resumed, once it cannot be any more. Any other run is left
 * alone; where it fails, the sweep has it tried again.
 *
 * @param owner  of the lease it is done under
 */
export async function forgetRun(services: Services, run: RunRecord, owner: string): Promise<void> {
  if (!isOverdue(run, services.now())) return;
  if (await passedOn(services, groupOfRun(run), { kind: "reduce", run: run.id, owner })) return;
  const seized = await takeLease(services, { run: run.id, owner }, (current) =>
    isOverdue(current, services.now()) ? current : undefined,
  );
  if (!seized) return;
  try {
    const { writer, run: ref } = await openPlan(seized, services.secretBox);
    const sources = (seized.plan?.writer.sources ?? []).map(({ name }) => name);
    await whileLeased(services, { run: run.id, owner, sources }, async (signal) =>
      writer.connector.writer?.discard?.(writer.side(signal), ref, []),
    );
    await services.runs.update(run.id, (current) =>
      current.lease?.owner === owner ? { ...current, lease: null, resumableUntil: null } : undefined,
    );
  } catch (error) {
    services.log.warn("a broken-off run is not forgotten yet", { run: run.id, error: toErrorReport(error).message });
    await dropLease(services, run.id, owner);
  }
}
