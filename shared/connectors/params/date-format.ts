import type { z } from "zod";
import { patternFault } from "../../model/date-pattern.js";
import type { ParameterAdvice } from "../../model/job.js";
import { patternAdvice } from "../../model/pattern-advice.js";

/** Refuses a date pattern that cannot be used, at its place in the parameter; an absent one is fine. */
export function refusePattern(pattern: string | undefined, path: readonly string[], context: z.RefinementCtx): void {
  const fault = pattern === undefined ? null : patternFault(pattern);
  if (fault !== null) context.addIssue({ code: "custom", path: [...path], message: `the pattern ${fault}` });
}

/** What is likely mistaken in the date patterns of a parameter, by their paths. */
export function adviceOnPatterns(
  patterns: readonly (readonly [path: string, pattern: string | undefined])[],
): ParameterAdvice[] {
  return patterns.flatMap(([path, pattern = ""]) => patternAdvice(pattern).map((message) => ({ path, message })));
}
