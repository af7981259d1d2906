import { type ErrorCode, UserError } from "./errors.js";

/** One thing that keeps a draft from production. */
export interface SubmissionReason {
  readonly code: ErrorCode;
  readonly message: string;
  /** Field path in the script, where one is at fault. */
  readonly path?: string;
}

/** A draft cannot be published; `issues` lists every reason, whose first gives the code. */
export class SubmissionRefused extends UserError {
  readonly issues: readonly SubmissionReason[];

  constructor(job: string, [first, ...rest]: readonly [SubmissionReason, ...SubmissionReason[]]) {
    const all = [first, ...rest];
    super(first.code, `job "${job}" cannot be submitted: ${all.map(({ message }) => message).join("; ")}`, {
      path: "script",
      hint: "Correct every reason that is listed, then submit again; sluice job submit --check lists them without publishing.",
    });
    this.issues = all;
  }
}
