import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { FunctionSpec } from "../manifest.js";
import type { LocalCredentials } from "../service.js";
import type { Store } from "../store/store.js";
import { functionEnvironment } from "./environment.js";
import {
  type FunctionErrorType,
  failure,
  type Invocation,
  type InvocationOutcome,
  type InvocationStats,
} from "./invocation.js";
import type { Logs } from "./logs.js";
import type { MemoryWatch } from "./memory.js";
import { rememberProcess } from "./orphans.js";
import type { FromWorker, FunctionError, ToWorker, WorkerSettings } from "./protocol.js";

/** What all instances of all functions share. */
export interface InstanceHost {
  readonly region: string;
  readonly accountId: string;
  /** Folder of the built functions. */
  readonly functionsFolder: string;
  /** The built `worker.ts`. */
  readonly workerFile: string;
  /** The role that a function acts with. */
  readonly credentialsOf: (functionName: string, instanceId: string) => LocalCredentials;
  readonly logs: Logs;
  readonly memory: MemoryWatch;
  readonly store: Store;
}

/** Why an instance ended before the platform asked it to. */
type Cause =
  | { readonly kind: "timeout"; readonly afterS: number }
  | { readonly kind: "memory" }
  | { readonly kind: "exit" };

/** One process that serves one function, a request at a time. Changed only by the functions of this file. */
export interface FcInstance {
  readonly id: string;
  readonly spec: FunctionSpec;
  readonly child: ChildProcess;
  /** null once it serves requests; else why it never will. */
  readonly started: Promise<StartFailure | null>;
  /** Resolves when the process is gone and everything it said has been heard. */
  readonly gone: Promise<void>;
  alive: boolean;
  /** Set while it runs down: no further request is given to it. */
  retired: boolean;
  cause: Cause;
  requestId: string;
  maxRssBytes: number;
  /** Who waits for its next word; null as the word means that it is gone. */
  heard: ((message: FromWorker | null) => void) | null;
}

/** An instance that ended before its first request. */
export interface StartFailure {
  readonly errorType: FunctionErrorType;
  readonly error: FunctionError;
}

/** Node itself needs about this much before a handler allocates anything. */
const HEADROOM_BYTES = 50 * 1024 * 1024;
/** Loading has no limit of its own on the platform that we know of; this one catches a module that never ends loading. */
const LOAD_LIMIT_S = 30;
const MEGABYTE = 1024 * 1024;

