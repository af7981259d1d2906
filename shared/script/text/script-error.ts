import { UserError } from "../../model/errors.js";
import type { TextPlace } from "../../model/place.js";

/** One thing that is wrong with a job script, and where. */
export interface ScriptIssue {
  /** What was seen, what was expected, the way out; without the place. Never a secret. */
  readonly message: string;
  /** Field path in canonical spelling, such as `setting.speed.mbps`; absent while the text is not yet JSON. */
  readonly path?: string;
  /** 1-based, counted in UTF-16 units as editors do. */
  readonly line?: number;
  readonly column?: number;
}

/** The issue as one line for people: `line 3, column 7, at setting.speed.mbps: …`. */
export function formatIssue(issue: ScriptIssue): string {
  const place = [];
  if (issue.line !== undefined) place.push(`line ${issue.line}`);
  if (issue.column !== undefined) place.push(`column ${issue.column}`);
  if (issue.path) place.push(`at ${issue.path}`);
  return place.length === 0 ? issue.message : `${place.join(", ")}: ${issue.message}`;
}

/**
 * The job script cannot be used (code SCRIPT_INVALID). `issues` holds every problem found, in the order of the text;
 * the message is the first one with its place and, if there are more, their number.
 */
export class ScriptError extends UserError {
  readonly issues: readonly ScriptIssue[];

  constructor(first: ScriptIssue, ...rest: readonly ScriptIssue[]) {
    const count = rest.length === 0 ? "" : ` (the first of ${rest.length + 1} problems)`;
    super("SCRIPT_INVALID", formatIssue(first) + count, { path: first.path, place: placeOf(first) });
    this.issues = [first, ...rest];
  }
}

function placeOf({ line, column }: ScriptIssue): TextPlace | undefined {
  return line === undefined || column === undefined ? undefined : { line, column };
}
