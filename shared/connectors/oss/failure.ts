import { setTimeout as sleep } from "node:timers/promises";
import { InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { interruption } from "../../model/overdue.js";
import { guardRefusal } from "../network/guard.js";

/** What the SDK throws, as far as it is known. */
export interface Failure {
  readonly code?: string;
  readonly name?: string;
  readonly status?: number;
  readonly message?: string;
}

/** True for anything that may carry the SDK's fields. */
export function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null;
}

const denied = [
  "AccessDenied",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "SecurityTokenExpired",
  "InvalidSecurityToken",
];

const missing = ["NoSuchBucket", "NoSuchKey", "NoSuchUpload"];

/** What OSS or the way to it reported, as an error of ours. `what` names the object or the call. */
export function toSluiceError(cause: unknown, what: string): SluiceError {
  const refusal = guardRefusal(cause);
  if (refusal) return refusal;
  if (cause instanceof SluiceError) return cause;
  const { code = "", status = 0, message = String(cause), name = "" } = isFailure(cause) ? cause : {};
  const options = { cause: withoutRequest(cause) };
  if (denied.includes(code) || status === 403)
    return new UserError("ACCESS_DENIED", `${what}: OSS refused access (${code || status})`, options);
  if (missing.includes(code)) return new UserError("SOURCE_OBJECT_MISSING", `${what}: not found (${code})`, options);
  if (status === 412 || code === "PreconditionFailed") {
    return new UserError(
      "SOURCE_OBJECT_MISSING",
      `${what}: was replaced or changed while it was being read; start a new run`,
      options,
    );
  }
  if (status >= 500 || status === 429 || code === "RequestTimeout") {
    return new TransientError("SOURCE_BUSY", `${what}: OSS answered ${status} ${code}`, options);
  }
  if (status >= 400)
    return new UserError("SOURCE_REFUSED", `${what}: OSS answered ${status} ${code}: ${message}`, options);
  if (status >= 300) {
    const message = `${what}: OSS answered ${status} ${code}: the bucket is served by another endpoint; correct endpoint or regionId`;
    return new UserError("SOURCE_REFUSED", message, { ...options, path: "endpoint" });
  }
  // The SDK itself refuses names of buckets and objects before it sends anything.
  if (/bucket|object name|endpoint/i.test(message) && /must be|invalid|conform/i.test(message))
    return new UserError("CONFIG_INVALID", `${what}: ${message}`, options);
  if (status < 0 || isNetworkFailure(code, name)) {
    return new TransientError("SOURCE_UNREACHABLE", `${what}: no answer (${code || name})`, options);
  }
  return new InternalError("INTERNAL", `${what}: ${message}`, options);
}

/** The SDK hangs its request on what it throws, whose headers hold the security token. Only what the error itself says goes on. */
function withoutRequest(cause: unknown): unknown {
  if (!(cause instanceof Error)) return isFailure(cause) ? cause.message : cause;
  const { name, message, stack } = cause;
  const { code, status } = cause as Error & Failure; // as the SDK's errors have them
  return Object.assign(new Error(message), { name, stack, code, status });
}

function isNetworkFailure(code: string, name: string): boolean {
  return /^E[A-Z]{3,}|^ERR_STREAM|RequestError|Timeout|SocketAssignTimeout|aborted/i.test(code || name);
}

/** Throws what {@link toSluiceError} makes of it. */
export function throwMapped(cause: unknown, what: string): never {
  throw toSluiceError(cause, what);
}

/** The error of work that was stopped, on request or because its time was up. */
export function stopped(signal: AbortSignal, what: string): SluiceError {
  return interruption(signal, `OSS (${what})`, () => new UserError("CANCELLED", "work on OSS was stopped on request"));
}

/** Runs a call again while OSS is busy or unreachable, at most `attempts` times. */
export async function withRetries<T>(
  what: string,
  run: () => Promise<T>,
  { signal, attempts }: { signal: AbortSignal; attempts: number },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await orAbort(run(), signal, what);
    } catch (cause) {
      if (signal.aborted) throw stopped(signal, what);
      const error = toSluiceError(cause, what);
      if (!(error instanceof TransientError) || attempt >= attempts) throw error;
      await pause(attempt, signal, what);
    }
  }
}

/** Waits longer each time, with chance in it so that shards do not come back together. */
export async function pause(attempt: number, signal: AbortSignal, what: string): Promise<void> {
  const ms = 100 * 2 ** Math.min(attempt, 6) * (0.5 + Math.random());
  await sleep(ms, undefined, { signal }).catch(() => {
    throw stopped(signal, what);
  });
}

/** Rejects as soon as the signal says so; the work itself goes on unheard. */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw stopped(signal, what);
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(stopped(signal, what));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}
