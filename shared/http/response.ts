import type { z } from "zod";
import type { Endpoint } from "../api/endpoint.js";
import type { Sent } from "../api/sent.js";
import { type ErrorCode, type ErrorReport, toErrorReport } from "../model/errors.js";
import { MethodNotAllowed } from "./method-not-allowed.js";
import { RateLimited } from "./rate-limit.js";

/** What an FC HTTP trigger wants back. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

/** A JSON answer. */
export function json(statusCode: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const body = JSON.stringify(value);
  return { statusCode, headers: { "content-type": "application/json", ...headers }, body, isBase64Encoded: false };
}

const statuses: Partial<Record<ErrorCode, number>> = {
  PRECONDITION_FAILED: 412,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  QUOTA_EXCEEDED: 429,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  SOURCE_IN_USE: 409,
  SOURCE_INCOMPLETE: 409,
  PAYLOAD_TOO_LARGE: 413,
  INTERNAL: 500,
};

/** HTTP status of an error: by code, else 400 for what the caller can fix and 503 for what may pass. */
function statusOf(report: ErrorReport): number {
  return statuses[report.code] ?? { fix: 400, retry: 503, report: 500 }[report.recovery];
}

/** Any error as problem+json (RFC 9457), with every problem of a script as `issues`. */
export function problem(error: unknown, requestId: string): HttpResponse {
  const report = toErrorReport(error);
  const status = statusOf(report);
  const isOurs = report.code === "INTERNAL";
  const body = {
    type: `https://sluice.dev/errors/${report.code}`,
    title: report.code,
    status,
    // What went wrong inside is for the log: it may hold anything.
    detail: isOurs ? "something went wrong inside Sluice" : report.message,
    code: report.code,
    hint: report.hint,
    recovery: report.recovery,
    ...(report.path === undefined ? {} : { path: report.path }),
    ...(report.line === undefined ? {} : { line: report.line, column: report.column }),
    ...issuesOf(error),
    requestId,
  };
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="sluice"';
  if (error instanceof MethodNotAllowed) headers.allow = error.allowed.join(", ");
  if (error instanceof RateLimited) headers["retry-after"] = String(error.retryAfterSeconds);
  return { statusCode: status, headers, body: JSON.stringify(body), isBase64Encoded: false };
}

function issuesOf(error: unknown): object {
  return typeof error === "object" && error !== null && "issues" in error && Array.isArray(error.issues)
    ? { issues: error.issues }
    : {};
}

/** How an answer differs from the usual one. */
export interface AnswerOptions {
  /** Absent = the call's own. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The JSON answer of a call; the compiler holds it to the call's schema. */
export function answered<E extends Endpoint>(
  endpoint: E,
  value: E["answer"] extends z.ZodType<infer T> ? Sent<T> : never,
  { status = endpoint.status ?? 200, headers = {} }: AnswerOptions = {},
): HttpResponse {
  return json(status, value, headers);
}
