import type { Step } from "../../model/job.js";
import type { Json, JsonObject } from "../../model/json.js";
import { joinPath } from "../text/field-path.js";
import { objectField, type Reading, report, type ScriptField, textField } from "./reading.js";

import { hasPlaceholder } from "./substitute.js";

/** Which side of a job a step is. */
export type SideName = "reader" | "writer";

/** The members of a step, whatever they are called in the spelling at hand. */
export interface StepFields {
  /** Path of the step itself. */
  readonly path: string;
  /** What the spelling calls the type: `stepType`, `plugin` or `name`. */
  readonly typeKey: string;
  readonly type: ScriptField | undefined;
  readonly parameter: ScriptField | undefined;
  /** The step's own name; defaults to `Reader` or `Writer`. */
  readonly name?: string | undefined;
}

/** Reads one side of a job. After an issue the step still has the shape of one, so that reading can go on. */
export function readStep(reading: Reading, side: SideName, fields: StepFields): Step {
  const { path, typeKey, type, parameter, name } = fields;
  const parameterPath = joinPath(path, "parameter");
  const example = typeKey === "name" ? `"mysql${side}"` : `"mysql"`;
  if (!type)
    report(reading, path, { message: `the ${side} has no ${typeKey}; expected ${typeKey}, such as ${example}` });
  if (!parameter)
    report(reading, path, { message: `the ${side} has no parameter; expected an object with its parameters` });
  const typeText = type && textField(reading, type, `the ${side}'s type, such as ${example}`);
  return {
    type: typeText === undefined ? "" : typeName(reading, { value: typeText, path: type?.path ?? path }, side),
    name: name ?? defaultName(side),
    parameter: objectField(reading, parameter)?.value ?? {},
    path: parameterPath,
  };
}

/** The name of a step that has none. */
export function defaultName(side: SideName): string {
  return side === "reader" ? "Reader" : "Writer";
}

function typeName(reading: Reading, { value, path }: ScriptField & { value: string }, side: SideName): string {
  if (reading.lenient && hasPlaceholder(value, reading)) return value;
  // Tablestore's plug-ins for its inner model were called otsreader-internal and otswriter-internal.
  const type = value.toLowerCase().replace(/(?<=reader|writer)-internal$/, "");
  const other = side === "reader" ? "writer" : "reader";
  const isPlugin = (suffix: string) => type.endsWith(suffix) && type.length > suffix.length;
  // Again, so that what is printed is read as the same type.
  if (isPlugin(side)) return typeName(reading, { value: type.slice(0, -side.length).trim(), path }, side);
  if (isPlugin(other)) {
    const stem = type.slice(0, -other.length);
    report(reading, path, {
      message: `"${type}" is a ${other}, but this is the ${side}; did you mean "${stem}${side}"?`,
    });
  }
  return type;
}

/** Whether a processor's parameter asks for nothing. */
export function asksForNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (typeof value !== "object") return false;
  return Object.values(value as JsonObject | readonly Json[]).every((member) => asksForNothing(member));
}
