import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { dropCall } from "../fault-list.js";
import type { PlannedFailure, Service } from "../service.js";
import { FcError } from "./fc-error.js";
import { type InvocationOutcome, newRequestId } from "./invocation.js";
import { invokeAsync, invokeSync, type LocalInvoker, poolOf } from "./invoker.js";
import { stopTask } from "./queue.js";
import { verifySignature } from "./signature.js";
import { type ApiStyle, viewTask, viewTasks } from "./task-views.js";
import { type Answer, emptyAnswer, errorAnswer, jsonAnswer, readBody, sendAnswer } from "./wire.js";

/** One call of the API, its path taken apart. */
interface Call {
  readonly operation: "InvokeFunction" | "ListAsyncTasks" | "GetAsyncTask" | "StopAsyncTask";
  readonly functionName: string;
  readonly taskId: string;
  readonly style: ApiStyle;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  readonly requestId: string;
}

const PATHS = {
  statefulInvocations:
    /^\/(?:2016-08-15|2021-04-06)\/services\/[^/.]+(?:\.(?<qualifier>[^/]+))?\/functions\/(?<name>[^/]+)\/(?<kind>invocations|stateful-async-invocations)(?:\/(?<taskId>[^/]+)(?<stop>\/stop)?)?$/,
  tasks:
    /^\/2023-03-30\/functions\/(?<name>[^/]+)\/(?<kind>invocations|async-tasks)(?:\/(?<taskId>[^/]+)(?<stop>\/stop)?)?$/,
} as const satisfies Record<ApiStyle, RegExp>;

/**
 * The invoke API, in the form of FC 2.0 (`services/…`, any service name) and of FC 3.0, with the legacy signature
 * `FC id:signature` that `@alicloud/fc2` sends. Managing functions is the manifest's business and not offered.
 *
 * Faults: `status` and `dropRequest` do no work, `delay` comes before it, `dropResponse` after it; `twice` runs a sync request twice
 * and delivers an async one twice, accepted once.
 */
export function createApi(invoker: LocalInvoker): Service {
  return {
    handle(request, response) {
      void serve(invoker, request, response);
    },
  };
}

async function serve(invoker: LocalInvoker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = newRequestId();
  let call: Call | null = null;
  let fault: PlannedFailure | null = null;
  let answer: Answer;
  try {
    const body = await readBody(request);
    call = readCall(request, body, requestId);
    checkSignature(invoker, request);
    fault = takeFault(invoker, call);
    if (fault?.kind === "dropRequest") return dropCall(fault, request.socket);
    if (fault?.kind === "status") throw new FcError(fault.status, faultCodes[fault.status], "a fault was asked for");
    if (fault?.kind === "delay") await sleep(fault.ms);
    poolOf(invoker, call.functionName);
    answer = await operations[call.operation](invoker, call, fault?.kind === "twice" ? 1 : 0);
  } catch (error) {
    answer = errorAnswer(error, requestId);
  }
  if (call) {
    const { operation, functionName: resource } = call;
    invoker.context.onCall?.({ service: "fc", operation, resource, status: answer.status });
  }
  if (fault?.kind === "dropResponse") dropCall(fault, request.socket);
  else sendAnswer(response, answer, requestId);
}

function takeFault({ context }: LocalInvoker, { operation, functionName, taskId, body }: Call): PlannedFailure | null {
  return context.faults.take("fc", operation, () => `${functionName} ${taskId} ${body}`);
}

const faultCodes = { 429: "ResourceExhausted", 500: "InternalServerError", 503: "ServiceUnavailable" } as const;

const operations = {
  InvokeFunction: invoke,
  async ListAsyncTasks({ queue }: LocalInvoker, call: Call) {
    return jsonAnswer(200, await viewTasks(queue, call));
  },
  async GetAsyncTask({ queue }: LocalInvoker, call: Call) {
    return jsonAnswer(200, viewTask(queue, call));
  },
  async StopAsyncTask({ queue }: LocalInvoker, { functionName, taskId }: Call) {
    await stopTask(queue, functionName, taskId);
    return emptyAnswer(204);
  },
} satisfies Record<Call["operation"], (invoker: LocalInvoker, call: Call, extra: number) => Promise<Answer>>;

