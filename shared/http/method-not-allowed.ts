import { UserError } from "../model/errors.js";

/** The path exists, but is not there for this method; the answer carries `Allow`. */
export class MethodNotAllowed extends UserError {
  /** @param asked  method and path of the request */
  constructor(
    asked: string,
    readonly allowed: readonly string[],
  ) {
    super("METHOD_NOT_ALLOWED", `${asked}: this path takes ${allowed.join(", ")}`);
  }
}
