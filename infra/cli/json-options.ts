import { InvalidArgumentError } from "commander";
import type { z } from "zod";
import { cycleSchema } from "../../shared/model/cycle.js";
import { dependenciesSchema, policiesSchema } from "../../shared/model/job-schedule.js";
import { refusalText } from "../../shared/script/read/zod-issues.js";

/**
 * Parses an option that is JSON. For commander's `argParser`.
 *
 * @param example  for who gives something else
 */
function jsonOption<T>(schema: z.ZodType<T>, example: string): (text: string) => T {
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new InvalidArgumentError(`Give JSON such as ${example}.`);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const refusals = parsed.error.issues.map((issue) => {
      const path = issue.path.join(".");
      return `${path === "" ? "" : `${path}: `}${refusalText(issue, { whole: value, path })}`;
    });
    throw new InvalidArgumentError(`${refusals.join("; ")}.`);
  };
}

/** How often a job has instances. */
export const cycleOf = jsonOption(cycleSchema, '{"every":"day","at":"02:30"}');

/** What a job's instances wait for. */
export const dependenciesOf = jsonOption(dependenciesSchema, '[{"on":"job","job":"load","cycle":"same"}]');

/** How a job's instances are run and repeated. */
export const policiesOf = jsonOption(policiesSchema, '{"retries":3,"parallel":2}');
