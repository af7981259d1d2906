import { UserError } from "../../../shared/model/errors.js";
import type { LocalClock } from "../clock.js";
import type { FunctionSpec } from "../manifest.js";
import type { EmitObjectEvent, LocalCredentials, Service, ServiceContext } from "../service.js";
import { createApi } from "./api.js";
import { createHttpFront } from "./http-front.js";
import { type InstanceHost, killInstance } from "./instance.js";
import type { LocalInvoker } from "./invoker.js";
import { createLogs, type LogListener } from "./logs.js";
import { createMemoryWatch } from "./memory.js";
import { objectEvent, wants } from "./object-events.js";
import { endOrphans } from "./orphans.js";
import { closePool, createPool, killPool, type Pool, renewPool } from "./pool.js";
import { closeQueue, createQueue, enqueue, enqueueInside, type Queue, startQueue } from "./queue.js";
import { type Ring, startTimers, timerEvent } from "./timers.js";

/** What Function Compute is made from. */
export interface FunctionComputeOptions {
  readonly context: ServiceContext;
  readonly clock: LocalClock;
  readonly functions: readonly FunctionSpec[];
  /** Folder of the built functions, absolute. */
  readonly functionsFolder: string;
  /** The built `worker.ts`, absolute. */
  readonly workerFile: string;
  /** The role that a function acts with. */
  readonly credentialsOf: (functionName: string, instanceId: string) => LocalCredentials;
  readonly onLog?: LogListener | undefined;
  /** false = timers ring only when they are told to. */
  readonly timers: boolean;
  /** How long an instance without work is kept. */
  readonly idleMs?: number | undefined;
}

/** How a function is doing. */
export interface FunctionState {
  readonly name: string;
  readonly handler: string;
  /** Processes, and how many of them wait for work. */
  readonly instances: number;
  readonly idle: number;
  /** Requests under way, synchronous and asynchronous. */
  readonly inFlight: number;
  /** Async requests that wait for room or for their next try. */
  readonly queued: number;
}

/** The running service: two fronts, and the handles that tests and the command line pull. */
export interface FunctionCompute {
  /** The invoke API. */
  readonly api: Service;
  /** HTTP triggers. */
  readonly http: Service;
  readonly emit: EmitObjectEvent;
  /** Takes up what an earlier process left in the queue, and starts the timers. Before, nothing runs by itself. */
  start(): Promise<void>;
  /** Rings a timer as if it were `at`. @throws UserError NOT_FOUND */
  tick(timerName: string, at: Date): Promise<void>;
  /** From now on every async request is delivered n times; 1 = once. */
  deliverAgain(n: number): void;
  /** Kills all instances of a function. Returns how many there were. @throws UserError NOT_FOUND */
  killInstances(functionName: string): number;
  /** Kills one instance; nothing when it is gone already. */
  killInstance(instanceId: string): void;
  /** Replaces warm instances, so that changed code is loaded. */
  reload(): void;
  functions(): FunctionState[];
  /** Log lines of one of the latest requests. */
  logs(requestId: string): readonly string[];
  /** Ends all instances. Work under way begins again with the next start. */
  close(): Promise<void>;
}

const IDLE_MS = 120_000;

/** Makes the service; nothing runs by itself until `start`. */
export function createFunctionCompute(options: FunctionComputeOptions): FunctionCompute {
  const { context, clock, functionsFolder, workerFile, credentialsOf, idleMs = IDLE_MS } = options;
  const { region, credentials } = context;
  const { accountId } = credentials;
  const logs = createLogs(options.onLog);
  const memory = createMemoryWatch();
  const host: InstanceHost = {
    region,
    accountId,
    functionsFolder,
    workerFile,
    credentialsOf,
    logs,
    memory,
    store: context.store,
  };
  const pools = new Map(options.functions.map((spec) => [spec.name, createPool(spec, host, idleMs)]));
  const arnOf = (name: string) => `acs:fc:${region}:${accountId}:functions/${name}`;
  const report = (requestId: string, functionName: string, line: string) =>
    logs.write({ functionName, requestId, instanceId: "", line });
  const queue = createQueue({ store: context.store, clock, pools, arnOf, report });
  const invoker: LocalInvoker = { context, pools, queue, logs };
  const all = [...pools.values()];
  let stopTimers = () => {};
  return {
    api: createApi(invoker),
    http: createHttpFront(invoker),
    emit: emitter(options, queue),
    async start() {
      await endOrphans(context.store);
      await startQueue(queue);
      if (options.timers) stopTimers = startTimers(options.functions, clock, tickLater(queue));
    },
    ...handles(options, queue, pools),
    logs: logs.of,
    async close() {
      stopTimers();
      closeQueue(queue);
      await Promise.all(all.map(closePool));
      memory.close();
    },
  };
}

type Handles = Pick<
  FunctionCompute,
  "tick" | "deliverAgain" | "killInstances" | "killInstance" | "reload" | "functions"
>;

function handles({ functions }: FunctionComputeOptions, queue: Queue, pools: ReadonlyMap<string, Pool>): Handles {
  return {
    async tick(timerName, at) {
      const owner = functions.find((spec) => spec.timers.some((timer) => timer.name === timerName));
      const timer = owner?.timers.find((one) => one.name === timerName);
      if (!owner || !timer) throw new UserError("NOT_FOUND", `no function has a timer named ${timerName}`);
      await enqueue(queue, { functionName: owner.name, event: timerEvent(timer, at.getTime()) });
    },
    deliverAgain(n) {
      queue.deliveries = n;
    },
    killInstances(functionName) {
      const pool = pools.get(functionName);
      if (!pool) throw new UserError("NOT_FOUND", `no function is named ${functionName}`);
      return killPool(pool);
    },
    killInstance(instanceId) {
      const all = [...pools.values()].flatMap(({ instances }) => [...instances]);
      for (const instance of all) if (instance.id === instanceId) killInstance(instance);
    },
    reload() {
      for (const pool of pools.values()) renewPool(pool);
    },
    functions: () => [...pools.values()].map((pool) => stateOf(queue, pool)),
  };
}

function stateOf(queue: Queue, { spec: { name, handler }, instances, idle, inFlight }: Pool): FunctionState {
  const delayed = [...queue.delayed.values()].filter((one) => one.functionName === name).length;
  const queued = (queue.ready.get(name)?.size ?? 0) + delayed;
  // Until its end is durable, a task is neither over nor in a pool.
  const settling = [...queue.running.values()].filter((one) => one.settling && one.job.functionName === name).length;
  return { name, handler, instances: instances.size, idle: idle.length, inFlight: inFlight + settling, queued };
}

function tickLater(queue: Queue): Ring {
  return (spec, timer, atMs) => {
    const request = { functionName: spec.name, event: timerEvent(timer, atMs) };
    enqueue(queue, request).catch((error) => {
      if (!queue.closing) queue.report("", spec.name, `timer ${timer.name} could not be queued: ${error}`);
    });
  };
}

function emitter({ functions, context, clock }: FunctionComputeOptions, queue: Queue): EmitObjectEvent {
  return (tx, event) => {
    const { region, credentials } = context;
    for (const spec of functions) {
      for (const trigger of spec.objectTriggers) {
        if (!wants(trigger, event)) continue;
        const place = { region, accountId: credentials.accountId, nowMs: clock.now() };
        enqueueInside(queue, tx, { functionName: spec.name, event: objectEvent(trigger, event, place) });
      }
    }
  };
}
