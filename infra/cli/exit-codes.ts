import { ApiProblem, Unreachable } from "../../shared/api/client/failures.js";
import { type ErrorCode, SluiceError } from "../../shared/model/errors.js";
import { own } from "../../shared/model/own.js";
import type { Run } from "../../shared/model/run.js";
import { BadInput } from "./bad-input.js";

/** What the process tells its caller. API: never renumbered. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, errorLimit: 3, unreachable: 4, cancelled: 5 } as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each exit code means: the table of docs/cli.md, and of the help text. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done",
  failed: "failed: the run failed, or Sluice did",
  badInput: "bad input: the command line, the job, a data source, or a name in it",
  errorLimit: "error limit: the run had more dirty records than its job allows",
  unreachable: "unreachable: the Sluice API, or a data source",
  cancelled: "cancelled",
};

/** One line per exit code, for the help text. */
export const exitCodeHelp = Object.entries(exitCodes)
  .map(([name, code]) => `${code}  ${own(exitMeanings, name)}`)
  .join("\n  ");

const byCode: Partial<Record<ErrorCode, ExitCode>> = {
  SCRIPT_INVALID: exitCodes.badInput,
  CONFIG_INVALID: exitCodes.badInput,
  PARAMETER_MISSING: exitCodes.badInput,
  NOT_FOUND: exitCodes.badInput,
  METHOD_NOT_ALLOWED: exitCodes.badInput,
  ALREADY_EXISTS: exitCodes.badInput,
  UNAUTHORIZED: exitCodes.badInput,
  UNSUPPORTED: exitCodes.badInput,
  PAYLOAD_TOO_LARGE: exitCodes.badInput,
  SOURCE_UNREACHABLE: exitCodes.unreachable,
  ERROR_LIMIT_EXCEEDED: exitCodes.errorLimit,
  CANCELLED: exitCodes.cancelled,
};

/** The exit code of a finished run. */
export function exitCodeOfRun(run: Pick<Run, "state" | "error">): ExitCode {
  if (run.state === "succeeded") return exitCodes.done;
  if (run.state === "cancelled") return exitCodes.cancelled;
  return (run.error && byCode[run.error.code]) ?? exitCodes.failed;
}

/** The exit code of a command that threw. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof BadInput) return exitCodes.badInput;
  if (error instanceof Unreachable) return exitCodes.unreachable;
  if (error instanceof SluiceError) return byCode[error.code] ?? exitCodes.failed;
  if (!(error instanceof ApiProblem)) return exitCodes.failed;
  const { code, status } = error.problem;
  return own(byCode, code) ?? (status >= 400 && status < 500 ? exitCodes.badInput : exitCodes.failed);
}
