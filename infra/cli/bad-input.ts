import type { ScriptIssue } from "../../shared/script/text/script-error.js";

/** The command line, a file it names or the environment is wrong. */
export class BadInput extends Error {
  readonly issues: readonly ScriptIssue[];

  constructor(
    message: string,
    readonly hint: string,
    options?: ErrorOptions & { issues?: readonly ScriptIssue[] },
  ) {
    super(message, options);
    this.name = "BadInput";
    this.issues = options?.issues ?? [];
  }
}
