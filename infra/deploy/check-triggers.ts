import type { Program } from "../../shared/platform/functions.js";
import { type DeclaredFunction, programOf } from "./check-functions.js";
import type { Fc3FunctionProps } from "./fc3-schema.js";
import { type Violation, violation } from "./violation.js";

/** Methods of the API's routes: those that the trigger leaves out are refused before the API is asked. */
export const apiMethods = ["GET", "POST", "PUT", "DELETE"] as const;

/** Trigger types each program must have, and none besides. */
const triggersOf: Readonly<Record<Program, readonly string[]>> = {
  api: ["http"],
  dispatcher: ["timer", "oss"],
  planner: [],
  shard: [],
  reducer: [],
};

/** Triggers: their types, and what each must let through. */
export function checkTriggers({ resource, props }: DeclaredFunction): Violation[] {
  const { triggers } = props;
  const program = programOf(props);
  if (program === null) return [];
  const types = triggers.map(({ triggerType }) => triggerType);
  const wanted = triggersOf[program];
  const isRight = types.length >= wanted.length && wanted.every((type) => types.some((own) => own === type));
  const isOurs = types.every((type) => wanted.includes(type));
  const inside = triggers.flatMap((trigger, at) => checkTrigger(resource, `props.triggers[${at}]`, trigger));
  if (isRight && isOurs) return inside;
  const expected =
    wanted.length === 0 ? `none: nothing but Sluice calls the ${program}` : `triggers of type ${wanted.join(" and ")}`;
  return [violation(resource, "props.triggers", { value: types, expected }), ...inside];
}

type Trigger = Fc3FunctionProps["triggers"][number];

function checkTrigger(resource: string, path: string, trigger: Trigger): Violation[] {
  if (trigger.triggerType === "http") return checkHttp(resource, `${path}.triggerConfig`, trigger.triggerConfig);
  if (trigger.triggerType !== "timer" || trigger.triggerConfig.enable) return [];
  const expected = "true: schedules and the care for broken runs live by its ticks";
  return [violation(resource, `${path}.triggerConfig.enable`, { value: false, expected })];
}

type HttpConfig = Extract<Trigger, { triggerType: "http" }>["triggerConfig"];

function checkHttp(resource: string, path: string, { authType, methods }: HttpConfig): Violation[] {
  const found: Violation[] = [];
  if (authType !== "anonymous") {
    const expected =
      "anonymous: the API checks tokens itself, and FC would refuse whoever does not sign with a key of the account";
    found.push(violation(resource, `${path}.authType`, { value: authType, expected }));
  }
  const missing = apiMethods.filter((method) => !methods.includes(method));
  if (missing.length > 0)
    found.push(
      violation(resource, `${path}.methods`, {
        value: methods,
        expected: `${missing.join(", ")} besides: the API has such calls`,
      }),
    );
  return found;
}