/** Forks a process, loads the handler in it and runs the initializer. Does not wait for any of it. */
export function startInstance(spec: FunctionSpec, requestId: string, host: InstanceHost): FcInstance {
  const id = `c-${randomUUID()}`;
  const child = fork(host.workerFile, [JSON.stringify(workerSettings(spec, requestId, host))], {
    cwd: host.functionsFolder,
    env: functionEnvironment(spec, id, host),
    execArgv: [`--max-old-space-size=${spec.memoryMb}`],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let markStarted: (failure: StartFailure | null) => void = () => undefined;
  const started = new Promise<StartFailure | null>((resolve) => {
    markStarted = resolve;
  });
  const cause: Cause = { kind: "exit" };
  const state = { alive: true, retired: false, cause, requestId, maxRssBytes: 0, heard: null };
  const instance: FcInstance = { id, spec, child, started, gone: whenGone(child), ...state };
  listen(instance, host);
  watchMemory(instance, host.memory);
  if (child.pid !== undefined) void instance.gone.then(rememberProcess(host.store, child.pid, requestId));
  awaitStart(instance, markStarted);
  return instance;
}

function workerSettings(spec: FunctionSpec, startRequestId: string, host: InstanceHost): WorkerSettings {
  return {
    folder: host.functionsFolder,
    functionName: spec.name,
    handler: spec.handler,
    initializer: spec.initializer?.handler ?? null,
    initializationTimeoutS: spec.initializer?.timeoutS ?? null,
    preStop: spec.preStop?.handler ?? null,
    memoryMb: spec.memoryMb,
    timeoutS: spec.timeoutS,
    region: host.region,
    accountId: host.accountId,
    startRequestId,
  };
}

/** The channel may still hold messages when the process has exited: both ends have to be seen. */
async function whenGone(child: ChildProcess): Promise<void> {
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const silent = new Promise<void>((resolve) => child.once("disconnect", () => resolve()));
  await exited;
  if (child.connected) await silent;
}

function listen(instance: FcInstance, { logs }: InstanceHost): void {
  const write = (line: string) =>
    logs.write({ functionName: instance.spec.name, requestId: instance.requestId, instanceId: instance.id, line });
  instance.child.on("message", (message: FromWorker) => {
    if (message.type === "log") write(message.line);
    else instance.heard?.(message);
  });
  for (const stream of [instance.child.stdout, instance.child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n")) if (line.trim() !== "") write(line);
    });
  }
  void instance.gone.then(() => {
    instance.alive = false;
    instance.heard?.(null);
  });
}

function watchMemory(instance: FcInstance, memory: MemoryWatch): void {
  const { pid } = instance.child;
  if (pid === undefined) return;
  const limitBytes = instance.spec.memoryMb * MEGABYTE + HEADROOM_BYTES;
  const seen = (bytes: number) => {
    instance.maxRssBytes = Math.max(instance.maxRssBytes, bytes);
    if (bytes > limitBytes) killInstance(instance, { kind: "memory" });
  };
  void instance.gone.then(memory.add({ pid, limitBytes, seen }));
}

function awaitStart(instance: FcInstance, settle: (failure: StartFailure | null) => void): void {
  let timer = killAfter(instance, LOAD_LIMIT_S);
  let errorType: FunctionErrorType = "UnhandledInvocationError";
  const startedAtMs = Date.now();
  instance.heard = (message) => {
    if (message?.type === "loaded") {
      if (!instance.spec.initializer) return;
      errorType = "InitializationError";
      clearTimeout(timer);
      timer = killAfter(instance, instance.spec.initializer.timeoutS);
      return;
    }
    clearTimeout(timer);
    instance.heard = null;
    if (message?.type === "ready") return settle(null);
    const error = message?.type === "startFailed" ? message.error : describeEnd(instance, Date.now() - startedAtMs);
    settle({ errorType, error });
  };
}

function killAfter(instance: FcInstance, afterS: number): NodeJS.Timeout {
  return setTimeout(() => killInstance(instance, { kind: "timeout", afterS }), afterS * 1000).unref();
}

/** Runs one request on a started instance that runs no other. Always settles; a process that ends is a failure. */
export async function runOn(instance: FcInstance, invocation: Invocation): Promise<InvocationOutcome> {
  const startedAt = performance.now();
  const { requestId, event, retryCount } = invocation;
  instance.requestId = requestId;
  instance.maxRssBytes = 0;
  const timer = killAfter(instance, instance.spec.timeoutS);
  const stats = (rssBytes = 0): InvocationStats => ({
    instanceId: instance.id,
    durationMs: Math.round(performance.now() - startedAt),
    maxMemoryMb: Math.round((Math.max(instance.maxRssBytes, rssBytes) / MEGABYTE) * 100) / 100,
  });
  try {
    const answer = await answerOf(instance, { type: "invoke", requestId, event, retryCount });
    if (answer?.type === "result") return { ok: true, payload: answer.payload, ...stats(answer.rssBytes) };
    if (answer?.type === "failure") {
      const errorType = answer.handled ? "HandledInvocationError" : "UnhandledInvocationError";
      return failure(errorType, answer.error, stats(answer.rssBytes));
    }
    return failure("UnhandledInvocationError", describeEnd(instance, stats().durationMs), stats());
  } finally {
    clearTimeout(timer);
  }
}

/** What the instance answers, or null when it ends instead. */
async function answerOf(instance: FcInstance, message: ToWorker): Promise<FromWorker | null> {
  if (!instance.alive) return null;
  const answer = await new Promise<FromWorker | null>((resolve) => {
    instance.heard = resolve;
    if (instance.child.connected) instance.child.send(message, () => undefined);
  });
  instance.heard = null;
  return answer;
}

function describeEnd({ cause, maxRssBytes }: FcInstance, durationMs: number): FunctionError {
  const memory = `maxMemoryUsage: ${(maxRssBytes / MEGABYTE).toFixed(2)}MB`;
  if (cause.kind === "timeout") return { errorMessage: `Function timed out after ${cause.afterS} seconds (${memory})` };
  const reason = cause.kind === "memory" ? ": memory limit exceeded" : "";
  const figures = `(duration: ${durationMs}ms, ${memory})`;
  return { errorMessage: `Process exited unexpectedly before completing request${reason} ${figures}` };
}

/** Ends the process at once, whatever it is doing. */
export function killInstance(instance: FcInstance, cause: Cause = { kind: "exit" }): void {
  if (!instance.alive || instance.child.killed) return;
  instance.cause = cause;
  instance.retired = true;
  instance.child.kill("SIGKILL");
}

/** Lets an idle instance run its preStop hook, then ends it. A hook that fails or takes too long changes nothing. */
export async function stopFcInstance(instance: FcInstance, limitMs = Number.POSITIVE_INFINITY): Promise<void> {
  instance.retired = true;
  const { preStop } = instance.spec;
  if (preStop && instance.alive) {
    const timer = setTimeout(() => killInstance(instance), Math.min(preStop.timeoutS * 1000, limitMs));
    await answerOf(instance, { type: "preStop", requestId: instance.requestId });
    clearTimeout(timer);
  }
  killInstance(instance);
  await instance.gone;
}
