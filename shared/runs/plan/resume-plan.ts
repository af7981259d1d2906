import { isDeepStrictEqual } from "node:util";
import { layOut } from "../../jobs/lay-out.js";
import type { ResolvedJob } from "../../jobs/resolve-job.js";
import { InternalError, UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import type { PlannedStep, RunPlan } from "../../model/plan.js";
import type { RunRecord } from "../../model/run.js";
import type { SplitRow } from "../../model/split.js";
import { isoNow, type Services } from "../../services.js";
import { transitionRun } from "../transition.js";
import { splitSetOf, wakeReducer } from "../wake.js";
import { callMissingShards } from "../work/call-shards.js";

/**
 * The plan with which a resumed run goes on: its own, with the passwords of today.
 *
 * @throws UserError CONFLICT when the source or the target is not what it was when the run was planned
 */
export async function planOnward(
  services: Services,
  record: RunRecord,
  { resolved, signal }: { readonly resolved: ResolvedJob; readonly signal: AbortSignal },
): Promise<RunPlan> {
  const { plan } = record;
  if (!plan) throw new InternalError("INTERNAL", `run ${record.id} has no plan to go on with`);
  const stepChange = changeOfStep("reader", plan, resolved) ?? changeOfStep("writer", plan, resolved);
  if (stepChange !== null) throw cannotGoOn(stepChange);
  const layout = await layOut(resolved, services.secretBox, { signal });
  const { columns, targets = layout.targets, zones } = plan;
  if (!isSame(columns, layout.columns)) throw cannotGoOn("the columns of the source are others than they were");
  if (!isSame(targets, layout.targets)) throw cannotGoOn("the columns of the target are others than they were");
  for (const kind of ["reader", "writer"] as const)
    if (zones[kind].zone !== layout.zones[kind].zone)
      throw cannotGoOn(`the zone of the ${kind} was ${zones[kind].zone} and is ${layout.zones[kind].zone}`);
  const orderOf = (spec: Json) => layout.reader.connector.reader?.orderOf?.(spec) ?? null;
  const orders = layout.splits.map(({ spec }) => orderOf(spec));
  for (const { value } of await services.splits.all(splitSetOf(record)))
    if (value.state !== "done" && !orders.some((order) => isSame(order, orderOf(value.spec))))
      throw cannotGoOn(`the source is not read by the key of before: split ${value.number} was ${value.describe}`);
  return { ...plan, reader: resolved.reader, writer: resolved.writer, resourceGroup: resolved.group };
}

/** Whose parameters or addresses are others may mean other records. Passwords may change. */
function changeOfStep(kind: "reader" | "writer", plan: RunPlan, resolved: ResolvedJob): string | null {
  const [before, now]: [PlannedStep, PlannedStep] = [plan[kind], resolved[kind]];
  if (before.type !== now.type || !isSame(before.parameter, now.parameter))
    return `the parameters of the ${kind} are others than they were`;
  for (const { name, source } of now.sources) {
    const old = before.sources.find((one) => one.name === name)?.source;
    if (old?.type !== source.type) return `data source "${name}" is another one than it was`;
    const names = Object.keys({ ...old.properties, ...source.properties });
    const changed = names.filter((one) => !isSame(old.properties[one], source.properties[one]));
    if (changed.length > 0) return `data source "${name}" was changed: ${changed.join(", ")}`;
  }
  return null;
}

function cannotGoOn(reason: string): UserError {
  const hint =
    "Start it anew, after a look at what its target holds; or put back what was changed, and resume it again.";
  return new UserError("CONFLICT", `the run cannot be resumed: ${reason}`, { hint });
}

/** As they are stored: absent and undefined are the same. */
function isSame(left: unknown, right: unknown): boolean {
  const stored = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
  return isDeepStrictEqual(stored(left), stored(right));
}

/** Opens the splits that were not finished, and has shards called to them. Done twice, nothing happens twice. */
export async function relaunch(
  services: Services,
  record: RunRecord,
  { plan, owner }: { readonly plan: RunPlan; readonly owner: string },
): Promise<void> {
  const splits: SplitRow[] = [];
  for (const split of await services.splits.all(splitSetOf(record))) {
    const value = split.value.state === "done" ? split.value : reopened(split.value);
    if (value !== split.value) await services.splits.replace({ ...split, value });
    splits.push(value);
  }
  const at = isoNow(services);
  const { run, changed } = await services.runs.update(record.id, (current) => {
    if (current.lease?.owner !== owner) return undefined;
    const next = transitionRun(current, { kind: "planned" }, at);
    return next ? { ...next, plan } : { ...current, lease: null };
  });
  if (!changed) return;
  if (run.state !== "running" || splits.every(({ state }) => state === "done"))
    return wakeReducer(services, record.id, `resumed-${run.resumes}-${run.planAttempts}`);
  await callMissingShards(services, run, splits);
}

/** Whoever held it went away, or failed: where it stands counts, and whether that is certain. */
function reopened(split: SplitRow): SplitRow {
  const uncertain = split.uncertain || split.state === "claimed";
  return { ...split, state: "pending", failures: 0, uncertain, leaseUntil: 0, endedAt: null, error: null };
}
