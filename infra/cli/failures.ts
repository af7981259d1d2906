import type { ScriptIssue } from "../../shared/script/text/script-error.js";

/** An error answer of the API: `application/problem+json`, see docs/api.md. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly hint: string;
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
  readonly requestId?: string;
  /** Every problem of a job script. */
  readonly issues?: readonly ScriptIssue[];
}

/** The API answered with an error. */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = "ApiProblem";
  }
}

/** The API could not be reached, or what answered was not the API. */
export class Unreachable extends Error {
  constructor(
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "Unreachable";
  }
}

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
