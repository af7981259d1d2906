import { toErrorReport, UserError } from "../../model/errors.js";
import { type InstanceRecord, type InstanceRef, isOver } from "../../model/instance.js";
import { isEnded } from "../../model/run.js";
import { failRun } from "../../runs/end/abort.js";
import type { Services } from "../../services.js";
import { timeoutOf } from "./policies.js";
import { noteRetry, settleRun } from "./settle.js";
import { advanceAll, wakeWaiting } from "./wake.js";

/** Looks at an instance whose time has come: a pause is over, or a run goes on for too long. */
export async function lookAtInstance(services: Services, ref: InstanceRef): Promise<void> {
  const instance = (await services.instances.find(ref))?.value;
  if (!instance) return;
  if (instance.state === "running") return lookAtRunning(services, instance);
  if (isOver(instance.state)) return wakeWaiting(services, ref);
  if (instance.notBefore !== null && instance.notBefore > services.now()) return noteRetry(services, instance);
  return advanceAll(services, [ref]);
}

async function lookAtRunning(services: Services, instance: InstanceRecord): Promise<void> {
  const { run: id, startedAt } = instance;
  const run = id === null ? undefined : await services.runs.findBrief(id);
  if (id === null || !run) return;
  if (isEnded(run.state)) return settleRun(services, id);
  const schedule = (await services.schedules.find(instance))?.value;
  const timeoutMs = schedule ? timeoutOf(schedule.policies) : null;
  const endsAt = timeoutMs === null || startedAt === null ? null : Date.parse(startedAt) + timeoutMs;
  if (endsAt === null || endsAt > services.now()) return;
  const minutes = (timeoutMs ?? 0) / 60_000;
  const message = `the run took longer than ${minutes} minutes, the time-out of job "${instance.job}"`;
  const hint = "Find out what it waits for, or raise timeoutMinutes in the job's policies.";
  await failRun(services, id, toErrorReport(new UserError("CANCELLED", message, { hint })));
}
