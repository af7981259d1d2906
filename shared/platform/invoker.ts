import type FcClient from "@alicloud/fc2";
import { InternalError, TransientError } from "../model/errors.js";
import type { Json } from "../model/json.js";
import { backOff } from "../model/retry.js";
import { type Credentials, type Environment, isLocalEndpoint } from "./environment.js";
import { deployedName, type FunctionName } from "./functions.js";

/** Starts and calls other functions. */
export interface Invoker {
  /**
   * Queues an asynchronous invocation. Ids only in `payload`: the platform takes 128 KB.
   *
   * @param taskId  letters, digits, `_` and `-`, at most 128; the same id is run once
   * @returns false when an invocation with this id was accepted before
   * @throws TransientError SOURCE_BUSY when the platform does not accept it after several tries
   */
  start(name: FunctionName, payload: Json, taskId: string): Promise<boolean>;
  /**
   * Calls a function and waits for its answer, 45 s at most. What it does must bear to be done twice: a call that was
   * refused or lost at once is repeated. While the function has as many requests under way as it may, the call waits for
   * its turn, 10 s at most.
   *
   * @returns what the function returned
   * @throws NoRoom when its turn did not come; TransientError SOURCE_BUSY when the platform is not reached, or no answer
   *   came in time; InternalError when the function failed
   */
  call(name: FunctionName, payload: Json): Promise<Json>;
  /** What the platform knows of an invocation that was started under this id. */
  taskState(name: FunctionName, taskId: string): Promise<TaskState>;
}

/**
 * Where an asynchronous invocation stands: `waiting` or running, over in whatever way, `unheardOf` by the platform; `untold`
 * when it does not say.
 */
export type TaskState = "waiting" | "ended" | "unheardOf" | "untold";

/** A function has as many requests under way as it may, and still had after the time that a call waits for its turn. */
export class NoRoom extends TransientError {
  constructor(name: FunctionName, waitedMs: number) {
    super("SOURCE_BUSY", `function ${name} has as many requests under way as it may; waited ${waitedMs / 1000} s`);
  }
}

const ATTEMPTS = 5;
const START_TIMEOUT_MS = 10_000;
/** With the time to wait for one's turn it stays within the 60 s that the api function has for a request. */
const CALL_TIMEOUT_MS = 45_000;
/** A failure that came later than this was no refusal, and leaves no time for another attempt. */
const REPEATABLE_MS = 3000;
/** How long a call waits for a function that has no room, and how often it asks. */
const TURN_MS = 10_000;
const ASK_AGAIN_MS = 300;

/**
 * The invoker over `@alicloud/fc2`, which signs FC 3.0 paths with the legacy scheme (platform reference, 1.4: accepted
 * by the gateway on sibling paths; not verified for invocations). Another SDK would be a drop-in here.
 *
 * @param turnMs  how long a call waits for a function that has no room
 */
export function createInvoker(env: Environment, credentials: Credentials, turnMs = TURN_MS): Invoker {
  const open = { start: opener(env, credentials, START_TIMEOUT_MS), call: opener(env, credentials, CALL_TIMEOUT_MS) };
  const pathOf = (name: FunctionName) => `/functions/${deployedName(env.stage, name)}/invocations`;
  return {
    async start(name, payload, taskId) {
      const client = await open.start();
      const headers = {
        "x-fc-invocation-type": "Async",
        "x-fc-async-task-id": taskId,
        "x-fc-stateful-async-invocation-id": taskId,
      };
      for (let attempt = 1; ; attempt++) {
        const result = await attemptStart(client, pathOf(name), { body: JSON.stringify(payload), headers });
        if (result.kind === "accepted") return true;
        if (result.kind === "duplicate") return attempt > 1;
        if (result.kind === "refused")
          throw new InternalError("INTERNAL", `invoking ${name} was refused: ${result.message}`);
        if (attempt >= ATTEMPTS)
          throw new TransientError("SOURCE_BUSY", `invoking ${name} failed ${attempt} times: ${result.message}`);
        await backOff(attempt);
      }
    },
    async call(name, payload) {
      const client = await open.call();
      const begun = Date.now();
      for (let attempt = 1; ; ) {
        const result = await attemptCall(client, pathOf(name), JSON.stringify(payload));
        if (result.kind === "answered") return result.value;
        if (result.kind === "refused") throw new InternalError("INTERNAL", `calling ${name} failed: ${result.message}`);
        if (result.kind === "full") {
          if (Date.now() - begun + ASK_AGAIN_MS > turnMs) throw new NoRoom(name, turnMs);
          await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS * (0.5 + Math.random())));
          continue;
        }
        if (attempt >= ATTEMPTS || Date.now() - begun > REPEATABLE_MS)
          throw new TransientError("SOURCE_BUSY", `${name} did not answer: ${result.message}`);
        await backOff(attempt++);
      }
    },
    taskState: async (name, taskId) =>
      askForTask(await open.start(), `/functions/${deployedName(env.stage, name)}/async-tasks/${taskId}`),
  };
}

