import { z } from "zod";
import { expectedBy } from "../../shared/script/read/zod-issues.js";
import { didYouMean } from "../../shared/script/text/nearest.js";
import { fc3Resource, manifestFrame } from "./fc3-schema.js";
import { type Violation, violation } from "./violation.js";

type ZodIssue = z.core.$ZodIssue;

/**
 * What a schema refused, as violations: field, value seen, and what is expected there.
 *
 * @param declaration  what was parsed, for the values
 */
export function violationsBy(resource: string, declaration: unknown, issues: readonly ZodIssue[]): Violation[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") {
      const value = valueAt(declaration, issue.path);
      return [violation(resource, fieldText(issue.path), { value, expected: wordsFor(issue, value) })];
    }
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const expected = `no such key: mistyped, or not used by Sluice${didYouMean(key, knownKeys())}`;
      return violation(resource, fieldText(path), { value: valueAt(declaration, path), expected });
    });
  });
}

/** A schema's own words, where it has some, say more than what can be derived from its rule. */
function wordsFor(issue: ZodIssue, value: unknown): string {
  if (issue.code === "invalid_key") return issue.issues.map((inner) => wordsFor(inner, value)).join(", ");
  const expected = expectedBy(issue);
  const allowed = issue.code === "invalid_value" ? issue.values.map(String) : [];
  return typeof value === "string" ? expected + didYouMean(value, allowed) : expected;
}

/** `props.triggers[0].triggerName` */
export function fieldText(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i === 0 ? "" : "."}${String(part)}`))
    .join("");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

/** Every key that may stand somewhere in the file. */
function knownKeys(): Set<string> {
  const keys = new Set<string>();
  const collect = (schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return;
    const properties: unknown = Reflect.get(schema, "properties");
    if (typeof properties === "object" && properties !== null) for (const key of Object.keys(properties)) keys.add(key);
    for (const part of Object.values(schema)) collect(part);
  };
  for (const schema of [manifestFrame, fc3Resource]) collect(z.toJSONSchema(schema, { io: "input" }));
  return keys;
}
