import { FcError } from "./fc-error.js";
import type { Queue } from "./queue.js";
import { getTask, type TaskRow, tasksOf } from "./queue-rows.js";

/** The two generations of the API: they name the same fields differently. */
export type ApiStyle = "tasks" | "statefulInvocations";

/** Which task to show, and how. */
export interface TaskPlace {
  readonly functionName: string;
  readonly taskId: string;
  readonly style: ApiStyle;
}

/** Whose tasks to show, which of them, and how. */
export interface TaskListPlace {
  readonly functionName: string;
  readonly query: URLSearchParams;
  readonly style: ApiStyle;
}

/** What of a list is wanted; see {@link readListQuery}. */
interface ListQuery {
  readonly limit: number;
  readonly offset: number;
  readonly prefix: string;
  readonly status: string | null;
  readonly startedFromMs: number;
  readonly startedUntilMs: number;
  readonly newestFirst: boolean;
}

/**
 * One task as the API shows it.
 *
 * @throws FcError 404
 */
export function viewTask(queue: Queue, { functionName, taskId, style }: TaskPlace): object {
  const task = getTask(queue.store, functionName, taskId);
  if (!task) throw new FcError(404, "AsyncTaskNotFound", `the function ${functionName} has no task ${taskId}`);
  return view(queue, current(queue, task), style);
}

/**
 * A page of a function's tasks, by start time: `{ tasks | invocations, nextToken? }`.
 *
 * @throws FcError 400 for a limit outside 1 to 100 or a token that is none
 */
export async function viewTasks(queue: Queue, { functionName, query, style }: TaskListPlace): Promise<object> {
  const wanted = readListQuery(query);
  const found: TaskRow[] = [];
  for await (const row of tasksOf(queue.store, functionName, wanted.prefix)) {
    const task = current(queue, row);
    const startedAtMs = task.startedAtMs ?? task.acceptedAtMs;
    if (wanted.status !== null && task.status !== wanted.status) continue;
    if (startedAtMs >= wanted.startedFromMs && startedAtMs <= wanted.startedUntilMs) found.push(task);
  }
  const sign = wanted.newestFirst ? -1 : 1;
  found.sort(
    (left, right) => sign * ((left.startedAtMs ?? left.acceptedAtMs) - (right.startedAtMs ?? right.acceptedAtMs)),
  );
  const until = wanted.offset + wanted.limit;
  const page = found.slice(wanted.offset, until).map((task) => view(queue, task, style));
  const nextToken = until < found.length ? { nextToken: Buffer.from(String(until)).toString("base64url") } : {};
  return { [style === "tasks" ? "tasks" : "invocations"]: page, ...nextToken };
}

function readListQuery(query: URLSearchParams): ListQuery {
  const number = (name: string, absent: number) => (query.get(name) ? Number(query.get(name)) : absent);
  const limit = number("limit", 20);
  const token = query.get("nextToken");
  const offset = token ? Number(Buffer.from(token, "base64url").toString()) : 0;
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new FcError(400, "InvalidArgument", "limit: expected 1 to 100");
  }
  if (!Number.isInteger(offset)) throw new FcError(400, "InvalidArgument", "nextToken: not one of this list's");
  return {
    limit,
    offset,
    prefix: query.get("prefix") ?? query.get("invocationIdPrefix") ?? "",
    status: query.get("status"),
    startedFromMs: number("startedTimeBegin", 0),
    startedUntilMs: number("startedTimeEnd", Number.POSITIVE_INFINITY),
    newestFirst: query.get("sortOrderByTime") === "desc",
  };
}

/** That a task runs is known to this process only: after its end the task is waiting again. */
function current(queue: Queue, row: TaskRow): TaskRow {
  const running = queue.running.get(row.requestId);
  // A list is of the moment it was begun: a task that is over by now says so in its row of now.
  const task = row.endedAtMs === null ? (getTask(queue.store, row.functionName, row.taskId) ?? row) : row;
  if (!running || task.endedAtMs !== null) return task;
  const status = running.stopping ? "Stopping" : "Running";
  const events = [...task.events, { status: "Running", atMs: running.startedAtMs } as const];
  return { ...task, status, startedAtMs: running.startedAtMs, instanceId: running.instance?.id ?? "", events };
}

function view(queue: Queue, task: TaskRow, style: ApiStyle): object {
  const { startedAtMs, endedAtMs, errorMessage } = task;
  const shared = {
    requestId: task.requestId,
    status: task.status,
    startedTime: startedAtMs ?? task.acceptedAtMs,
    endTime: endedAtMs ?? 0,
    durationMs: startedAtMs !== null && endedAtMs !== null ? endedAtMs - startedAtMs : 0,
    alreadyRetriedTimes: task.retries,
    instanceId: task.instanceId,
    qualifier: "LATEST",
    events: task.events.map(({ status, atMs }, index) => ({
      eventId: index + 1,
      status,
      timestamp: atMs,
      eventDetail: "",
    })),
  };
  if (style === "tasks") {
    return {
      taskId: task.taskId,
      functionArn: queue.arnOf(task.functionName),
      taskErrorMessage: errorMessage,
      ...shared,
    };
  }
  return {
    invocationId: task.taskId,
    functionName: task.functionName,
    invocationErrorMessage: errorMessage,
    ...shared,
  };
}
