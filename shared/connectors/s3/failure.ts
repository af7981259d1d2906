import type { SluiceError } from "../../model/errors.js";
import { errorOf, type Failure, isFailure } from "../objects/failure.js";

/** What the SDK hangs on its errors beside their name, which is S3's code. */
interface Answered {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** S3's code and status, of whatever the SDK threw. */
export function s3FailureOf(cause: unknown): Failure {
  if (!isFailure(cause)) return {};
  const { name, message } = cause;
  const status = (cause as Answered).$metadata?.httpStatusCode; // as errors of the SDK have it
  return { name, message, status, code: status === undefined ? cause.code : name };
}

/** What S3 or the way to it reported, as an error of ours. `what` names the object or the call. */
export function s3Failure(cause: unknown, what: string): SluiceError {
  return errorOf(cause, s3FailureOf(cause), { title: "S3", what });
}