function checkSignature({ context }: LocalInvoker, { method = "", url = "", headers }: IncomingMessage): void {
  const path = url.split("?", 1)[0] ?? "";
  verifySignature({ method, path, headers }, context.credentials, Date.now());
}

function readCall({ method, url = "", headers }: IncomingMessage, body: Buffer, requestId: string): Call {
  const [path = "", text = ""] = url.split("?", 2);
  const style = path.startsWith("/2023-03-30/") ? "tasks" : "statefulInvocations";
  const { name: functionName, kind, taskId = "", stop, qualifier } = PATHS[style].exec(path)?.groups ?? {};
  const operation = operationOf(method, kind, { taskId, stop });
  if (operation === null || functionName === undefined) {
    throw new FcError(400, "PathNotSupported", `'${method}' against '${path}' is not supported by the local cloud`);
  }
  const query = new URLSearchParams(text);
  checkQualifier(qualifier ?? query.get("qualifier") ?? "LATEST");
  return { operation, functionName, taskId, style, query, headers, body, requestId };
}

function operationOf(
  method: string | undefined,
  kind: string | undefined,
  { taskId, stop }: { taskId: string; stop: string | undefined },
) {
  if (kind === "invocations") return method === "POST" && taskId === "" ? "InvokeFunction" : null;
  if (kind === undefined) return null;
  if (stop !== undefined) return method === "PUT" ? "StopAsyncTask" : null;
  if (method !== "GET") return null;
  return taskId === "" ? "ListAsyncTasks" : "GetAsyncTask";
}

function checkQualifier(qualifier: string): void {
  if (qualifier === "LATEST" || qualifier === "") return;
  const kind = /^\d+$/.test(qualifier) ? "Version" : "Alias";
  throw new FcError(404, `${kind}NotFound`, `the qualifier '${qualifier}' does not exist; the local cloud has LATEST`);
}

async function invoke(invoker: LocalInvoker, call: Call, extra: number): Promise<Answer> {
  const { functionName, headers, body: event, requestId } = call;
  if (isLater(headers["x-fc-invocation-type"])) return invokeLater(invoker, call, extra);
  const invocation = { requestId, event, retryCount: 0 };
  const [outcome] = await Promise.all([
    invokeSync(invoker, functionName, invocation),
    ...Array.from({ length: extra }, () => invokeSync(invoker, functionName, invocation)),
  ]);
  const tail = headers["x-fc-log-type"] === "Tail" ? invoker.logs.tail(requestId).toString("base64") : null;
  return outcomeAnswer(outcome, tail === null ? {} : { "x-fc-log-result": tail });
}

/** The deploy tool's word for an async request of a function with tasks is `Task`. */
function isLater(type: string | string[] | undefined): boolean {
  const known = String(type ?? "Sync").toLowerCase();
  if (known === "sync") return false;
  if (known === "async" || known === "task") return true;
  throw new FcError(400, "InvalidArgument", `x-fc-invocation-type: expected Sync or Async, got '${type}'`);
}

const taskHeaders = ["x-fc-async-task-id", "x-fc-stateful-async-invocation-id"] as const;

async function invokeLater(invoker: LocalInvoker, call: Call, extra: number): Promise<Answer> {
  const { functionName, headers, body: event, requestId } = call;
  const given = taskHeaders.flatMap((name) =>
    typeof headers[name] === "string" ? [[name, headers[name]] as const] : [],
  );
  await invokeAsync(invoker, { functionName, event, requestId, taskId: given[0]?.[1] }, extra);
  return emptyAnswer(202, Object.fromEntries(given));
}

/** A function's failure is an answer like any other: status 200, told apart by a header. */
function outcomeAnswer(outcome: InvocationOutcome, more: OutgoingHttpHeaders): Answer {
  const headers = {
    ...more,
    "x-fc-instance-id": outcome.instanceId,
    "x-fc-invocation-duration": String(outcome.durationMs),
    "x-fc-max-memory-usage": outcome.maxMemoryMb.toFixed(2),
    ...(outcome.ok ? {} : { "x-fc-error-type": outcome.errorType }),
    "content-type": outcome.ok ? "application/octet-stream" : "application/json",
  };
  return { status: 200, headers, body: outcome.payload };
}
