import { counted } from "../../model/counted.js";
import { InternalError, TransientError, toErrorReport, UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import { isEnded, type RunRecord } from "../../model/run.js";
import type { SplitRow } from "../../model/split.js";
import { isoNow, type Services } from "../../services.js";
import { openPlan } from "../open-plan.js";
import { groupOfRun, passedOn } from "../run-group.js";
import { dropLease, LeaseLost, leaseOwner, takeLease, whileLeased } from "../run-lease.js";
import { keepsWhatArrived, type RunEvent, transitionRun } from "../transition.js";
import { splitSetOf } from "../wake.js";
import { failRun } from "./abort.js";
import { forgetRun, RESUMABLE_MS } from "./forget-run.js";
import { orderRunEnd, tellRunEnded } from "./run-ended.js";
import { overErrorLimit, settledError, totalsOf, uncertaintyOf } from "./totals.js";

/** Longest publishing, statements of the user's included: the reducer has an hour in all (`s.yaml`). */
const PUBLISH_MS = 55 * 60_000;

/** Publishing that fails this often for passing reasons fails the run. */
const MAX_FINISH_ATTEMPTS = 10;

/**
 * Looks at a run as a whole: enforces its error limit, publishes it when all splits are done, settles it when it was aborted.
 * May be called at any time, by several at once.
 *
 * @param requestId  of the invocation, which a repeated delivery may share
 */
export async function reduceRun(services: Services, run: string, requestId: string): Promise<void> {
  const owner = leaseOwner(requestId);
  const { value: record } = await services.runs.get(run);
  const splits = (await services.splits.all(splitSetOf(record))).map(({ value }) => value);
  const current: RunRecord = { ...record, ...totalsOf(splits) };
  if (record.state === "running") return reduceRunning(services, { run: current, splits, owner });
  if (record.state === "publishing") return publish(services, { run: current, splits, owner });
  if (record.state === "aborting") return settle(services, { run: current, splits, owner });
  if (isEnded(record.state)) return forgetRun(services, record, owner);
}

/** A run with its sums, its splits, and who looks at it. */
interface Reduced {
  readonly run: RunRecord;
  readonly splits: readonly SplitRow[];
  readonly owner: string;
}

async function reduceRunning(services: Services, { run, splits, owner }: Reduced): Promise<void> {
  // Its shard fails the run itself, unless it dies right before.
  const broken = splits.find(({ state }) => state === "failed");
  if (broken) {
    const lost = new InternalError("SPLIT_FAILED", `split ${broken.number} failed for a reason that was lost`);
    await failRun(services, run.id, broken.error ?? toErrorReport(lost));
    return;
  }
  const isDone = run.splits.done === run.splits.total;
  const excess = overErrorLimit(run, { isAllRead: isDone });
  if (excess !== null) {
    await failRun(services, run.id, toErrorReport(new UserError("ERROR_LIMIT_EXCEEDED", excess)));
    return;
  }
  if (isDone) await publish(services, { run, splits, owner });
}

async function publish(services: Services, { run, splits, owner }: Reduced): Promise<void> {
  if (await passedOn(services, groupOfRun(run), { kind: "reduce", run: run.id, owner })) return;
  const at = isoNow(services);
  const seized = await takeLease(services, { run: run.id, owner }, (current) =>
    transitionRun(current, { kind: "splitsDone" }, at),
  );
  if (!seized) return;
  try {
    const { reader, writer, run: ref } = await openPlan(seized, services.secretBox);
    const holder = { run: run.id, owner, limitMs: PUBLISH_MS, sources: targetsOf(seized) };
    await whileLeased(services, holder, async (signal) => {
      await writer.connector.writer?.finish?.(writer.side(signal), ref, tokensOf(splits));
      await reader.connector.reader?.finish?.(reader.side(signal));
    });
  } catch (error) {
    services.log.error("publishing failed", { run: run.id, error: toErrorReport(error).message });
    // Whoever has the lease by now publishes too, and has the last word.
    if (error instanceof LeaseLost || !(await dropLease(services, run.id, owner))) return;
    // The platform repeats this invocation; after its last try the sweep goes on.
    if (error instanceof TransientError && seized.finishAttempts < MAX_FINISH_ATTEMPTS) throw error;
    await failRun(services, run.id, toErrorReport(error));
    return;
  }
  const notes = [...seized.notes, ...finalNotes(seized, run)];
  await end(services, run, { event: { kind: "published" }, notes });
}

function targetsOf({ plan }: RunRecord): string[] {
  return (plan?.writer.sources ?? []).map(({ name }) => name);
}

/** Ends an aborted run once no shard works on it any more. */
async function settle(services: Services, { run, splits, owner }: Reduced): Promise<void> {
  const isBusy = splits.some(({ state, leaseUntil }) => state === "claimed" && leaseUntil > services.now());
  if (isBusy) return;
  if (run.plan && (await passedOn(services, groupOfRun(run), { kind: "reduce", run: run.id, owner }))) return;
  const seized = await takeLease(services, { run: run.id, owner }, (current) =>
    current.state === run.state ? current : undefined,
  );
  if (!seized) return;
  const uncertainty = uncertaintyOf(splits, seized.delivery);
  const notes = [...seized.notes, ...finalNotes(seized, run), ...(uncertainty === null ? [] : [uncertainty])];
  const resumableUntil = new Date(services.now() + RESUMABLE_MS).toISOString();
  if (seized.plan && keepsWhatArrived(seized)) {
    await services.resumables.order({ run: run.id, attempts: 0 }, resumableUntil);
  } else if (seized.plan) {
    try {
      const { writer, run: ref } = await openPlan(seized, services.secretBox);
      await whileLeased(services, { run: run.id, owner, sources: targetsOf(seized) }, async (signal) => {
        const side = writer.side(AbortSignal.any([signal, AbortSignal.timeout(60_000)]));
        return writer.connector.writer?.discard?.(side, ref, tokensOf(splits));
      });
    } catch (error) {
      if (error instanceof LeaseLost) return;
      // What could not be undone is no reason to keep the run from ending; the user is told.
      notes.push(`what the run had staged could not be removed: ${toErrorReport(error).message}`);
    }
  }
  await end(
    services,
    { ...run, error: settledError(seized, splits) },
    { event: { kind: "settled", resumableUntil }, notes },
  );
}

async function end(
  services: Services,
  run: RunRecord,
  { event, notes }: { readonly event: RunEvent; readonly notes: readonly string[] },
): Promise<void> {
  const { counters, waitMs, dirtyKept, splits, error } = run;
  const at = isoNow(services);
  const order = await orderRunEnd(services, run);
  await services.runs.noteEnd(run, event.kind === "published" ? "succeeded" : (run.outcome ?? "failed"));
  const { run: ended, changed } = await services.runs.update(run.id, (current) => {
    const next = transitionRun(current, event, at);
    return next && { ...next, counters, waitMs, dirtyKept, splits, error, notes };
  });
  // Somebody else has ended it, or aborted it meanwhile: then it must be found by the sweep, to be settled.
  if (!changed) await services.runEnds.remove(order);
  if (!isEnded(ended.state)) return;
  if (changed) await tellRunEnded(services, order);
  await services.runs.retire(run);
  services.log.info("run ended", { run: run.id, state: event.kind, ...counters });
}

/** A token of what each split staged: done ones named it at the end, others in their progress. */
function tokensOf(splits: readonly SplitRow[]): Json[] {
  return splits.map(({ state, token, progress }) => (state === "done" ? token : (progress.staged ?? null)));
}

function finalNotes(seized: RunRecord, run: RunRecord): string[] {
  const notes: string[] = [];
  if (run.counters.dirty > run.dirtyKept)
    notes.push(
      `only ${run.dirtyKept} of ${counted(run.counters.dirty, "dirty record")} kept: the cap of a run was reached`,
    );
  if (seized.state === "publishing" && seized.finishAttempts > 1)
    notes.push(`publishing was begun ${seized.finishAttempts} times: postSql may have run more than once`);
  return notes;
}
