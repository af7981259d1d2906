import { keySpace, type ServiceContext } from "../service.js";
import type { Transaction } from "../store/store.js";

/** An accepted async request that is not done. Its event is stored apart from it, since this row changes with every try. */
export interface QueuedTask {
  /** Request id of the accepting answer, the same for all tries. */
  readonly id: string;
  readonly functionName: string;
  /** null = not kept as a task. */
  readonly taskId: string | null;
  readonly acceptedAtMs: number;
  /** Not before this moment. */
  readonly dueAtMs: number;
  /** Tries that failed so far. */
  readonly attempt: number;
}

/** States of a task, as the API names them. */
export type TaskStatus =
  | "Enqueued"
  | "Running"
  | "Retrying"
  | "Succeeded"
  | "Failed"
  | "Stopping"
  | "Stopped"
  | "Expired"
  | "Invalid";

/** What is remembered of a task: for seven days, so that its id is refused as long. */
export interface TaskRow {
  readonly taskId: string;
  readonly requestId: string;
  readonly functionName: string;
  readonly status: TaskStatus;
  readonly acceptedAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly instanceId: string;
  readonly retries: number;
  readonly errorMessage: string;
  readonly events: readonly { readonly status: TaskStatus; readonly atMs: number }[];
}

const kinds = { job: 0x01, event: 0x02, task: 0x03 } as const;

function key(kind: keyof typeof kinds, ...names: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([keySpace.fc, kinds[kind]]), Buffer.from(names.join("\0"))]);
}

function encode(row: QueuedTask | TaskRow): Buffer {
  return Buffer.from(JSON.stringify(row));
}

/** Reads a row that this file wrote. */
function decode<T extends QueuedTask | TaskRow>(bytes: Buffer): T {
  // Only this file writes under these keys, so the bytes have the shape that was put there.
  return JSON.parse(bytes.toString()) as T;
}

/** What reading a committed row takes. */
type Reading = Pick<ServiceContext["store"], "get">;

/** The job with this id, unless it is done. */
export function getJob(from: Reading, id: string): QueuedTask | null {
  const bytes = from.get(key("job", id));
  return bytes ? decode<QueuedTask>(bytes) : null;
}

/** Writes a job's state; with `event`, also what the function will be given. */
export function putJob(tx: Transaction, job: QueuedTask, event?: Buffer): void {
  tx.put(key("job", job.id), encode(job));
  if (event) tx.put(key("event", job.id), event);
}

/** Forgets a job that is done, with its event. */
export function deleteJob(tx: Transaction, id: string): void {
  tx.del(key("job", id));
  tx.del(key("event", id));
}

/** The event of a job that is not done. */
export function getEvent(from: Reading, id: string): Buffer {
  return from.get(key("event", id)) ?? Buffer.alloc(0);
}

/** A task by function and id, whatever its age. */
export function getTask(from: Reading, functionName: string, taskId: string): TaskRow | null {
  const bytes = from.get(key("task", functionName, taskId));
  return bytes ? decode<TaskRow>(bytes) : null;
}

/** Writes a task's state. */
export function putTask(tx: Transaction, task: TaskRow): void {
  tx.put(key("task", task.functionName, task.taskId), encode(task));
}

/** Forgets a task. */
export function deleteTask(tx: Transaction, task: TaskRow): void {
  tx.del(key("task", task.functionName, task.taskId));
}

/** All jobs that are not done, oldest first. */
export async function allJobs(store: ServiceContext["store"]): Promise<QueuedTask[]> {
  const jobs: QueuedTask[] = [];
  for await (const [, bytes] of store.range({ gte: key("job"), lt: key("event") }))
    jobs.push(decode<QueuedTask>(bytes));
  return jobs.sort((left, right) => left.acceptedAtMs - right.acceptedAtMs);
}

/** Tasks of one function whose id begins with a prefix, or of all functions; in the order of their ids. */
export async function* tasksOf(
  store: ServiceContext["store"],
  functionName: string | null,
  prefix = "",
): AsyncGenerator<TaskRow> {
  const gte = functionName === null ? key("task") : key("task", functionName, prefix);
  // No name contains a byte above 0x7f: this is past every key that begins with `gte`.
  const lt = Buffer.concat([gte, Buffer.from([0xff])]);
  for await (const [, bytes] of store.range({ gte, lt })) yield decode<TaskRow>(bytes);
}
