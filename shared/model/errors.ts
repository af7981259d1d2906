import type { TextPlace } from "./place.js";

/** What the caller should do, by code. Codes are API: never renamed or reused. */
export const errorHints = {
  SCRIPT_INVALID: "Correct the job script at the place named in the message and submit it again.",
  CONFIG_INVALID: "Correct the field named in the message and submit again.",
  PARAMETER_MISSING: "Give a value for each name in the message, for example with --param name=value.",
  NOT_FOUND: "Check the name; the matching list operation shows what exists.",
  METHOD_NOT_ALLOWED: "Use one of the methods that the message names, and the Allow header.",
  ALREADY_EXISTS: "Choose another name, or change the existing object instead.",
  CONFLICT: "The object changed meanwhile: read it again and repeat the change.",
  PRECONDITION_FAILED: "Read the object again, repeat the change on what it is now, and send its new ETag in If-Match.",
  UNAUTHORIZED: "Send a valid bearer token in the Authorization header.",
  FORBIDDEN: "Ask an admin of the workspace for the role that the message names.",
  QUOTA_EXCEEDED: "Remove what is not needed, let runs end, or ask an admin of the installation for a larger quota.",
  RATE_LIMITED: "Wait as long as the Retry-After header says, then send the request again.",
  ACCESS_DENIED: "Check user name, password and grants of the data source.",
  NETWORK_DENIED: "Use an address that data sources may have; an administrator can allow it in SLUICE_NETWORK_ALLOW.",
  SOURCE_INCOMPLETE: "Configure the environment that the message names, or use a data source that has it.",
  SOURCE_IN_USE: "Change the jobs that are listed, or repeat with force=true if the consequences are wanted.",
  SOURCE_UNREACHABLE: "Check host and port, and that the functions' network can reach the server.",
  SOURCE_OBJECT_MISSING: "Check the database, table, bucket, object or column named in the message.",
  SOURCE_REFUSED: "Read the server's own message; correct the statement, the grants or the server's setting it names.",
  SOURCE_BUSY: "Try again when there is room; a run that went on by itself needs nothing.",
  ERROR_LIMIT_EXCEEDED: "Open the dirty-record report, then fix the rows or raise errorLimit.",
  NOT_REPEATABLE: "Empty the target or choose a repeatable write mode, allow the ledger table, then start a new run.",
  SPLIT_FAILED: "Read the split's error, remove its cause and start the run again.",
  CANCELLED: "Nothing to do: the run was cancelled on request.",
  PAYLOAD_TOO_LARGE: "Send less in one request.",
  UNSUPPORTED: "Use one of the alternatives that the message names.",
  INTERNAL: "This is a bug in Sluice. Please report it with the run id or request id.",
} as const;

/** A stable error code of the API. */
export type ErrorCode = keyof typeof errorHints;

/** What the caller should do next: correct the input, try again later, or report a bug. */
export type Recovery = "fix" | "retry" | "report";

/** An error as it travels between functions and to users; `instanceof` does not survive the hop. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly recovery: Recovery;
  /** Where the offending value stands, such as `steps[0].parameter.column`; absent when no single field is at fault. */
  readonly path?: string;
  /** Where that is in the text of the job, both 1-based; absent when it is no part of it. */
  readonly line?: number;
  readonly column?: number;
  /** The message for who may not read records: present where the message may quote some. Never leaves the API beside it. */
  readonly withoutData?: string;
}

/** What an error may say beyond its message. */
export interface ErrorDetails extends ErrorOptions {
  readonly path?: string | undefined;
  readonly hint?: string | undefined;
  readonly place?: TextPlace | undefined;
  readonly withoutData?: string | undefined;
}

/** Base of all errors that Sluice raises on purpose. Message: what happened, to which object, the value seen; never a secret. */
export abstract class SluiceError extends Error {
  abstract readonly recovery: Recovery;
  /** Where the offending value stands, if it stands in the caller's input. */
  readonly path: string | undefined;
  /** What to do about it: that of the code, unless this very case asks for something else. */
  readonly hint: string;
  /** Where that is in the text of the job. */
  readonly place: TextPlace | undefined;
  /** The message for who may not read records; undefined when the message quotes none. */
  readonly withoutData: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorDetails,
  ) {
    super(message, options);
    this.name = new.target.name;
    this.path = options?.path;
    this.hint = options?.hint ?? errorHints[code];
    this.place = options?.place;
    this.withoutData = options?.withoutData;
  }
}

/** The job, the data source or the request is wrong: the user can correct it. */
export class UserError extends SluiceError {
  readonly recovery = "fix";
}

/** The other side is busy, unreachable or went away: the same call may succeed later. */
export class TransientError extends SluiceError {
  readonly recovery = "retry";
}

/** Our bug. */
export class InternalError extends SluiceError {
  readonly recovery = "report";
}

/** Turns whatever was thrown into the shape that may leave the process; unknown errors become INTERNAL. */
export function toErrorReport(error: unknown): ErrorReport {
  if (error instanceof SluiceError) {
    const { code, message, hint, recovery, path, place, withoutData } = error;
    const others = { ...(path !== undefined && { path }), ...place, ...(withoutData !== undefined && { withoutData }) };
    return { code, message, hint, recovery, ...others };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: "INTERNAL", message, hint: errorHints.INTERNAL, recovery: "report" };
}

/** Rebuilds a throwable error from a report that crossed a function boundary. */
export function fromErrorReport(report: ErrorReport): SluiceError {
  const kinds = { fix: UserError, retry: TransientError, report: InternalError } as const;
  const { code, message, recovery, path, hint, line, column, withoutData } = report;
  const place = line === undefined || column === undefined ? undefined : { line, column };
  return new kinds[recovery](code, message, { path, hint, place, withoutData });
}

/** An error as somebody may see it: who may not read records gets no words of a server that may quote some. */
export function reportFor(
  { withoutData, ...report }: ErrorReport,
  { mayRead }: { readonly mayRead: boolean },
): ErrorReport {
  return mayRead || withoutData === undefined ? report : { ...report, message: withoutData };
}
