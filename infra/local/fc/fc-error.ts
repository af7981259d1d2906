/** An error of the service itself, as opposed to one of a function: answered as a status with a code in JSON. */
export class FcError extends Error {
  constructor(
    readonly status: number,
    /** The service's own code, such as `FunctionNotFound`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "FcError";
  }
}