const overStates = ["Succeeded", "Failed", "Stopped", "Expired", "Invalid"];

/** One try: who asks does so again soon. */
async function askForTask(client: FcClient, path: string): Promise<TaskState> {
  try {
    const { data } = await client.request("GET", path, null, null, {}, { rawBuf: true });
    const { status } = (Buffer.isBuffer(data) ? JSON.parse(data.toString("utf8")) : data) as { status?: string };
    if (status === undefined) return "untold";
    return overStates.includes(status) ? "ended" : "waiting";
  } catch (error) {
    return statusOf(error instanceof Error ? error.message : String(error)) === 404 ? "unheardOf" : "untold";
  }
}

function opener(env: Environment, credentials: Credentials, timeout: number): () => Promise<FcClient> {
  let opening: Promise<FcClient> | undefined;
  return () => {
    opening ??= openClient(env, credentials, timeout);
    return opening;
  };
}

/** The SDK is loaded at the first call: most API requests never invoke anything. */
async function openClient(env: Environment, credentials: Credentials, timeout: number): Promise<FcClient> {
  const { default: Client } = await import("@alicloud/fc2");
  const client = new Client(env.accountId, {
    accessKeyID: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    ...(credentials.securityToken ? { securityToken: credentials.securityToken } : {}),
    region: env.region,
    secure: env.fcEndpoint === "" || !isLocalEndpoint(env.fcEndpoint),
    timeout,
    ...(env.fcEndpoint ? { endpoint: env.fcEndpoint } : {}),
  });
  client.version = "2023-03-30";
  return client;
}

type StartResult = { kind: "accepted" } | { kind: "duplicate" } | { kind: "refused" | "retry"; message: string };

async function attemptStart(
  client: FcClient,
  path: string,
  { body, headers }: { body: string; headers: Record<string, string> },
): Promise<StartResult> {
  try {
    await client.request("POST", path, null, body, headers, { rawBuf: true });
    return { kind: "accepted" };
  } catch (error) {
    // An accepted call may still look like a failure here (empty JSON body, lost answer): the repeat then says 409.
    const message = error instanceof Error ? error.message : String(error);
    if (statusOf(message) === 409) return { kind: "duplicate" };
    return { kind: isFinal(message) ? "refused" : "retry", message };
  }
}

type CallResult = { kind: "answered"; value: Json } | { kind: "refused" | "full" | "retry"; message: string };

async function attemptCall(client: FcClient, path: string, body: string): Promise<CallResult> {
  let answer: Awaited<ReturnType<FcClient["request"]>>;
  try {
    answer = await client.request("POST", path, null, body, { "x-fc-invocation-type": "Sync" }, { rawBuf: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (statusOf(message) === 429) return { kind: "full", message };
    return { kind: isFinal(message) ? "refused" : "retry", message };
  }
  const { headers, data } = answer;
  // A function that failed answers 200 too. What it threw is in its own log: it may hold anything.
  const failure = headers["x-fc-error-type"];
  if (failure) return { kind: "refused", message: `${failure} in request ${headers["x-fc-request-id"]}` };
  // The SDK parses what is declared to be JSON.
  return { kind: "answered", value: (Buffer.isBuffer(data) ? JSON.parse(data.toString("utf8")) : data) as Json };
}

/** True when a repeat would be refused as well. */
function isFinal(message: string): boolean {
  const status = statusOf(message);
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

/** The HTTP status inside the SDK's message; the 3.0 path may leave its `code` undefined. */
function statusOf(message: string): number | undefined {
  const found = /failed with (\d{3})\b/.exec(message);
  return found ? Number(found[1]) : undefined;
}
