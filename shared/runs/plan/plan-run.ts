import { readingText } from "../../calendar/planned-at.js";
import type { RunRef } from "../../connectors/contract.js";
import { type Layout, layOut } from "../../jobs/lay-out.js";
import { atSide } from "../../jobs/placed-error.js";
import { type ResolvedJob, resolveJob } from "../../jobs/resolve-job.js";
import { toErrorReport, UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import type { RunPlan } from "../../model/plan.js";
import { noCounters, startOfSplit } from "../../model/progress.js";
import type { RunRecord } from "../../model/run.js";
import { DEFAULT_WORKSPACE_ZONE } from "../../model/side-zone.js";
import type { SplitRow } from "../../model/split.js";
import { isoNow, type Services } from "../../services.js";
import { MAX_SPLITS } from "../../store/splits-store.js";
import { failRun } from "../end/abort.js";
import { passedOn } from "../run-group.js";
import { dropLease, isLeasedByOther, LeaseLost, leaseOwner, takeLease, whileLeased } from "../run-lease.js";
import { transitionRun } from "../transition.js";
import { wakeReducer } from "../wake.js";
import { callFirstShards } from "../work/call-shards.js";
import { endPlanning } from "./planning-slots.js";
import { planOnward, relaunch } from "./resume-plan.js";

/** How often a planner sees whether its run was cancelled. */
const LOOK_MS = 1000;

/**
 * Plans a queued run: resolves the job, lays it out, prepares the target once, writes the splits, starts the shards.
 * Delivered twice, only one of the calls plans; a planner that dies is followed by another, which begins anew.
 *
 * @param requestId  of the invocation, which a repeated delivery may share
 */
export async function planRun(services: Services, run: string, requestId: string): Promise<void> {
  const owner = leaseOwner(requestId);
  const isOver = await planOnce(services, run, owner);
  if (isOver) await endPlanning(services, run);
}

/** @returns false when another one plans the run from here on, and so needs its slot */
async function planOnce(services: Services, run: string, owner: string): Promise<boolean> {
  const begun = await begin(services, run, owner);
  if (!begun) return !(await isPlannedByOther(services, run, owner));
  try {
    const resolved = await resolve(services, begun);
    if (resolved.group !== services.group) {
      await dropLease(services, run, owner);
      await passedOn(services, resolved.group, { kind: "plan", run, owner });
      return false;
    }
    const holder = { run, owner, lookMs: LOOK_MS, sources: namesOf(resolved) };
    if (begun.resumes && begun.plan) {
      const plan = await whileLeased(services, holder, (signal) => planOnward(services, begun, { resolved, signal }));
      await relaunch(services, begun, { plan, owner });
      return true;
    }
    const planned = await whileLeased(services, holder, (signal) => preparePlan(services, begun, { resolved, signal }));
    await launch(services, begun, { planned, owner });
    return true;
  } catch (error) {
    services.log.warn("planning failed", { run, error: toErrorReport(error).message });
    // Its successor plans: what a planner without a lease meets says nothing about the run.
    if (error instanceof LeaseLost || !(await dropLease(services, run, owner))) return false;
    const { state } = await failRun(services, run, toErrorReport(error));
    // Also when it was cancelled meanwhile: the reducer could not settle it while it was leased.
    if (state === "aborting") await wakeReducer(services, run, `unplanned-${owner}`.slice(0, 90));
    return true;
  }
}

async function isPlannedByOther(services: Services, run: string, owner: string): Promise<boolean> {
  const found = await services.runs.find(run);
  return found?.value.state === "planning" && isLeasedByOther(found.value, owner, services.now());
}

function begin(services: Services, run: string, owner: string): Promise<RunRecord | undefined> {
  const at = isoNow(services);
  return takeLease(services, { run, owner }, (current) => transitionRun(current, { kind: "plan" }, at));
}

function namesOf({ reader, writer }: ResolvedJob): string[] {
  return [...reader.sources, ...writer.sources].map(({ name }) => name);
}

/** What planning adds to the run. */
interface Planned {
  readonly resolved: ResolvedJob;
  readonly layout: Layout;
  readonly plan: RunPlan;
  readonly delivery: string;
  readonly notes: readonly string[];
}

function resolve(services: Services, record: RunRecord): Promise<ResolvedJob> {
  const { script, parameters, inlineSources, workspace, environment, plannedAt } = record;
  // Runs of older versions are planned by the one clock that there was.
  const plannedLocal = record.plannedLocal ?? readingText(Date.parse(plannedAt), DEFAULT_WORKSPACE_ZONE);
  return resolveJob(services, { script, parameters, inlineSources, workspace, environment, plannedLocal });
}

async function preparePlan(
  services: Services,
  record: RunRecord,
  { resolved, signal }: { resolved: ResolvedJob; signal: AbortSignal },
): Promise<Planned> {
  const layout = await layOut(resolved, services.secretBox, { signal });
  if (layout.splits.length > MAX_SPLITS)
    throw new UserError(
      "CONFIG_INVALID",
      `the source falls into ${layout.splits.length} splits; at most ${MAX_SPLITS} are possible`,
    );
  const { setting } = resolved.job;
  const ref: RunRef = { ...layout.run, runId: record.id };
  const { writer } = layout.writer.connector;
  if (!writer) throw new UserError("CONFIG_INVALID", `${layout.writer.connector.title} has no writer`);
  const prepared = await atSide("writer", resolved, () => writer.prepare(layout.writer.side(signal), ref));
  const plan: RunPlan = {
    reader: resolved.reader,
    writer: resolved.writer,
    columns: layout.columns,
    targets: layout.targets,
    throttle: setting.throttle,
    exactlyOnce: setting.exactlyOnce,
    zones: layout.zones,
    prepared: prepared as unknown as Json,
    resourceGroup: resolved.group,
    generation: record.planAttempts,
  };
  return { resolved, layout, plan, delivery: prepared.delivery, notes: prepared.notes };
}

async function launch(
  services: Services,
  record: RunRecord,
  { planned, owner }: { readonly planned: Planned; readonly owner: string },
): Promise<void> {
  const { layout, plan } = planned;
  const rows = layout.splits.map((split, number) => newSplit(record.id, number, split));
  await services.splits.insertAll({ run: record.id, generation: plan.generation }, rows);
  const at = isoNow(services);
  const { run, changed } = await services.runs.update(record.id, (current) => {
    if (current.lease?.owner !== owner) return undefined;
    const next = transitionRun(current, { kind: "planned" }, at);
    // Aborted meanwhile: the lease must go, so that the run can be settled; the plan stays, so that it can be undone.
    const base = next ?? { ...current, lease: null };
    return { ...base, ...displayText(planned, rows.length) };
  });
  if (!changed) return;
  if (run.state !== "running" || rows.length === 0)
    return wakeReducer(services, record.id, `planned-${plan.generation}`);
  await callFirstShards(services, run);
}

function displayText({ resolved, layout, plan, delivery, notes }: Planned, total: number): Partial<RunRecord> {
  const { errorLimit } = resolved.job.setting;
  const warnings = [...resolved.warnings, ...layout.warnings];
  const { concurrent, estimatedRows } = layout;
  return { plan, delivery, notes, warnings, concurrent, estimatedRows, errorLimit, splits: { total, done: 0 } };
}

function newSplit(run: string, number: number, split: Layout["splits"][number]): SplitRow {
  return {
    run,
    number,
    state: "pending",
    describe: split.describe,
    spec: split.spec,
    estimatedRows: split.rows ?? null,
    attempt: 0,
    failures: 0,
    uncertain: false,
    owner: null,
    leaseUntil: 0,
    progress: startOfSplit,
    live: noCounters,
    waitMs: { reader: 0, writer: 0 },
    dirtyKept: 0,
    token: null,
    startedAt: null,
    endedAt: null,
    error: null,
  };
}
