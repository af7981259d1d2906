import type { Warning } from "../model/job.js";
import type { ParsedScript } from "../script/parse-job.js";
import { ScriptError, type ScriptIssue } from "../script/script-error.js";
import { takeInline } from "./inline-sources.js";
import { checkStep } from "./resolve-job.js";
import { stepConnector } from "./step-connector.js";

/**
 * Checks both sides of a script against their connectors, the connections it carries included, without touching any
 * data source.
 *
 * @returns what is odd, reader before writer
 * @throws ScriptError with every problem of both sides
 */
export async function checkScript(parsed: ParsedScript): Promise<readonly Warning[]> {
  const issues: ScriptIssue[] = [];
  const warnings: Warning[] = [];
  for (const kind of ["reader", "writer"] as const) {
    try {
      const connector = await stepConnector(kind, parsed);
      const taken = takeInline(connector, parsed.job[kind], parsed.locate);
      const checked = await checkStep(kind, taken.step, parsed);
      issues.push(...checked.issues);
      warnings.push(...taken.warnings, ...checked.warnings);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      issues.push(...error.issues);
    }
  }
  const [first, ...rest] = issues;
  if (first) throw new ScriptError(first, ...rest);
  return warnings;
}
