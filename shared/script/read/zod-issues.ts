import type { z } from "zod";
import type { Step } from "../../model/job.js";
import type { Json } from "../../model/json.js";
import { joinPath } from "../text/field-path.js";
import { didYouMean } from "../text/nearest.js";
import type { ScriptIssue } from "../text/script-error.js";
import { foldKey, type Locate } from "../text/script-tree.js";
import { showValue } from "../text/show-value.js";
import { oneOf } from "./coerce.js";

type ZodIssue = z.core.$ZodIssue;

/**
 * Turns what a connector's schema refused into issues with path and place.
 *
 * @param step    the step whose parameter was parsed, before or after `checkKeys`
 * @param locate  of the script that the step came from
 */
export function issuesFromZod(
  error: { readonly issues: readonly ZodIssue[] },
  step: Pick<Step, "parameter" | "path">,
  locate: Locate,
): ScriptIssue[] {
  return error.issues.map((issue) => {
    const keys = writtenPath(issue.path, step.parameter);
    const path = keys.reduce<string>(joinPath, step.path);
    return { message: refusalText({ ...issue, path: keys }, { whole: step.parameter, path }), path, ...locate(path) };
  });
}

/** A schema may take one object as a list of one: its index is none that the user wrote. */
function writtenPath(path: readonly PropertyKey[], whole: unknown): (string | number)[] {
  const keys: (string | number)[] = [];
  let value = whole;
  for (const key of path) {
    if (key === 0 && typeof value === "object" && value !== null && !Array.isArray(value)) continue;
    keys.push(typeof key === "number" ? key : String(key));
    value = memberOf(value, key);
  }
  return keys;
}

/** What a schema was given, for its refusal in words. */
export interface RefusedInput {
  /** All that was parsed. */
  readonly whole: unknown;
  /** Field path of what was refused; a value under a name that speaks of secrets is not shown. */
  readonly path: string;
  /** Nothing of the value is shown, whatever its path says. */
  readonly isSecret?: boolean;
}

/** What a schema refused, in words: what was expected, what was seen, and the word that was probably meant. */
export function refusalText(issue: ZodIssue, { whole, path, isSecret = false }: RefusedInput): string {
  const value = refusedValue(issue, whole);
  const isMissing = value === undefined || value === null;
  const seen = isSecret ? "" : `; seen ${showValue(value, path)}`;
  // What a schema says in its own words is better than anything derived from its code.
  if (issue.code === "custom") return value === undefined ? issue.message : `${issue.message}${seen}`;
  const expected = expectedBy(issue);
  const mayGuess = issue.code === "invalid_value" && typeof value === "string" && !isSecret;
  const guess = mayGuess ? didYouMean(value, issue.values.map(String)) : "";
  return isMissing ? `missing; expected ${expected}` : `expected ${expected}${seen}${guess}`;
}

/** What a schema refused; undefined when it is not there. */
export function refusedValue(issue: ZodIssue, whole: unknown): Json | undefined {
  return issue.path.reduce<unknown>(memberOf, whole) as Json | undefined; // what is parsed came as JSON
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, key)) return Reflect.get(value, key);
  const spelling = Object.keys(value).find((name) => foldKey(name) === foldKey(String(key)));
  return spelling === undefined ? undefined : Reflect.get(value, spelling);
}

/** What a schema would have taken instead, in words that continue "expected": its own, where they begin so. */
export function expectedBy(issue: ZodIssue): string {
  const own = /^expected (.+)$/s.exec(issue.message);
  if (own?.[1] !== undefined) return own[1];
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? issue.expected;
    case "invalid_value":
      return oneOf(issue.values.map(valueText));
    case "too_small":
      return bound(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "too_big":
      return bound(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.format === "regex" && issue.pattern
        ? `a text that matches ${issue.pattern}`
        : `a valid ${issue.format}`;
    case "invalid_union":
      return "options" in issue && issue.options ? oneOf(issue.options.map(valueText)) : byBranches(issue.errors);
    case "unrecognized_keys":
      return `no key ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}`;
    default:
      return issue.message;
  }
}

function valueText(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "an integer",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === "string")
    return limit === 1 && relation === "at least" ? "a text that is not blank" : `${relation} ${limit} characters`;
  if (origin === "array" || origin === "set") return `${relation} ${limit} ${Number(limit) === 1 ? "item" : "items"}`;
  return `${relation} ${limit}`;
}

/** A union expects what any branch expects; a branch that fails deeper inside only names what is wrong there. */
function byBranches(branches: readonly (readonly ZodIssue[])[]): string {
  const expectations = branches.flatMap(([first]) => {
    if (!first) return [];
    return first.path.length === 0
      ? [expectedBy(first)]
      : [`${expectedBy(first)} at ${first.path.map(String).join(".")}`];
  });
  return [...new Set(expectations)].join(", or ") || "another value";
}
