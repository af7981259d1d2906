import type { SluiceError } from "../../model/errors.js";
import { errorOf, isFailure } from "../objects/failure.js";

/** What OSS or the way to it reported, as an error of ours. `what` names the object or the call. */
export function ossFailure(cause: unknown, what: string): SluiceError {
  return errorOf(cause, isFailure(cause) ? cause : {}, { title: "OSS", what });
}
