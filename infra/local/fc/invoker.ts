import type { ServiceContext } from "../service.js";
import type { AsyncRequest } from "./accept.js";
import { FcError } from "./fc-error.js";
import { type Invocation, type InvocationOutcome, newRequestId } from "./invocation.js";
import type { Logs } from "./logs.js";
import { type Pool, runInPool } from "./pool.js";
import { enqueue, pump, type Queue } from "./queue.js";
import { payloadLimits, tooLarge } from "./wire.js";

/** What the fronts share: the functions, their queue, their logs. */
export interface LocalInvoker {
  readonly context: ServiceContext;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly queue: Queue;
  readonly logs: Logs;
}

/**
 * The pool of a function.
 *
 * @throws FcError 404
 */
export function poolOf({ pools }: Pick<LocalInvoker, "pools">, functionName: string): Pool {
  const pool = pools.get(functionName);
  if (pool) return pool;
  throw new FcError(404, "FunctionNotFound", `function '${functionName}' does not exist`);
}

/**
 * Runs a request and waits for it.
 *
 * @throws FcError 404 for an unknown function, 429 when it has as many requests under way as it may
 */
export async function invokeSync(
  invoker: LocalInvoker,
  functionName: string,
  invocation: Invocation,
): Promise<InvocationOutcome> {
  const pool = poolOf(invoker, functionName);
  if (pool.inFlight >= pool.limit) {
    throw new FcError(429, "ResourceExhausted", `function '${functionName}' runs ${pool.limit} requests already`);
  }
  try {
    return await runInPool(pool, invocation);
  } finally {
    pump(invoker.queue, functionName);
  }
}

const TASK_ID = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;

/**
 * Accepts a request for later.
 *
 * @param extra  deliveries beyond the first
 * @throws FcError 404, 409 for a repeated task id, 400 above the payload limit and for a task id of another form
 */
export async function invokeAsync(invoker: LocalInvoker, request: AsyncRequest, extra = 0): Promise<void> {
  poolOf(invoker, request.functionName);
  if (request.event.length > payloadLimits.async) throw tooLarge(payloadLimits.async);
  if (request.taskId !== undefined && !TASK_ID.test(request.taskId)) {
    const form = "a letter or _ first, then letters, digits, _ or -, at most 128 in all";
    throw new FcError(400, "InvalidArgument", `the task id is not of the form: ${form}`);
  }
  await enqueue(invoker.queue, { requestId: newRequestId(), ...request }, extra);
}
