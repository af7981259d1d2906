import { type ErrorReport, toErrorReport, UserError } from "../../model/errors.js";
import type { RunRecord } from "../../model/run.js";
import { isoNow, type Services } from "../../services.js";
import { transitionRun } from "../transition.js";
import { inLife, wakeReducer } from "../wake.js";

/**
 * Makes a run fail: shards stop within a heartbeat, then the reducer settles it. The first reason stays.
 *
 * @returns the run as it stands now; a run that ended or aborts already is left alone
 */
export async function failRun(services: Services, run: string, error: ErrorReport): Promise<RunRecord> {
  return abort(services, run, { outcome: "failed", error });
}

/**
 * Cancels a run on the user's request.
 *
 * @throws UserError NOT_FOUND, or CONFLICT when the run has ended or is publishing
 */
export async function cancelRun(services: Services, run: string): Promise<RunRecord> {
  const { value } = await services.runs.get(run);
  if (value.state === "cancelled" || (value.state === "aborting" && value.outcome === "cancelled")) return value;
  const error = toErrorReport(new UserError("CANCELLED", "the run was cancelled on request"));
  const after = await abort(services, run, { outcome: "cancelled", error });
  if (after.outcome === "cancelled") return after;
  throw new UserError("CONFLICT", `run ${run} is ${after.state} and can no longer be cancelled`);
}

async function abort(
  services: Services,
  run: string,
  { outcome, error }: { readonly outcome: "failed" | "cancelled"; readonly error: ErrorReport },
): Promise<RunRecord> {
  const at = isoNow(services);
  const { run: record, changed } = await services.runs.update(run, (current) =>
    transitionRun(current, { kind: "abort", outcome, error }, at),
  );
  if (changed) await wakeReducer(services, run, inLife(record, "abort"));
  return record;
}
