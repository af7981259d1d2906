/**
 * The process of one function instance: loads the handler, runs one request at a time, ends with its server.
 * Kept small, since every cold start pays for it; built into one file of its own.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { format } from "node:util";
import { markRequests } from "./mark-requests.js";
import type { FromWorker, FunctionError, ToWorker, WorkerSettings } from "./protocol.js";

type Callback = (error: unknown, result?: unknown) => void;
type Loaded = (...values: unknown[]) => unknown;

// The argument is written by the server that forked this process, from the same type.
const settings = JSON.parse(process.argv.pop() ?? "{}") as WorkerSettings;
let requestId = settings.startRequestId;
const credentials = {
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID ?? "",
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET ?? "",
  securityToken: process.env.ALIBABA_CLOUD_SECURITY_TOKEN ?? "",
};
const load = createRequire(join(settings.folder, "index.js"));
const levels = { log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE" } as const;

function send(message: FromWorker, then?: () => void): void {
  process.send?.(message, undefined, undefined, () => then?.());
}

function print(level: string, values: readonly unknown[], then?: () => void): void {
  send({ type: "log", line: `${new Date().toISOString()} ${requestId} [${level}] ${format(...values)}` }, then);
}

function logger(): Record<keyof typeof levels, (...values: unknown[]) => void> {
  const at =
    (level: string) =>
    (...values: unknown[]) =>
      print(level, values);
  const { log, info, warn, error, debug, trace } = levels;
  return { log: at(log), info: at(info), warn: at(warn), error: at(error), debug: at(debug), trace: at(trace) };
}

function contextOf(retryCount: number): object {
  const { functionName, handler, memoryMb, timeoutS, initializer, initializationTimeoutS, region, accountId } =
    settings;
  return {
    requestId,
    credentials,
    function: {
      name: functionName,
      handler,
      memory: memoryMb,
      timeout: timeoutS,
      ...(initializer === null ? {} : { initializer, initializationTimeout: initializationTimeoutS }),
    },
    service: { logProject: "", logStore: "", qualifier: "LATEST", versionId: "" },
    region,
    accountId,
    retryCount,
    logger: logger(),
  };
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) {
    return { errorMessage: typeof error === "string" ? error : (JSON.stringify(error) ?? String(error)) };
  }
  return { errorMessage: error.message, errorType: error.name, stackTrace: (error.stack ?? "").split("\n").slice(1) };
}

/** A result as FC passes it on: text and bytes as they are, everything else as JSON. */
function toPayload(result: unknown): Buffer {
  if (result === undefined) return Buffer.alloc(0);
  if (typeof result === "string") return Buffer.from(result);
  if (result instanceof Uint8Array) return Buffer.from(result.buffer, result.byteOffset, result.byteLength);
  return Buffer.from(JSON.stringify(result) ?? "");
}

/** The exported function that `file.export` names. */
function find(handler: string): Loaded {
  const dot = handler.lastIndexOf(".");
  const name = handler.slice(dot + 1);
  const exported: unknown = load(`${join(settings.folder, handler.slice(0, dot))}.js`)[name];
  // Loaded code has no types: that it is a function is all that can be known.
  if (typeof exported === "function") return exported as Loaded;
  throw new Error(`Handler '${name}' is missing on module '${handler.slice(0, dot)}'`);
}

/** The end of a process that can serve no further request: what was written so far leaves first. */
function crash(error: unknown): void {
  print("ERROR", [error], () => process.exit(1));
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function invoke(handler: Loaded, { event, retryCount }: ToWorker & { type: "invoke" }): void {
  let answered = false;
  const answer = (message: FromWorker) => {
    if (!answered) send(message);
    answered = true;
  };
  const succeed = (result: unknown) =>
    answer({ type: "result", payload: toPayload(result), rssBytes: process.memoryUsage.rss() });
  const fail =
    ({ handled }: { handled: boolean }) =>
    (error: unknown) => {
      if (!handled) print("ERROR", [error]);
      answer({ type: "failure", handled, error: describe(error), rssBytes: process.memoryUsage.rss() });
    };
  const callback: Callback = (error, result) =>
    error === null || error === undefined ? succeed(result) : fail({ handled: true })(error);
  const returned = handler(event, contextOf(retryCount), callback);
  if (isPromise(returned)) returned.then(succeed).then(undefined, fail({ handled: false }));
  else if (handler.length <= 2) succeed(returned);
}

async function runHook(name: string): Promise<void> {
  const hook = find(name);
  await new Promise<void>((resolve, reject) => {
    const callback: Callback = (error) => (error ? reject(error) : resolve());
    const returned = hook(contextOf(0), callback);
    if (isPromise(returned)) returned.then(() => resolve(), reject);
    else if (hook.length <= 1) resolve();
  });
}

async function start(): Promise<void> {
  let phase: "load" | "initialize" = "load";
  try {
    const handler = find(settings.handler);
    phase = "initialize";
    send({ type: "loaded" });
    if (settings.initializer !== null) await runHook(settings.initializer);
    process.on("message", (message: ToWorker) => {
      requestId = message.requestId;
      if (message.type === "invoke") invoke(handler, message);
      else void stop();
    });
    send({ type: "ready" });
  } catch (error) {
    print("ERROR", [error]);
    send({ type: "startFailed", phase, error: describe(error) }, () => process.exit(1));
  }
}

async function stop(): Promise<void> {
  try {
    if (settings.preStop !== null) await runHook(settings.preStop);
  } catch (error) {
    print("ERROR", [error]);
  }
  send({ type: "stopped" }, () => process.exit(0));
}

Object.assign(console, logger());
markRequests(`${settings.functionName}.${process.env.FC_INSTANCE_ID ?? ""}`);
process.on("uncaughtException", crash);
process.on("disconnect", () => process.exit(0));
// Ctrl-C in a terminal reaches the whole process group: when instances end is the server's business.
process.on("SIGINT", () => undefined);
void start();
