import { UserError } from "../../shared/model/errors.js";
import { deployedName, programs } from "../../shared/platform/functions.js";
import { LANDING_PREFIX, landingBucketOf } from "../../shared/platform/landing.js";
import {
  DEFAULT_GROUP,
  type ResourceGroups,
  readResourceGroups,
  shardFunctionOf,
} from "../../shared/platform/resource-groups.js";
import { storeTables } from "../../shared/store/tables.js";
import { type DeclaredFunction, programOf } from "./check-functions.js";
import { type Violation, violation } from "./violation.js";

const WHOLE_FILE = "-";

/** Names that the code will use, against those declared: functions and groups, buckets, tables. */
export function checkNames(functions: readonly DeclaredFunction[]): Violation[] {
  const stages = new Set(functions.map(({ props }) => props.environmentVariables.SLUICE_STAGE));
  const [stage] = stages;
  if (stages.size !== 1 || stage === undefined || stage === "")
    return [
      violation(WHOLE_FILE, "SLUICE_STAGE", { value: [...stages], expected: "the same stage for every function" }),
    ];
  return [
    ...checkFunctionNames(functions, stage),
    ...checkGroups(functions, stage),
    ...checkBuckets(functions, stage),
    ...checkTables(),
  ];
}

function checkFunctionNames(functions: readonly DeclaredFunction[], stage: string): Violation[] {
  const found: Violation[] = [];
  for (const name of programs)
    if (!functions.some(({ props }) => props.functionName === deployedName(stage, name)))
      found.push(
        violation(WHOLE_FILE, "resources", {
          value: undefined,
          expected: `a function ${deployedName(stage, name)}: the others call it`,
        }),
      );
  const seen = new Set<string>();
  for (const { resource, props } of functions) {
    const program = programOf(props);
    const own = deployedName(stage, program ?? "");
    const isOwn = props.functionName === own || (program === "shard" && props.functionName.startsWith(`${own}-`));
    if (program !== null && !isOwn)
      found.push(violation(resource, "props.functionName", { value: props.functionName, expected: own }));
    if (seen.has(props.functionName))
      found.push(
        violation(resource, "props.functionName", { value: props.functionName, expected: "a name of its own" }),
      );
    seen.add(props.functionName);
    const onFailure = props.asyncInvokeConfig?.destinationConfig?.onFailure?.destination;
    if (onFailure !== undefined && !onFailure.endsWith(`:functions/${deployedName(stage, "dispatcher")}`))
      found.push(
        violation(resource, "props.asyncInvokeConfig.destinationConfig.onFailure.destination", {
          value: onFailure,
          expected: `…:functions/${deployedName(stage, "dispatcher")}`,
        }),
      );
  }
  return found;
}

/** Every group has its function with room for its cap, every shard function its group. */
function checkGroups(functions: readonly DeclaredFunction[], stage: string): Violation[] {
  const declared = new Set(functions.map(({ props }) => props.environmentVariables.SLUICE_RESOURCE_GROUPS));
  const [text] = declared;
  const field = "props.environmentVariables.SLUICE_RESOURCE_GROUPS";
  if (declared.size > 1)
    return [violation(WHOLE_FILE, field, { value: [...declared], expected: "the same groups for every function" })];
  let groups: ResourceGroups;
  try {
    groups = readResourceGroups(text ?? "");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [violation(WHOLE_FILE, field, { value: text, expected: "such as default=64,vpc=16" })];
  }
  const found: Violation[] = [];
  const nameOf = (group: string) => deployedName(stage, shardFunctionOf(group));
  for (const [group, cap] of Object.entries(groups)) {
    const own = functions.find(({ props }) => props.functionName === nameOf(group));
    const room = own?.props.concurrencyConfig?.reservedConcurrency ?? 0;
    if (!own)
      found.push(
        violation(WHOLE_FILE, field, { value: group, expected: `a function ${nameOf(group)}, or no such group` }),
      );
    else if (room < cap)
      found.push(
        violation(own.resource, "props.concurrencyConfig.reservedConcurrency", {
          value: room,
          expected: `${cap} or more, the cap of group ${group}`,
        }),
      );
  }
  for (const { resource, props } of functions) {
    if (programOf(props) !== "shard" || Object.keys(groups).some((group) => nameOf(group) === props.functionName))
      continue;
    const group = props.functionName.slice(`${nameOf(DEFAULT_GROUP)}-`.length);
    found.push(
      violation(resource, "props.functionName", {
        value: props.functionName,
        expected: `a group "${group}" in SLUICE_RESOURCE_GROUPS`,
      }),
    );
  }
  return found;
}

function checkBuckets(functions: readonly DeclaredFunction[], stage: string): Violation[] {
  const found: Violation[] = [];
  for (const { resource, props } of functions)
    for (const [index, trigger] of props.triggers.entries()) {
      if (trigger.triggerType !== "oss") continue;
      const path = `props.triggers[${index}]`;
      const bucket = trigger.sourceArn.split(":")[4] ?? "";
      if (bucket !== landingBucketOf(stage))
        found.push(
          violation(resource, `${path}.sourceArn`, {
            value: bucket,
            expected: `bucket ${landingBucketOf(stage)}, which bootstrap makes`,
          }),
        );
      const { prefix } = trigger.triggerConfig.filter.key;
      if (!prefix.startsWith(LANDING_PREFIX))
        found.push(
          violation(resource, `${path}.triggerConfig.filter.key.prefix`, {
            value: prefix,
            expected: `${LANDING_PREFIX}, so that what a job writes starts no job`,
          }),
        );
    }
  return found;
}

/** Tablestore's own rules; the names are the code's, so this finds a mistake before an account does. */
function checkTables(): Violation[] {
  const all = Object.entries(storeTables);
  const bad = all.filter(
    ([, { name, key }]) =>
      key.length > 4 || ![name, ...key.map((column) => column.name)].every((one) => /^[A-Za-z_]\w{0,254}$/.test(one)),
  );
  const found = bad.map(([name, table]) =>
    violation(WHOLE_FILE, `tables.${name}`, {
      value: table.name,
      expected: "letters, digits and _, and at most four key columns",
    }),
  );
  return all.length > 64
    ? [...found, violation(WHOLE_FILE, "tables", { value: all.length, expected: "at most 64 in an instance" })]
    : found;
}
