import { didYouMean } from "../text/nearest.js";
import { showValue } from "../text/show-value.js";
import {
  listField,
  membersOf,
  objectField,
  type Reading,
  report,
  type ScriptField,
  textField,
  warn,
} from "./reading.js";

/** A step as hops know it. */
export interface NamedStep {
  readonly category: "reader" | "writer" | "processor";
  readonly name: string;
  readonly path: string;
}

/**
 * Checks `order.hops`: both ends must be steps, and records flow from the reader to the writer.
 *
 * @param steps  all steps, or undefined when some could not be read: then names cannot be judged
 */
export function checkHops(
  reading: Reading,
  order: ScriptField | undefined,
  steps: readonly NamedStep[] | undefined,
): void {
  const object = objectField(reading, order);
  const hops = object && membersOf(reading, object, ["hops"]).hops;
  if (!hops || !steps) return;
  warnOfTwins(reading, steps);
  for (const item of listField(reading, hops, "hops, each { from, to }") ?? []) {
    const hop = objectField(reading, item);
    if (!hop) continue;
    const { from, to } = membersOf(reading, hop, ["from", "to"]);
    if (!from || !to)
      report(reading, item.path, {
        message: `the hop has no "${from ? "to" : "from"}"; expected { from, to } with names of steps`,
      });
    checkEnd(reading, from, {
      steps,
      never: "writer",
      message: "records come from the reader; a writer cannot stand in from",
    });
    checkEnd(reading, to, { steps, never: "reader", message: "records go to the writer; a reader cannot stand in to" });
  }
}

interface EndRule {
  readonly steps: readonly NamedStep[];
  readonly never: NamedStep["category"];
  readonly message: string;
}

function checkEnd(reading: Reading, field: ScriptField | undefined, { steps, never, message }: EndRule): void {
  const name = field && textField(reading, field, "the name of a step");
  if (!field || name === undefined) return;
  const matches = steps.filter((step) => step.name.toLowerCase() === name.toLowerCase());
  const names = steps.map((step) => step.name);
  if (matches.length === 0) {
    const known = names.map((known) => `"${known}"`).join(", ");
    report(reading, field.path, {
      message: `no step is named ${showValue(name, field.path)}; the steps are ${known}${didYouMean(name, names)}`,
    });
  } else if (matches.every(({ category }) => category === never)) {
    report(reading, field.path, { message });
  }
}

function warnOfTwins(reading: Reading, steps: readonly NamedStep[]): void {
  const seen = new Set<string>();
  for (const { name, path } of steps) {
    if (seen.has(name))
      warn(reading, path, { message: `two steps are named "${name}"; they are told apart by category` });
    seen.add(name);
  }
}
