import type { LocalClock } from "../clock.js";
import type { FunctionSpec } from "../manifest.js";
import type { Transaction } from "../store/store.js";
import { FcError } from "./fc-error.js";
import { newRequestId } from "./invocation.js";
import { getTask, putJob, putTask, type QueuedTask, type TaskRow, type TaskStatus } from "./queue-rows.js";

/** How long a task is remembered, and its id refused. */
export const TASK_MEMORY_MS = 7 * 24 * 60 * 60 * 1000;

/** An async request before it is accepted. */
export interface AsyncRequest {
  readonly functionName: string;
  readonly event: Buffer;
  /** The caller's id for it; a second request with the same one is refused. */
  readonly taskId?: string | undefined;
  readonly requestId?: string;
}

/** What accepting takes: the time, and which functions there are. */
export interface Acceptance {
  readonly clock: LocalClock;
  readonly pools: ReadonlyMap<string, { readonly spec: FunctionSpec }>;
}

/** Writes the rows of a request. Decides on committed state: two requests with one task id cannot both pass. */
export function accept({ clock, pools }: Acceptance, tx: Transaction, request: AsyncRequest): QueuedTask {
  const { functionName, event, requestId: id = newRequestId() } = request;
  const spec = pools.get(functionName)?.spec;
  const taskId = request.taskId ?? (spec?.asyncTask ? id : null);
  const nowMs = clock.now();
  if (taskId !== null) {
    const earlier = getTask(tx, functionName, taskId);
    if (earlier && nowMs - earlier.acceptedAtMs <= TASK_MEMORY_MS) {
      throw new FcError(
        409,
        "StatefulAsyncInvocationAlreadyExists",
        `the task ${taskId} of ${functionName} exists already`,
      );
    }
  }
  const job: QueuedTask = { id, functionName, taskId, acceptedAtMs: nowMs, dueAtMs: nowMs, attempt: 0 };
  putJob(tx, job, event);
  keepTask(tx, job, { status: "Enqueued", atMs: nowMs });
  return job;
}

/** A new state of a task, since when, and what else it changes. */
export type TaskChange = { readonly status: TaskStatus; readonly atMs: number } & Partial<TaskRow>;

/** Writes down a task's new state; does nothing for a job that is not kept as a task. */
export function keepTask(tx: Transaction, job: QueuedTask, { status, atMs, ...changes }: TaskChange): void {
  const { taskId, functionName, id: requestId, acceptedAtMs } = job;
  if (taskId === null) return;
  const blank = { startedAtMs: null, endedAtMs: null, instanceId: "", errorMessage: "", events: [] };
  const earlier = getTask(tx, functionName, taskId);
  const before = earlier?.requestId === requestId ? earlier : blank;
  const events = [...before.events, { status, atMs }];
  const fixed = { taskId, requestId, functionName, acceptedAtMs, retries: job.attempt, status, events };
  putTask(tx, { ...before, ...changes, ...fixed });
}
