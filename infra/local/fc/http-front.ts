import type { IncomingMessage, ServerResponse } from "node:http";
import type { Service } from "../service.js";
import { FcError } from "./fc-error.js";
import { httpAnswer, httpEvent, httpFailure } from "./http-event.js";
import { newRequestId } from "./invocation.js";
import { invokeAsync, invokeSync, type LocalInvoker } from "./invoker.js";
import type { Pool } from "./pool.js";
import { type Answer, emptyAnswer, errorAnswer, payloadLimits, readBody, sendAnswer } from "./wire.js";

const HEADER_LIMIT = 8192;
const URL_LIMIT = 4096;

/**
 * Answers for the functions with an HTTP trigger: `/<function>/…` or `/<service>/<function>/…` reach one by name, its
 * prefix taken off; every other path belongs to the function whose name ends with `-api`, or to the only one there is.
 */
export function createHttpFront(invoker: LocalInvoker): Service {
  return {
    handle(request, response) {
      void serve(invoker, request, response);
    },
  };
}

async function serve(invoker: LocalInvoker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = newRequestId();
  let answer: Answer;
  try {
    const body = await readBody(request);
    answer = await answerRequest(invoker, request, { body, requestId });
  } catch (error) {
    answer = errorAnswer(error, requestId);
  }
  sendAnswer(response, answer, requestId);
}

async function answerRequest(
  invoker: LocalInvoker,
  request: IncomingMessage,
  { body, requestId }: { readonly body: Buffer; readonly requestId: string },
): Promise<Answer> {
  checkSizes(request);
  const { pool, url } = findTarget(invoker, request.url ?? "/");
  const { name: functionName, httpMethods } = pool.spec;
  if (!httpMethods?.includes(request.method ?? "")) {
    throw new FcError(405, "MethodNotAllowed", `the trigger of ${functionName} does not take ${request.method}`);
  }
  const { accountId } = invoker.context.credentials;
  const event = httpEvent(request, body, { accountId, requestId, nowMs: invoker.context.now(), url });
  const { "x-fc-invocation-type": type, "x-fc-async-task-id": taskId } = request.headers;
  if (String(type).toLowerCase() === "async") {
    if (event.length > payloadLimits.async) {
      throw new FcError(400, "InvalidArgument", `the payload is larger than ${payloadLimits.async} bytes`);
    }
    await invokeAsync(invoker, {
      functionName,
      event,
      requestId,
      taskId: taskId === undefined ? taskId : String(taskId),
    });
    return emptyAnswer(202);
  }
  const outcome = await invokeSync(invoker, functionName, { requestId, event, retryCount: 0 });
  return outcome.ok ? httpAnswer(outcome.payload) : httpFailure(outcome.errorType, outcome.payload);
}

function checkSizes({ rawHeaders, url = "" }: IncomingMessage): void {
  const size = rawHeaders.reduce((bytes, text) => bytes + text.length, 0);
  if (size > HEADER_LIMIT) throw new FcError(400, "InvalidArgument", "the request headers are larger than 8 KB");
  if (url.length > URL_LIMIT) throw new FcError(400, "InvalidArgument", "path and query are longer than 4 KB");
}

function findTarget(invoker: LocalInvoker, url: string): { pool: Pool; url: string } {
  const withTrigger = [...invoker.pools.values()].filter((pool) => pool.spec.httpMethods !== null);
  const [path = "/"] = url.split("?", 1);
  const segments = path.split("/").slice(1);
  for (const depth of [0, 1]) {
    const named = withTrigger.find((pool) => pool.spec.name === segments[depth]);
    const rest = url.slice(segments.slice(0, depth + 1).join("/").length + 1);
    if (named) return { pool: named, url: rest.startsWith("/") ? rest : `/${rest}` };
  }
  const root =
    withTrigger.find((pool) => pool.spec.name.endsWith("-api")) ?? (withTrigger.length === 1 ? withTrigger[0] : null);
  if (root) return { pool: root, url };
  throw new FcError(404, "FunctionNotFound", `no function with an HTTP trigger answers at ${path}`);
}
