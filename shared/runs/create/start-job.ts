import { plainLabel } from "../../calendar/label.js";
import { type PlannedTime, plannedTimeOf } from "../../calendar/planned-at.js";
import { connectorName } from "../../connectors/registry.js";
import { admitScript } from "../../jobs/admit-script.js";
import { checkScript } from "../../jobs/check-script.js";
import { UserError } from "../../model/errors.js";
import type { JobSchedule } from "../../model/job-schedule.js";
import type { Run, RunRecord, RunTrigger } from "../../model/run.js";
import type { SourceEnvironment } from "../../model/workspace.js";
import { parseJob } from "../../script/read/parse-job.js";
import type { Services } from "../../services.js";
import type { JobRecord } from "../../store/jobs-store.js";
import { keepScriptQuota } from "../../store/keep-quota.js";
import { createRun, runIdFor } from "./create-run.js";

/** How a run is asked for, whoever asks. */
export interface StartOptions {
  readonly workspace: string;
  readonly environment: SourceEnvironment;
  readonly parameters: Readonly<Record<string, string>>;
  readonly trigger: RunTrigger;
  /** See `Run`. */
  readonly instance?: Run["instance"];
  /** The clock of planned times where no schedule has one. */
  readonly workspaceZone: string;
  /** See `RunRequest`. */
  readonly key: string | null;
  readonly asked?: string | null;
}

/**
 * Starts a stored job: its published version in production, its draft in development. Parameters given now win over
 * those stored with the job.
 *
 * @throws UserError CONFLICT when nothing of it is published
 */
export async function startJob(services: Services, job: JobRecord, options: StartOptions): Promise<RunRecord> {
  const version = options.environment === "production" ? job.production : job;
  if (!version)
    throw new UserError(
      "CONFLICT",
      `job "${job.name}" is not submitted: only its draft exists, which runs in development`,
      {
        path: "environment",
      },
    );
  const { script, inlineSources } = version;
  const { job: parsed } = parseJob(script, { mode: "preview" });
  return createRun(services, runIdFor(options.workspace, options.key), {
    ...options,
    job: job.name,
    script,
    inlineSources,
    ...plannedTime(services, options, version.schedule),
    parameters: { ...version.parameters, ...options.parameters },
    ...displayedOf(parsed),
  });
}

/**
 * Starts a script that is not stored.
 *
 * @throws ScriptError with everything that is wrong with it as far as no data source need be asked: then nothing starts
 */
export async function startScript(services: Services, text: string, options: StartOptions): Promise<RunRecord> {
  await keepScriptQuota(services, options.workspace, text);
  await checkScript(text, options.parameters);
  const id = runIdFor(options.workspace, options.key);
  const { script, inlineSources, parsed } = await admitScript(
    text,
    `${options.workspace}/run/${id}`,
    services.secretBox,
  );
  const displayed = displayedOf(parsed.job);
  const planned = plannedTime(services, options, null);
  return createRun(services, id, { ...options, job: null, script, inlineSources, ...planned, ...displayed });
}

function plannedTime(
  { now }: Services,
  { trigger, parameters, workspaceZone }: StartOptions,
  schedule: JobSchedule | null,
): PlannedTime {
  if ((trigger.kind === "timer" || trigger.kind === "backfill") && trigger.label !== undefined)
    return { plannedAt: trigger.scheduledAt, plannedLocal: `${plainLabel(trigger.label)}:00` };
  return plannedTimeOf({ parameters, schedule, workspaceZone, nowMs: now() });
}

function displayedOf(job: ReturnType<typeof parseJob>["job"]) {
  const nameOf = (type: string) => connectorName(type) ?? type;
  return { reader: nameOf(job.reader.type), writer: nameOf(job.writer.type), errorLimit: job.setting.errorLimit };
}
