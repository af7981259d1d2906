import { dataInterval } from "../../calendar/data-interval.js";
import { openSchedule } from "../../calendar/due.js";
import { toErrorReport, UserError } from "../../model/errors.js";
import type { InstanceRecord } from "../../model/instance.js";
import type { RunTrigger } from "../../model/run.js";
import { DEFAULT_WORKSPACE_ZONE } from "../../model/side-zone.js";
import { createRun, runIdFor } from "../../runs/create/create-run.js";
import { startJob } from "../../runs/create/start-job.js";
import type { Services } from "../../services.js";
import type { ScheduleRecord } from "../../store/schedules-store.js";
import type { SlotHolder } from "../../store/slots-store.js";
import { retryOf, timeoutOf } from "../instances/policies.js";
import { transitionInstance } from "../instances/transition.js";
import { release } from "./release.js";

/**
 * Begins the run of an instance that got its slots. Every step may be repeated: whoever dies between two is followed by
 * the look at the group.
 *
 * @returns false when the instance does not want them any more, and the slots are free again
 * @throws whatever the job is not at fault for: it may go better a moment later, and the slots stay held until then
 */
export async function startHolder(services: Services, group: string, { run, ready }: SlotHolder): Promise<boolean> {
  const taken = await services.instances.update(ready, (current) => begun(services, current, { run, ready }));
  const instance = taken?.record;
  const isOurs = instance?.state === "running" && instance.run === run;
  if (!isOurs) {
    await services.slots.dequeue(group, [ready]);
    await release(services, group, run);
    return false;
  }
  const schedule = (await services.schedules.find(ready))?.value;
  const isCreated = await create(services, instance, schedule);
  await services.slots.dequeue(group, [ready]);
  if (isCreated) return true;
  await release(services, group, run);
  return false;
}

function begun(
  services: Services,
  current: InstanceRecord,
  { run, ready }: Omit<SlotHolder, "since">,
): InstanceRecord | undefined {
  if (current.attempt !== ready.attempt) return undefined;
  const next = transitionInstance(current, { kind: "start", run });
  if (!next.ok) return undefined;
  return { ...current, ...next.instance, startedAt: new Date(services.now()).toISOString(), endedAt: null };
}

async function create(
  services: Services,
  instance: InstanceRecord,
  schedule: ScheduleRecord | undefined,
): Promise<boolean> {
  const timeoutMs = schedule ? timeoutOf(schedule.policies) : null;
  try {
    const version = await createRunOf(services, instance, schedule);
    if (version !== instance.version) await services.instances.update(instance, (now) => ({ ...now, version }));
  } catch (error) {
    // What the job is not at fault for may pass: its slots stay held, and the next look tries again.
    if (!(error instanceof UserError)) throw error;
    await fail(services, instance, { error, schedule });
    return false;
  }
  if (timeoutMs !== null) {
    const { workspace, job, origin, label, startedAt } = instance;
    const at = new Date(Date.parse(startedAt ?? "") + timeoutMs).toISOString();
    await services.due.noteAll([{ at, hint: { kind: "instance", workspace, job, origin, label } }]);
  }
  return true;
}

async function fail(
  services: Services,
  instance: InstanceRecord,
  { error, schedule }: { readonly error: unknown; readonly schedule: ScheduleRecord | undefined },
): Promise<void> {
  const { message } = toErrorReport(error);
  services.log.error("job not started", { job: instance.job, label: instance.label, error: String(error) });
  const at = services.now();
  const retry = retryOf(schedule?.policies ?? {});
  await services.instances.update(instance, (current) => {
    if (current.run !== instance.run) return undefined;
    const next = transitionInstance(current, { kind: "fail", reason: message, retry, at });
    return next.ok ? { ...current, ...next.instance, endedAt: new Date(at).toISOString() } : undefined;
  });
  await services.due.note({ at: new Date(at).toISOString(), hint: { kind: "instance", ...refOf(instance) } });
}

function refOf({ workspace, job, origin, label }: InstanceRecord) {
  return { workspace, job, origin, label };
}

/** @returns the version of the job that it runs; null = that of the run before */
async function createRunOf(
  services: Services,
  instance: InstanceRecord,
  schedule: ScheduleRecord | undefined,
): Promise<number | null> {
  const { workspace, job: name, origin, label, attempt } = instance;
  const options = {
    workspace,
    environment: "production" as const,
    trigger: triggerOf(instance),
    instance: { origin, label, attempt },
    workspaceZone: DEFAULT_WORKSPACE_ZONE, // the label tells the planned time
    key: keyOf(instance, attempt),
    parameters: { ...intervalOf(instance, schedule), ...instance.parameters },
  };
  if (instance.keepsVersion && attempt > 1) return repeat(services, instance, options);
  const job = (await services.jobs.find(workspace, name))?.value;
  if (!job) throw new UserError("NOT_FOUND", `there is no job "${name}"`);
  await startJob(services, job, options);
  return job.production?.version ?? null;
}

function keyOf({ job, origin, label }: InstanceRecord, attempt: number): string {
  return `instance/${job}/${origin}/${label}/${attempt}`;
}

/** Runs once more what the attempt before ran. */
async function repeat(
  services: Services,
  instance: InstanceRecord,
  options: { readonly trigger: RunTrigger; readonly instance: { readonly attempt: number } },
): Promise<number | null> {
  const { workspace } = instance;
  const before = await services.runs.get(runIdFor(workspace, keyOf(instance, options.instance.attempt - 1)));
  const { id, script, inlineSources, parameters, plannedAt, plannedLocal, reader, writer, errorLimit } = before.value;
  const same = { script, inlineSources, parameters, plannedAt, reader, writer, errorLimit };
  await createRun(services, instance.run ?? id, {
    ...same,
    ...(plannedLocal !== undefined && { plannedLocal }),
    ...{ workspace, job: instance.job, environment: "production", trigger: options.trigger },
    instance: { origin: instance.origin, label: instance.label, attempt: instance.attempt },
    key: keyOf(instance, instance.attempt),
  });
  return instance.version;
}

function triggerOf({ origin, label, dueAt: scheduledAt, upload }: InstanceRecord): RunTrigger {
  if (upload) return { kind: "upload", ...upload };
  if (origin.startsWith("b")) return { kind: "backfill", backfill: origin, scheduledAt, label };
  return { kind: "timer", scheduledAt, label };
}

/** The time between planned times, where a schedule has some. */
function intervalOf({ origin, label, dueAt }: InstanceRecord, schedule: ScheduleRecord | undefined) {
  if (origin.startsWith("u") || !schedule?.schedule) return {};
  const open = openSchedule(schedule.schedule, `${schedule.workspace}/${schedule.job}`);
  return dataInterval(open, { label, at: Date.parse(dueAt) });
}
