import { InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
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
