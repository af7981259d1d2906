import type { Prepared } from "../../connectors/contract.js";
import { UserError } from "../../model/errors.js";
import { instanceOf, isEnded, type RunRecord } from "../../model/run.js";
import { isoNow, type Services } from "../../services.js";
import { keepQuota } from "../../store/keep-quota.js";
import { wakePlanner } from "../plan/planning-slots.js";
import { keepsWhatArrived, transitionRun } from "../transition.js";
import { splitSetOf } from "../wake.js";

/**
 * Has a run that failed or was cancelled go on: its planner looks whether source and target are still what they were, then finished
 * splits stay finished and the others go on from their checkpoints. What is published at the end was removed with the failure, and is
 * planned and moved again.
 *
 * @throws UserError CONFLICT with the reason when it cannot be resumed; TransientError QUOTA_EXCEEDED
 */
export async function resumeRun(services: Services, id: string): Promise<RunRecord> {
  const { value: found } = await services.runs.get(id);
  await refuseUnresumable(services, found);
  await keepQuota(services, found.workspace, "queuedRuns");
  // Whoever ended it takes it off this list last, and must not take it off again.
  if (!(await services.runs.reactivate(found)))
    throw refusal(found, "it has only just ended; try again in a few seconds");
  await reopenInstance(services, found);
  const at = isoNow(services);
  const { run, changed } = await services.runs.update(id, (current) =>
    current.resumableUntil === found.resumableUntil ? transitionRun(current, { kind: "resume" }, at) : undefined,
  );
  if (!changed) throw refusal(run, `it is ${run.state} by now`);
  await services.runs.reactivate(run);
  services.log.info("run resumed", { run: id, resumes: run.resumes, after: found.error?.message });
  await wakePlanner(services, run, `resume-${run.resumes}`);
  return run;
}

async function refuseUnresumable(services: Services, run: RunRecord): Promise<void> {
  const { state, resumableUntil = null } = run;
  if (!isEnded(state)) throw refusal(run, `it is ${state}; only what failed or was cancelled can go on`);
  if (state === "succeeded") throw refusal(run, "it has succeeded");
  if (resumableUntil === null || Date.parse(resumableUntil) <= services.now())
    throw refusal(run, "too long ago it ended: where it stood is not kept any more");
  const changed = await whyJobDiffers(services, run);
  if (changed !== null) throw refusal(run, changed);
  if (keepsWhatArrived(run)) await refuseUnrepeatable(services, run);
}

/** Of two answers for one name the user means the newer: going on with the older one would mix them in the target. */
async function whyJobDiffers(services: Services, { workspace, job, environment, script }: RunRecord) {
  if (job === null) return null;
  const stored = (await services.jobs.find(workspace, job))?.value;
  const version = environment === "production" ? stored?.production : stored;
  if (!version) return `job "${job}" is not there any more`;
  return version.script === script ? null : `job "${job}" was changed after the run had begun`;
}

/**
 * The instance of a schedule that the run is the last attempt of is at work again. Before the run itself: an instance whose run has
 * ended is settled anew, but one that has ended itself would not hear of its run any more.
 */
async function reopenInstance(services: Services, run: RunRecord): Promise<void> {
  const ref = instanceOf(run);
  const found =
    ref &&
    (await services.instances.update(ref, (current) => {
      const hasEnded = current.state === "failed" || current.state === "cancelled";
      return hasEnded && current.run === run.id
        ? { ...current, state: "running", reason: null, endedAt: null }
        : undefined;
    }));
  // Of older versions, or left so by a call that died here.
  if (!found || (found.record.run === run.id && found.record.state === "running")) return;
  throw refusal(run, `its instance ${found.record.label} has gone on without it, and is ${found.record.state}`);
}

async function refuseUnrepeatable(services: Services, run: RunRecord): Promise<void> {
  const { repeatable = true } = run.plan?.prepared as unknown as Prepared;
  if (repeatable) return;
  const splits = await services.splits.all(splitSetOf(run));
  const broken = splits.find(({ value }) => value.uncertain && value.state !== "done");
  if (broken)
    throw refusal(
      run,
      `split ${broken.value.number} broke off and may have written records that cannot be told apart from new ones`,
    );
}

function refusal({ id, job }: RunRecord, reason: string): UserError {
  const hint = `Start it anew${job === null ? "" : ` (sluice run --job ${job})`}, after a look at what its target holds.`;
  return new UserError("CONFLICT", `run ${id} cannot be resumed: ${reason}`, { path: "id", hint });
}
