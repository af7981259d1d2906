import { ApiProblem } from "../../shared/api/client/failures.js";
import { type ParsedScript, parseJob } from "../../shared/script/read/parse-job.js";
import type { ParseOptions } from "../../shared/script/read/read-script.js";
import { ScriptError, type ScriptIssue } from "../../shared/script/text/script-error.js";
import type { Parameters } from "./api-requests.js";
import type { CommandCall } from "./shell.js";

/**
 * Reads a script before the API is asked to do anything with it. Text that is no JSON needs no API; else the API, which
 * knows the systems, adds what it finds, so that everything is told at once.
 *
 * @throws ScriptError with everything that is wrong; UserError as `parseJob`
 */
export async function checkText(
  call: CommandCall,
  text: string,
  { parameters, mode }: { parameters: Parameters; mode: ParseOptions["mode"] },
): Promise<ParsedScript> {
  try {
    return parseJob(text, { parameters, ...(mode && { mode }) });
  } catch (error) {
    if (!(error instanceof ScriptError) || error.issues.some(({ path }) => path === undefined || path === ""))
      throw error;
    const more = await found(call, text, parameters);
    const known = new Set(error.issues.map(issueText));
    const [first, ...rest] = [...error.issues, ...more.filter((issue) => !known.has(issueText(issue)))].sort(inOrder);
    throw first ? new ScriptError(first, ...rest) : error;
  }
}

async function found(call: CommandCall, text: string, parameters: Parameters): Promise<readonly ScriptIssue[]> {
  try {
    await call.withClient((client) => client.validate({ body: { script: text, parameters } }));
    return [];
  } catch (error) {
    // What is known already is enough to refuse the script, whether or not the API can be had.
    return error instanceof ApiProblem ? (error.problem.issues ?? []) : [];
  }
}

function issueText({ path, message }: ScriptIssue): string {
  return `${path}: ${message}`;
}

function inOrder(a: ScriptIssue, b: ScriptIssue): number {
  const last = Number.MAX_SAFE_INTEGER;
  return (a.line ?? last) - (b.line ?? last) || (a.column ?? 0) - (b.column ?? 0);
}
