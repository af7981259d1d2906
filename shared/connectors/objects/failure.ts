import { InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { guardRefusal } from "../network/guard.js";

/** What an SDK of an object store throws, as far as it is known. */
export interface Failure {
  readonly code?: string | undefined;
  readonly name?: string | undefined;
  /** Of HTTP; negative where no answer came. */
  readonly status?: number | undefined;
  readonly message?: string | undefined;
}

/** True for anything that may carry an SDK's fields. */
export function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null;
}

/** The names of the stores' own codes; those of OSS and S3 mean the same where both have them. */
const denied = [
  ...["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"],
  ...["SecurityTokenExpired", "InvalidSecurityToken", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"],
];

const missing = ["NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NotFound"];

/** Where a failure came from, and what was being done. */
export interface About {
  /** The system. */
  readonly title: string;
  /** Names the object or the call. */
  readonly what: string;
}

/** What a store or the way to it reported, as an error of ours. */
export function errorOf(cause: unknown, failure: Failure, { title, what }: About): SluiceError {
  const refusal = guardRefusal(cause);
  if (refusal) return refusal;
  if (cause instanceof SluiceError) return cause;
  const { code = "", status = 0, message = String(cause), name = "" } = failure;
  const options = { cause: withoutRequest(cause, failure) };
  if (denied.includes(code) || status === 403)
    return new UserError("ACCESS_DENIED", `${what}: ${title} refused access (${code || status})`, options);
  if (missing.includes(code)) return new UserError("SOURCE_OBJECT_MISSING", `${what}: not found (${code})`, options);
  if (status === 412 || code === "PreconditionFailed") {
    const changed = `${what}: was replaced or changed while it was being read; start a new run`;
    return new UserError("SOURCE_OBJECT_MISSING", changed, options);
  }
  if (status >= 500 || status === 429 || code === "RequestTimeout")
    return new TransientError("SOURCE_BUSY", `${what}: ${title} answered ${status} ${code}`, options);
  if (status >= 400)
    return new UserError("SOURCE_REFUSED", `${what}: ${title} answered ${status} ${code}: ${message}`, options);
  if (status >= 300) {
    const elsewhere = `${what}: ${title} answered ${status} ${code}: the bucket is served by another endpoint; correct endpoint or regionId`;
    return new UserError("SOURCE_REFUSED", elsewhere, { ...options, path: "endpoint" });
  }
  // SDKs refuse names of buckets and objects themselves before they send anything.
  if (/bucket|object name|endpoint/i.test(message) && /must be|invalid|conform/i.test(message))
    return new UserError("CONFIG_INVALID", `${what}: ${message}`, options);
  if (status < 0 || isNetworkFailure(code, name))
    return new TransientError("SOURCE_UNREACHABLE", `${what}: no answer (${code || name})`, options);
  return new InternalError("INTERNAL", `${what}: ${message}`, options);
}

/** SDKs hang their request on what they throw, whose headers hold the security token. Only what the error itself says goes on. */
function withoutRequest(cause: unknown, { code, status }: Failure): unknown {
  if (!(cause instanceof Error)) return isFailure(cause) ? cause.message : cause;
  const { name, message, stack } = cause;
  return Object.assign(new Error(message), { name, stack, code, status });
}

function isNetworkFailure(code: string, name: string): boolean {
  return /^E[A-Z]{3,}|^ERR_STREAM|RequestError|Timeout|SocketAssignTimeout|aborted/i.test(code || name);
}
