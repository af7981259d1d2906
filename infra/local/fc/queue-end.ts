import type { Transaction } from "../store/store.js";
import { type Acceptance, accept, keepTask } from "./accept.js";
import { destinationRecord } from "./destination.js";
import { deleteJob, getEvent, type QueuedTask, type TaskRow, type TaskStatus } from "./queue-rows.js";
import type { Ending } from "./retry.js";

const statuses = {
  succeeded: "Succeeded",
  failed: "Failed",
  expired: "Expired",
  stopped: "Stopped",
} as const satisfies Record<Ending["kind"], TaskStatus>;

/** A job that ended, with the try that ended it, if one did. */
export interface EndedJob {
  readonly job: QueuedTask;
  readonly ending: Ending;
  readonly lastTry: { readonly startedAtMs: number; readonly instance: { readonly id: string } | null } | null;
}

/** Where jobs end: {@link Acceptance} for the destination's request, and the names it is told. */
export interface EndingPlace extends Acceptance {
  readonly arnOf: (functionName: string) => string;
}

/**
 * Makes the end of a job true in one transaction: the job is gone, its task says how, its destination has a request.
 *
 * @returns the destination's job, for the queue to take up after the commit
 */
export function end(place: EndingPlace, tx: Transaction, ended: EndedJob): { job: QueuedTask; event: Buffer } | null {
  const { job, ending, lastTry } = ended;
  const nowMs = place.clock.now();
  const functionArn = place.arnOf(job.functionName);
  const record = destinationRecord({ job, ending, event: getEvent(tx, job.id), functionArn, nowMs });
  deleteJob(tx, job.id);
  keepTask(tx, job, { ...endOf(ending, lastTry, nowMs), status: statuses[ending.kind], atMs: nowMs });
  const spec = place.pools.get(job.functionName)?.spec;
  const target = ending.kind === "succeeded" ? spec?.onSuccess : ending.kind === "stopped" ? null : spec?.onFailure;
  return target ? { job: accept(place, tx, { functionName: target, event: record }), event: record } : null;
}

function endOf(ending: Ending, lastTry: EndedJob["lastTry"], endedAtMs: number): Partial<TaskRow> {
  const outcome = "outcome" in ending ? ending.outcome : null;
  return {
    endedAtMs,
    startedAtMs: lastTry?.startedAtMs ?? null,
    instanceId: lastTry?.instance?.id ?? "",
    errorMessage: outcome && !outcome.ok ? outcome.error.errorMessage : "",
  };
}
