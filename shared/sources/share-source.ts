import type { DataSourceRecord, SourceGrant } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import type { SourceEnvironment, Workspace } from "../model/workspace.js";
import { isoNow, type Services } from "../services.js";
import { type ChangeTarget, changeSource } from "./change-source.js";
import { type AffectedUse, countedJobs, SourceInUse, usesOf } from "./usage.js";
import { environmentsOf } from "./workspaces.js";

/**
 * Lets another workspace use a data source in these environments, in place of what it was granted before.
 *
 * @throws UserError NOT_FOUND when there is no such workspace, CONFIG_INVALID
 */
export async function grantSource(
  services: Services,
  target: ChangeTarget,
  { grantee, environments }: { grantee: string; environments: readonly SourceEnvironment[] },
): Promise<DataSourceRecord> {
  const { workspace, name } = target;
  if (grantee === workspace)
    throw new UserError("CONFIG_INVALID", "workspace: a data source is at home in its own workspace", {
      path: "workspace",
    });
  const { value: other } = await services.workspaces.get(grantee);
  const strange = environments.find((one) => !environmentsOf(other.mode).includes(one));
  if (strange)
    throw new UserError("CONFIG_INVALID", `environments: workspace "${grantee}" has no ${strange}`, {
      path: "environments",
    });
  const grant: SourceGrant = { workspace: grantee, environments, grantedAt: isoNow(services) };
  await services.sources.noteShared(grantee, workspace, name);
  return changeSource(services, target, (record) => ({
    ...record,
    grants: [...record.grants.filter((one) => one.workspace !== grantee), grant],
  }));
}

/**
 * Takes the right to use a data source back.
 *
 * @returns the jobs that will not find it any more
 * @throws SourceInUse when there are such jobs, unless forced; UserError NOT_FOUND
 */
export async function revokeGrant(
  services: Services,
  target: ChangeTarget,
  { grantee, force }: { grantee: string; force: boolean },
): Promise<readonly AffectedUse[]> {
  const { workspace, name } = target;
  const { value } = await services.sources.get(workspace, name);
  if (!value.grants.some((one) => one.workspace === grantee))
    throw new UserError("NOT_FOUND", `data source "${name}" is not shared with workspace "${grantee}"`);
  const broken = await brokenBy(services, { owner: workspace, name }, (await services.workspaces.get(grantee)).value);
  if (broken.length > 0 && !force)
    throw new SourceInUse(`workspace "${grantee}" uses data source "${name}" in ${countedJobs(broken.length)}`, broken);
  await changeSource(services, target, (record) => ({
    ...record,
    grants: record.grants.filter((one) => one.workspace !== grantee),
  }));
  await services.sources.forgetShared(grantee, workspace, name);
  return broken;
}

async function brokenBy(
  services: Services,
  { owner, name }: { owner: string; name: string },
  grantee: Workspace,
): Promise<readonly AffectedUse[]> {
  const uses = (await usesOf(services, owner, name)).filter((use) => use.workspace === grantee.name);
  return uses.map((use) => {
    const consequence = use.versions.includes("production")
      ? "the production job will fail at its next run"
      : "its draft cannot run and can no longer be submitted";
    return { ...use, consequence };
  });
}
