import { UserError } from "../model/errors.js";
import { deployedName } from "./functions.js";

/** Resource groups by name, and how many shards of each may work at once on a run. */
export type ResourceGroups = Readonly<Record<string, number>>;

/** The group of jobs that name none. Planning and publishing of its runs need no function of their own. */
export const DEFAULT_GROUP = "default";

/** What a name of a group looks like: it becomes part of a function's name. */
const GROUP_NAME = /^[A-Za-z0-9_-]{1,40}$/;

/**
 * Reads a declaration such as `default=64,vpc=16`.
 *
 * @throws UserError CONFIG_INVALID naming the part at fault
 */
export function readResourceGroups(text: string): ResourceGroups {
  const invalid = (reason: string) =>
    new UserError("CONFIG_INVALID", `SLUICE_RESOURCE_GROUPS "${text}": ${reason}; expected such as default=64,vpc=16`, {
      path: "SLUICE_RESOURCE_GROUPS",
    });
  const groups = new Map<string, number>();
  for (const part of text.split(",").map((one) => one.trim())) {
    const [, name, cap] = /^([^=\s]+)\s*=\s*(\d{1,5})$/.exec(part) ?? [];
    if (name === undefined || !GROUP_NAME.test(name)) throw invalid(`"${part}" is no group`);
    if (groups.has(name)) throw invalid(`group ${name} stands there twice`);
    if (Number(cap) < 1) throw invalid(`group ${name} lets no shard work`);
    groups.set(name, Number(cap));
  }
  if (!groups.has(DEFAULT_GROUP)) throw invalid(`the group ${DEFAULT_GROUP} is missing`);
  return Object.fromEntries(groups);
}

/** The function that works for a group. */
export function shardFunctionOf(group: string): "shard" | `shard-${string}` {
  return group === DEFAULT_GROUP ? "shard" : `shard-${group}`;
}

/** The group in whose network a deployed function runs: shards in their own, all others in the default one. */
export function groupOfFunction(name: string, stage: string): string {
  const prefix = deployedName(stage, "shard-");
  return name.startsWith(prefix) ? name.slice(prefix.length) : DEFAULT_GROUP;
}

/**
 * The cap of a group.
 *
 * @param path  where the name stands, for the error
 * @throws UserError CONFIG_INVALID listing the groups there are
 */
export function capOfGroup(groups: ResourceGroups, name: string, path: string): number {
  const cap = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (cap !== undefined) return cap;
  const known = Object.keys(groups).join(", ");
  throw new UserError(
    "CONFIG_INVALID",
    `${path}: there is no resource group "${name}"; known are ${known}. A new one is a shard function in s.yaml and a name in SLUICE_RESOURCE_GROUPS`,
    { path },
  );
}
