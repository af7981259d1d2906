import { z } from "zod";
import { UserError } from "../../model/errors.js";

/**
 * Makes the parts of a parameter in a transform of a zod schema. Each is tried, whatever becomes of the others; what they
 * report as UserErrors becomes issues at the paths they name, each once.
 */
export function partsOrIssues<T extends object>(
  context: z.core.$RefinementCtx,
  parts: { readonly [Key in keyof T]: () => T[Key] },
): T {
  const faults = new Map<string, UserError>();
  const made = Object.entries<() => unknown>(parts).map(([key, make]) => {
    try {
      return [key, make()];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      faults.set(`${error.path}: ${error.message}`, error);
      return [key, undefined];
    }
  });
  for (const { path = "", message } of faults.values()) {
    const keys = path.split(/[.[\]]+/).filter((part) => part !== "");
    const numbered = keys.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    context.issues.push({ code: "custom", message, path: numbered, input: undefined });
  }
  // Complete, or every part that is missing has left an issue.
  return faults.size > 0 ? z.NEVER : (Object.fromEntries(made) as T);
}
