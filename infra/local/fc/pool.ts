import type { FunctionSpec } from "../manifest.js";
import { FcError } from "./fc-error.js";
import { type FcInstance, type InstanceHost, killInstance, runOn, startInstance, stopFcInstance } from "./instance.js";
import { failure, type Invocation, type InvocationOutcome } from "./invocation.js";

/** The instances of one function, and the requests that have one or wait for one. */
export interface Pool {
  readonly spec: FunctionSpec;
  /** How many requests may be under way at once; one more is throttled. */
  readonly limit: number;
  /** Processes that may exist at once. Below `limit` only for functions that reserve nothing: requests then wait. */
  readonly maxInstances: number;
  readonly host: InstanceHost;
  readonly idleMs: number;
  readonly instances: Set<FcInstance>;
  /** Warm and free, the most recently used last. */
  readonly idle: { readonly instance: FcInstance; readonly timer: NodeJS.Timeout }[];
  readonly waiting: (() => void)[];
  /** Requests under way, waiting ones included. */
  inFlight: number;
  /** No process is started any more. */
  closed: boolean;
}

/** The platform gives a function without a reservation what the region has left. */
const REGION_LIMIT = 300;
/** A laptop cannot hold a region's worth of processes. */
const UNRESERVED_INSTANCES = 16;

/** Makes the empty pool of a function. */
export function createPool(spec: FunctionSpec, host: InstanceHost, idleMs: number): Pool {
  const limit = spec.reservedConcurrency ?? REGION_LIMIT;
  const maxInstances = spec.reservedConcurrency ?? UNRESERVED_INSTANCES;
  return {
    spec,
    limit,
    maxInstances,
    host,
    idleMs,
    instances: new Set(),
    idle: [],
    waiting: [],
    inFlight: 0,
    closed: false,
  };
}

/** Whether a request would run at once instead of waiting or being throttled. */
export function hasRoom(pool: Pool): boolean {
  return pool.inFlight < Math.min(pool.limit, pool.maxInstances);
}

/**
 * Runs a request on a warm instance, or else on a new one. The caller has checked the limit.
 *
 * @param placed  told which instance got it
 */
export async function runInPool(
  pool: Pool,
  invocation: Invocation,
  placed?: (instance: FcInstance) => void,
): Promise<InvocationOutcome> {
  pool.inFlight += 1;
  try {
    const instance = await takeInstance(pool, invocation.requestId);
    placed?.(instance);
    const log = (line: string) =>
      pool.host.logs.write({
        functionName: pool.spec.name,
        requestId: invocation.requestId,
        instanceId: instance.id,
        line,
      });
    const broken = await instance.started;
    log(`FC Invoke Start RequestId: ${invocation.requestId}`);
    const outcome = broken
      ? failure(broken.errorType, broken.error, { instanceId: instance.id, durationMs: 0, maxMemoryMb: 0 })
      : await runOn(instance, invocation);
    if (!outcome.ok) log(`FC Invoke Error RequestId: ${invocation.requestId}, Error: ${outcome.error.errorMessage}`);
    log(`FC Invoke End RequestId: ${invocation.requestId}`);
    if (broken) killInstance(instance);
    giveBack(pool, instance);
    return outcome;
  } finally {
    pool.inFlight -= 1;
  }
}

async function takeInstance(pool: Pool, requestId: string): Promise<FcInstance> {
  for (;;) {
    if (pool.closed) throw new FcError(503, "ServiceUnavailable", "the local cloud is being ended");
    const free = pool.idle.pop();
    if (free) {
      clearTimeout(free.timer);
      if (free.instance.alive && !free.instance.retired) return free.instance;
    } else if (pool.instances.size < pool.maxInstances) {
      return addInstance(pool, requestId);
    } else {
      await new Promise<void>((resolve) => pool.waiting.push(resolve));
    }
  }
}

function addInstance(pool: Pool, requestId: string): FcInstance {
  const instance = startInstance(pool.spec, requestId, pool.host);
  pool.instances.add(instance);
  void instance.gone.then(() => {
    pool.instances.delete(instance);
    pool.waiting.shift()?.();
  });
  return instance;
}

function giveBack(pool: Pool, instance: FcInstance): void {
  if (!instance.alive) return;
  if (instance.retired) return void stopFcInstance(instance);
  const timer = setTimeout(() => void retire(pool, instance), pool.idleMs).unref();
  pool.idle.push({ instance, timer });
  pool.waiting.shift()?.();
}

/** Takes an instance out of service: at once when it is free, else after its request. */
async function retire(pool: Pool, instance: FcInstance, limitMs?: number): Promise<void> {
  instance.retired = true;
  const index = pool.idle.findIndex((one) => one.instance === instance);
  if (index < 0) return;
  const [free] = pool.idle.splice(index, 1);
  clearTimeout(free?.timer);
  await stopFcInstance(instance, limitMs);
}

/** Lets the function run with new code: warm instances are replaced as soon as they are free. */
export function renewPool(pool: Pool): void {
  for (const instance of [...pool.instances]) void retire(pool, instance);
}

/** Kills all instances, busy or not; what they were doing fails. Returns how many there were. */
export function killPool(pool: Pool): number {
  const instances = [...pool.instances].filter((instance) => instance.alive);
  for (const instance of instances) killInstance(instance);
  return instances.length;
}

/** How long a preStop hook may hold up the end of the local cloud. */
const CLOSE_LIMIT_MS = 3000;

/** Ends all instances: free ones after their preStop hook, busy ones at once. */
export async function closePool(pool: Pool): Promise<void> {
  pool.closed = true;
  const free = new Set(pool.idle.map((one) => one.instance));
  for (const instance of pool.instances) if (!free.has(instance)) killInstance(instance);
  await Promise.all([...free].map((instance) => retire(pool, instance, CLOSE_LIMIT_MS)));
  await Promise.all([...pool.instances].map((instance) => instance.gone));
  for (const wake of pool.waiting.splice(0)) wake();
}
