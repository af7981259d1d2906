import { UserError } from "../model/errors.js";
import type { Job } from "../model/job.js";
import { isJsonObject } from "../model/json.js";
import type { PlannedStep } from "../model/plan.js";
import { capOfGroup, DEFAULT_GROUP } from "../platform/resource-groups.js";
import type { Services } from "../services.js";

const JOB_PATH = "extend.resourceGroup";

/**
 * Where a job runs: in the group it names, else in the one its data sources name.
 *
 * @returns the group and how many shards may work there at once
 * @throws UserError CONFIG_INVALID when the group is unknown, or the data sources name two
 */
export function resourceGroupOf(
  services: Pick<Services, "resourceGroups">,
  job: Job,
  steps: readonly PlannedStep[],
): { group: string; cap: number } {
  const own = groupOfJob(job);
  const { group, path } = own === null ? groupOfSources(steps) : { group: own, path: JOB_PATH };
  return { group, cap: capOfGroup(services.resourceGroups, group, path) };
}

/**
 * The group in which runs of a job wait for slots, and how many one takes. What is named wrongly is told when the run is
 * planned; until then it waits with those that name no group.
 *
 * @param ofSources  groups that the job's data sources name
 */
export function slotsOfJob(
  groups: Services["resourceGroups"],
  job: Job,
  ofSources: readonly string[],
): { readonly group: string; readonly weight: number } {
  const { extend } = job.carried;
  const own = isJsonObject(extend ?? null) ? (extend as Record<string, unknown>).resourceGroup : undefined;
  const named = typeof own === "string" && own.trim() !== "" ? own.trim() : (ofSources[0] ?? DEFAULT_GROUP);
  const group = Object.hasOwn(groups, named) ? named : DEFAULT_GROUP;
  return { group, weight: Math.max(1, Math.min(job.setting.concurrent, groups[group] ?? 1)) };
}

function groupOfJob({ carried }: Job): string | null {
  const { extend } = carried;
  const named = isJsonObject(extend ?? null) ? (extend as Record<string, unknown>).resourceGroup : undefined;
  if (named === undefined || named === null || named === "") return null;
  if (typeof named === "string") return named.trim();
  throw new UserError("CONFIG_INVALID", `${JOB_PATH}: expected the name of a resource group`, { path: JOB_PATH });
}

function groupOfSources(steps: readonly PlannedStep[]): { group: string; path: string } {
  const named = steps
    .flatMap(({ sources }) => sources)
    .flatMap(({ name, resourceGroup }) => (resourceGroup ? [{ name, group: resourceGroup }] : []));
  const [first] = named;
  if (!first) return { group: DEFAULT_GROUP, path: JOB_PATH };
  const other = named.find(({ group }) => group !== first.group);
  if (!other) return { group: first.group, path: `resourceGroup of data source "${first.name}"` };
  throw new UserError(
    "CONFIG_INVALID",
    `data source "${first.name}" belongs to resource group ${first.group}, "${other.name}" to ${other.group}: name the one that reaches both as ${JOB_PATH} of the job`,
    { path: JOB_PATH },
  );
}
