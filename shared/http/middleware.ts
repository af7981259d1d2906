import type { MiddlewareObj } from "@middy/core";
import { toErrorReport } from "../model/errors.js";
import type { FcContext } from "../platform/environment.js";
import type { Log } from "../platform/log.js";
import { decodeHttpEvent, type HttpRequest } from "./request.js";
import { type HttpResponse, problem } from "./response.js";

/** The event while it passes through the middlewares: first FC's buffer, then our request. */
export type HttpEvent = Buffer | HttpRequest;

type Stage = { event: HttpEvent; context: FcContext; response: HttpResponse | null; error: Error | null };

/** Turns FC's buffer into a request. */
export function httpEventDecoder(): MiddlewareObj {
  return {
    before: (stage) => {
      const { event, context } = stage as Stage;
      stage.event = Buffer.isBuffer(event) ? decodeHttpEvent(event, context.requestId) : event;
    },
  };
}

/** Says what was asked and how it ended; errors that are ours with their cause. */
export function accessLog(log: (requestId: string) => Log): MiddlewareObj {
  const line = (stage: Stage) => {
    const request = Buffer.isBuffer(stage.event) ? undefined : stage.event;
    return {
      method: request?.method,
      path: request ? `/${request.segments.join("/")}` : undefined,
      status: stage.response?.statusCode,
    };
  };
  return {
    after: (stage) => log((stage as Stage).context.requestId).info("request", line(stage as Stage)),
    onError: (stage) => {
      const { context, error } = stage as Stage;
      const report = toErrorReport(error);
      const say = log(context.requestId);
      const fields = { ...line(stage as Stage), code: report.code, error: report.message };
      if (report.recovery === "report") say.error("request failed", { ...fields, stack: error?.stack });
      else say.info("request refused", fields);
    },
  };
}

/** Turns whatever was thrown into problem+json, and gives every answer its request id. */
export function problems(): MiddlewareObj {
  return {
    after: (stage) => {
      const { response, context } = stage as Stage;
      if (response) stage.response = withRequestId(response, context.requestId);
    },
    onError: (stage) => {
      const { error, context } = stage as Stage;
      stage.response = withRequestId(problem(error, context.requestId), context.requestId);
    },
  };
}

function withRequestId(response: HttpResponse, requestId: string): HttpResponse {
  return { ...response, headers: { ...response.headers, "x-request-id": requestId } };
}
