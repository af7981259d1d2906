import { createHash, randomBytes } from "node:crypto";
import type { InlineSources } from "../../model/data-source.js";
import { UserError } from "../../model/errors.js";
import { noCounters } from "../../model/progress.js";
import type { Run, RunRecord, RunTrigger } from "../../model/run.js";
import type { SourceEnvironment } from "../../model/workspace.js";
import { isoNow, type Services } from "../../services.js";
import { keepQuota } from "../../store/keep-quota.js";
import { wakePlanner } from "../plan/planning-slots.js";

/** A wish to run something. */
export interface RunRequest {
  readonly workspace: string;
  readonly job: string | null;
  /** Whose definitions of the data sources it uses. */
  readonly environment: SourceEnvironment;
  readonly script: string;
  readonly inlineSources: InlineSources;
  readonly parameters: Readonly<Record<string, string>>;
  readonly trigger: RunTrigger;
  /** See `Run`. */
  readonly instance?: Run["instance"];
  /** The time it is for, ISO; absent = now. */
  readonly plannedAt?: string;
  /** The same as a clock shows it; see `Run`. */
  readonly plannedLocal?: string;
  /** Requests with the same key are one run; null = every request is a run of its own. */
  readonly key: string | null;
  /** What tells the request from others with its key; absent or null = job, script and environment do. */
  readonly asked?: string | null;
  readonly reader: string;
  readonly writer: string;
  readonly errorLimit: RunRecord["errorLimit"];
}

/** Id of a new run. A key gives the same id each time, so that asking twice starts once. */
export function runIdFor(workspace: string, key: string | null): string {
  if (key === null) return `r${randomBytes(9).toString("hex")}`;
  return `r${createHash("sha256").update(`${workspace}\n${key}`).digest("hex").slice(0, 18)}`;
}

/**
 * Writes the run and has it planned. A request with a known key answers with the run it made.
 *
 * @throws UserError CONFLICT when the key was used for another request; TransientError QUOTA_EXCEEDED
 */
export async function createRun(services: Services, id: string, request: RunRequest): Promise<RunRecord> {
  const run = newRun(services, id, request);
  // A run that is known already is found again whatever the quota.
  if (!(await services.runs.find(id))) await keepQuota(services, request.workspace, "queuedRuns");
  const isNew = await services.runs.insert(run);
  const { value } = isNew ? { value: run } : await services.runs.get(id);
  if (!isSame(value, run))
    throw new UserError("CONFLICT", "idempotencyKey: the key was used for another request", {
      path: "idempotencyKey",
      hint: "Send another request under another key.",
    });
  // Also for a known run: the first call may have died between the two steps.
  if (value.state === "queued") await wakePlanner(services, value, "first");
  return value;
}

/** A stored job may have changed since; what was asked for has not. */
function isSame(found: RunRecord, wanted: RunRecord): boolean {
  if (found.asked || wanted.asked) return found.asked === wanted.asked;
  return found.job === wanted.job && found.script === wanted.script && found.environment === wanted.environment;
}

function newRun(services: Services, id: string, request: RunRequest): RunRecord {
  const { workspace, job, environment, script, inlineSources, parameters, trigger, reader, writer, errorLimit } =
    request;
  const createdAt = isoNow(services);
  return {
    id,
    workspace,
    job,
    environment,
    script,
    inlineSources,
    parameters,
    trigger,
    ...(request.instance && { instance: request.instance }),
    reader,
    writer,
    errorLimit,
    asked: request.asked ?? null,
    state: "queued",
    plannedAt: request.plannedAt ?? createdAt,
    ...(request.plannedLocal !== undefined && { plannedLocal: request.plannedLocal }),
    createdAt,
    startedAt: null,
    endedAt: null,
    concurrent: 0,
    splits: { total: 0, done: 0 },
    estimatedRows: null,
    counters: noCounters,
    waitMs: { reader: 0, writer: 0 },
    delivery: null,
    dirtyKept: 0,
    warnings: [],
    notes: [],
    cost: null,
    error: null,
    plan: null,
    lease: null,
    outcome: null,
    planAttempts: 0,
    finishAttempts: 0,
  };
}
