import type { LocalClock } from "../clock.js";
import type { FunctionSpec } from "../manifest.js";
import type { Store, Transaction } from "../store/store.js";
import { type AsyncRequest, accept, keepTask, TASK_MEMORY_MS } from "./accept.js";
import { FcError } from "./fc-error.js";
import { type FcInstance, killInstance } from "./instance.js";
import type { InvocationOutcome } from "./invocation.js";
import { hasRoom, type Pool, runInPool } from "./pool.js";
import { end } from "./queue-end.js";
import { allJobs, deleteTask, getEvent, getJob, getTask, putJob, type QueuedTask, tasksOf } from "./queue-rows.js";
import { afterTry, type Ending, isTooOld } from "./retry.js";

/** A try that is under way. */
export interface Running {
  readonly job: QueuedTask;
  readonly startedAtMs: number;
  instance: FcInstance | null;
  /** Its end was asked for: whatever comes of it, it is not tried again. */
  stopping: boolean;
  /** The function is done with it, and what came of it is being written down. */
  settling: boolean;
}

/** One delivery in waiting. A repeated delivery carries its event itself: it leaves no trace in the store. */
interface Delivery {
  readonly job: QueuedTask;
  readonly repeatedEvent: Buffer | null;
}

/** The durable queue of async requests: accepted means committed, and everything accepted runs at least once. */
export interface Queue {
  readonly store: Store;
  readonly clock: LocalClock;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly arnOf: (functionName: string) => string;
  /** Told about failures of the queue itself, such as a full disk. */
  readonly report: (requestId: string, functionName: string, problem: string) => void;
  /** Due deliveries by function, in the order of their arrival. */
  readonly ready: Map<string, Map<string, Delivery>>;
  /** Cancels the alarm of a job that waits for its next try. */
  readonly delayed: Map<string, { readonly functionName: string; readonly cancel: () => void }>;
  readonly running: Map<string, Running>;
  /** How often each accepted request is delivered; tests raise it. */
  deliveries: number;
  closing: boolean;
}

/** Makes the queue; {@link startQueue} brings back what an earlier process left. */
export function createQueue(parts: Pick<Queue, "store" | "clock" | "pools" | "arnOf" | "report">): Queue {
  const state = { ready: new Map(), delayed: new Map(), running: new Map() };
  return { ...parts, ...state, deliveries: 1, closing: false };
}

/** Lets all jobs of the store run that are not done: what was under way when the process ended begins again. */
export async function startQueue(queue: Queue): Promise<void> {
  for (const job of await allJobs(queue.store)) if (queue.pools.has(job.functionName)) schedule(queue, job);
  void forgetOldTasks(queue).catch(() => undefined);
}

/** Stops giving out work. Tries under way are left to the end of their instances and begin again with the next start. */
export function closeQueue(queue: Queue): void {
  queue.closing = true;
  for (const { cancel } of queue.delayed.values()) cancel();
  queue.ready.clear();
}

async function forgetOldTasks({ store, clock }: Queue): Promise<void> {
  for await (const task of tasksOf(store, null)) {
    if (task.endedAtMs !== null && clock.now() - task.acceptedAtMs > TASK_MEMORY_MS) {
      await store.write((tx) => deleteTask(tx, task));
    }
  }
}

/**
 * Accepts a request: resolves when it is durable.
 *
 * @param extra  deliveries beyond the usual ones, for a fault that repeats this request
 * @throws FcError 409 when the task id was used within the last seven days
 */
export async function enqueue(queue: Queue, request: AsyncRequest, extra = 0): Promise<QueuedTask> {
  const job = await queue.store.write((tx) => accept(queue, tx, request));
  admitTask(queue, job, { event: request.event, extra });
  return job;
}

/**
 * Accepts a request inside someone else's transaction. Whether that one commits is known only afterwards, so the
 * queue looks once it is over; a process that ends in between finds the job at its next start.
 */
export function enqueueInside(queue: Queue, tx: Transaction, request: AsyncRequest): void {
  const { id } = accept(queue, tx, request);
  const committed = queue.store.write((later) => getJob(later, id));
  void committed.then((job) => job && admitTask(queue, job, { event: request.event, extra: 0 })).catch(() => undefined);
}

/** Takes up a job that has just been committed, as often as deliveries are to be repeated. */
export function admitTask(queue: Queue, job: QueuedTask, { event, extra }: { event: Buffer; extra: number }): void {
  for (let copy = 1; copy < queue.deliveries + extra; copy += 1) {
    lineUp(queue, `${job.id}#${copy}`, { job, repeatedEvent: event });
  }
  schedule(queue, job);
}

