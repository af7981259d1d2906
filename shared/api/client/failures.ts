import { isJsonObject, type JsonObject } from "../../model/json.js";
import type { Problem, ProblemIssue } from "../problem.js";

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

/** The problem that a body tells, as far as it does; null = it is none of ours. */
export function problemOf(status: number, body: unknown): Problem | null {
  if (!isJsonObject(body) || typeof body.code !== "string") return null;
  const word = (name: string): string => (typeof body[name] === "string" ? body[name] : "");
  const requestId = word("requestId");
  return {
    status,
    title: word("title"),
    detail: word("detail") || word("title"),
    code: word("code"),
    hint: word("hint"),
    ...placeOf(body),
    ...(requestId !== "" && { requestId }),
    ...(Array.isArray(body.issues) && { issues: body.issues.filter(isJsonObject).map(issueOf) }),
  };
}

function issueOf(json: JsonObject): ProblemIssue {
  return { message: typeof json.message === "string" ? json.message : "", ...placeOf(json) };
}

function placeOf({ path, line, column }: JsonObject): Omit<ProblemIssue, "message"> {
  return {
    ...(typeof path === "string" && path !== "" && { path }),
    ...(typeof line === "number" && { line }),
    ...(typeof column === "number" && { column }),
  };
}
