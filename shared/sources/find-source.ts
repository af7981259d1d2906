import type { DataSourceRecord, SourceDefinition, SourceDefinitions } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import type { SourceEnvironment, Workspace, WorkspaceMode } from "../model/workspace.js";
import type { Services } from "../services.js";
import type { VisibleSource } from "./view-source.js";
import { missingIn } from "./workspaces.js";

/** The workspace and the name there that a name stands for: `name`, or `workspace.name` for a shared data source. */
export function splitName(workspace: string, name: string): { readonly owner: string; readonly own: string } {
  const at = name.indexOf(".");
  return at < 0 ? { owner: workspace, own: name } : { owner: name.slice(0, at), own: name.slice(at + 1) };
}

/**
 * Finds a data source under the name it has in a workspace: an own one, or one that is shared with it.
 *
 * @returns undefined when there is none, or it is not shared
 */
export async function findVisible(
  services: Pick<Services, "sources" | "workspaces">,
  workspace: string,
  name: string,
): Promise<VisibleSource | undefined> {
  const { owner, own } = splitName(workspace, name);
  const found = await services.sources.find(owner, own);
  if (!found) return undefined;
  if (owner === workspace) return { name: own, owner, isShared: false, record: found.value };
  const grant = found.value.grants.find((one) => one.workspace === workspace);
  if (!grant) return undefined;
  const { mode } = (await services.workspaces.get(owner)).value;
  const definitions = grantedDefinitions(found.value, mode, grant.environments);
  if (Object.keys(definitions).length === 0) return undefined;
  return { name, owner, isShared: true, record: { ...found.value, definitions } };
}

/** @throws UserError NOT_FOUND */
export async function getVisible(
  services: Pick<Services, "sources" | "workspaces">,
  workspace: string,
  name: string,
): Promise<VisibleSource> {
  const found = await findVisible(services, workspace, name);
  if (!found) throw new UserError("NOT_FOUND", `there is no data source "${name}"`);
  return found;
}

/** The one definition of a basic workspace serves every environment that it is granted for. */
function grantedDefinitions(
  { definitions }: DataSourceRecord,
  mode: WorkspaceMode,
  environments: readonly SourceEnvironment[],
): SourceDefinitions {
  const entries = environments.flatMap((environment) => {
    const definition = mode === "basic" ? definitions.production : definitions[environment];
    return definition ? [[environment, definition] as const] : [];
  });
  return Object.fromEntries(entries);
}

/**
 * The definition to use in an environment.
 *
 * @param path  where the data source is named, for the error
 * @throws UserError SOURCE_INCOMPLETE
 */
export function definitionFor(
  { name, record, isShared }: Pick<VisibleSource, "name" | "record" | "isShared">,
  environment: SourceEnvironment,
  path = "environment",
): SourceDefinition {
  const found = record.definitions[environment];
  if (found) return found;
  const why = isShared ? `is not shared for ${environment}` : `is not configured for ${environment}`;
  const consequence =
    environment === "development" ? "only production can use it" : "it can be used in development only";
  throw new UserError("SOURCE_INCOMPLETE", `data source "${name}" ${why}: ${consequence}`, { path });
}

/** What keeps a job that uses these data sources from production; empty = nothing. */
export async function submitObstacles(
  services: Pick<Services, "sources" | "workspaces">,
  workspace: Workspace,
  names: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const source = await findVisible(services, workspace.name, name);
      if (!source) return [`data source "${name}" does not exist`];
      return missingIn(workspace.mode, source.record).map(
        (environment) => `data source "${name}" has no ${environment} definition`,
      );
    }),
  );
  return found.flat();
}