function schedule(queue: Queue, job: QueuedTask): void {
  if (queue.closing) return;
  const due = () => {
    queue.delayed.delete(job.id);
    lineUp(queue, job.id, { job, repeatedEvent: null });
  };
  if (job.dueAtMs <= queue.clock.now()) due();
  else queue.delayed.set(job.id, { functionName: job.functionName, cancel: queue.clock.alarm(job.dueAtMs, due) });
}

function lineUp(queue: Queue, id: string, delivery: Delivery): void {
  const line = queue.ready.get(delivery.job.functionName) ?? new Map<string, Delivery>();
  queue.ready.set(delivery.job.functionName, line.set(id, delivery));
  pump(queue, delivery.job.functionName);
}

/** Starts what is due and has room. To be called whenever a request of the function ends. */
export function pump(queue: Queue, functionName: string): void {
  const line = queue.ready.get(functionName);
  const pool = queue.pools.get(functionName);
  if (!line || !pool) return;
  for (const [id, delivery] of line) {
    if (queue.closing || !hasRoom(pool)) return;
    line.delete(id);
    const work = delivery.repeatedEvent === null ? tryJob(queue, pool, delivery.job) : repeat(pool, delivery);
    void work
      .catch((problem: unknown) => queue.closing || queue.report(delivery.job.id, functionName, String(problem)))
      .then(() => pump(queue, functionName));
  }
}

async function repeat(pool: Pool, { job, repeatedEvent }: Delivery): Promise<void> {
  const event = repeatedEvent ?? Buffer.alloc(0);
  await runInPool(pool, { requestId: job.id, event, retryCount: job.attempt });
}

async function tryJob(queue: Queue, pool: Pool, job: QueuedTask): Promise<void> {
  const { clock, store } = queue;
  if (isTooOld(pool.spec, job, clock.now())) return finish(queue, job, { ending: { kind: "expired" }, lastTry: null });
  const running: Running = { job, startedAtMs: clock.now(), instance: null, stopping: false, settling: false };
  queue.running.set(job.id, running);
  try {
    const invocation = { requestId: job.id, event: getEvent(store, job.id), retryCount: job.attempt };
    const outcome = await runInPool(pool, invocation, (instance) => place(running, instance));
    // The kill that ends this process's instances is no failure of the function.
    if (queue.closing) return;
    running.settling = true;
    await settle(queue, pool.spec, { running, outcome });
  } finally {
    queue.running.delete(job.id);
  }
}

function place(running: Running, instance: FcInstance): void {
  running.instance = instance;
  if (running.stopping) killInstance(instance);
}

async function settle(
  queue: Queue,
  spec: FunctionSpec,
  { running, outcome }: { running: Running; outcome: InvocationOutcome },
): Promise<void> {
  const { job } = running;
  if (running.stopping) return finish(queue, job, { ending: { kind: "stopped" }, lastTry: running });
  const nowMs = queue.clock.now();
  const step = afterTry(spec, job, { outcome, nowMs });
  if (step.kind === "end") return finish(queue, job, { ending: step.ending, lastTry: running });
  await queue.store.write((tx) => {
    putJob(tx, step.job);
    keepTask(tx, step.job, { status: "Retrying", atMs: nowMs });
  });
  if (running.stopping) return finish(queue, step.job, { ending: { kind: "stopped" }, lastTry: running });
  schedule(queue, step.job);
}

async function finish(
  queue: Queue,
  job: QueuedTask,
  { ending, lastTry }: { ending: Ending; lastTry: Running | null },
): Promise<void> {
  const follower = await queue.store.write((tx) => end(queue, tx, { job, ending, lastTry }));
  if (follower) admitTask(queue, follower.job, { event: follower.event, extra: 0 });
}

/**
 * Ends a task: one that waits at once, one that runs by killing its instance.
 *
 * @throws FcError 404 when there is no such task; 412 when it is over
 */
export async function stopTask(queue: Queue, functionName: string, taskId: string): Promise<void> {
  const task = getTask(queue.store, functionName, taskId);
  if (!task) throw new FcError(404, "AsyncTaskNotFound", `the function ${functionName} has no task ${taskId}`);
  if (task.endedAtMs !== null)
    throw new FcError(412, "AsyncTaskAlreadyFinished", `the task ${taskId} is ${task.status}`);
  const running = queue.running.get(task.requestId);
  if (running) {
    running.stopping = true;
    if (running.instance) killInstance(running.instance);
    return;
  }
  queue.ready.get(functionName)?.delete(task.requestId);
  queue.delayed.get(task.requestId)?.cancel();
  queue.delayed.delete(task.requestId);
  const job = getJob(queue.store, task.requestId);
  if (job) await finish(queue, job, { ending: { kind: "stopped" }, lastTry: null });
}
