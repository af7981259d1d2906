import type { DataSourceRecord } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import { sideZone } from "../model/side-zone.js";
import {
  type SourceEnvironment,
  sourceEnvironments,
  type UploadPlace,
  type Workspace,
  type WorkspaceMode,
} from "../model/workspace.js";
import { isoNow, type Services } from "../services.js";
import { checkName } from "./data-sources.js";

/** A data source that lacks a definition, and which. */
export interface IncompleteSource {
  readonly name: string;
  readonly missing: readonly SourceEnvironment[];
}

/**
 * Makes a workspace.
 *
 * @throws UserError CONFIG_INVALID for a bad name, ALREADY_EXISTS
 */
export async function createWorkspace(
  services: Services,
  { name, mode, description, timeZone }: Pick<Workspace, "name" | "mode" | "description" | "timeZone">,
): Promise<Workspace> {
  checkName(name);
  checkZone(timeZone);
  const workspace: Workspace = { name, mode, description, timeZone, createdAt: isoNow(services), upgradedAt: null };
  const existing = (await services.workspaces.all()).some((one) => one.name === name);
  if (existing || !(await services.workspaces.insert(workspace)))
    throw new UserError("ALREADY_EXISTS", `there is a workspace "${name}" already`, { path: "name" });
  return workspace;
}

/**
 * Makes a basic workspace a standard one. Its data sources become production halves as they are; there is no way back.
 *
 * @returns the workspace, and the data sources whose development half is left to configure
 * @throws UserError CONFLICT when it is standard already
 */
export async function upgradeWorkspace(
  services: Services,
  name: string,
): Promise<{ workspace: Workspace; incomplete: readonly IncompleteSource[] }> {
  const { value, version } = await services.workspaces.get(name);
  if (value.mode === "standard")
    throw new UserError("CONFLICT", `workspace "${name}" is standard already; that cannot be undone or repeated`, {
      hint: "Nothing to do; showing the workspace lists what is left to configure.",
    });
  const workspace: Workspace = { ...value, mode: "standard", upgradedAt: isoNow(services) };
  if (!(await services.workspaces.replace(workspace, version)))
    throw new UserError("CONFLICT", `workspace "${name}" was changed by somebody else at the same moment`);
  return { workspace, incomplete: await incompleteSources(services, workspace) };
}

/**
 * Changes which uploads of others a workspace hears of; the same change again changes nothing.
 *
 * @throws UserError NOT_FOUND, CONFLICT; CONFIG_INVALID beyond a hundred places
 */
export async function changeUploadGrants(
  services: Services,
  name: string,
  { bucket, prefix, kind }: UploadPlace & { readonly kind: "grant" | "revoke" },
): Promise<Workspace> {
  const { value, version } = await services.workspaces.get(name);
  const others = (value.uploadGrants ?? []).filter((one) => one.bucket !== bucket || one.prefix !== prefix);
  const uploadGrants = kind === "grant" ? [...others, { bucket, prefix }] : others;
  if (uploadGrants.length > MOST_GRANTS)
    throw new UserError(
      "CONFIG_INVALID",
      `workspace "${name}" has ${MOST_GRANTS} places already, the most there may be`,
    );
  const workspace: Workspace = { ...value, uploadGrants };
  if (!(await services.workspaces.replace(workspace, version)))
    throw new UserError("CONFLICT", `workspace "${name}" was changed by somebody else at the same moment`);
  return workspace;
}

const MOST_GRANTS = 100;

/**
 * Sets the zone of sides that have none of their own. Runs that are planned already keep theirs.
 *
 * @throws UserError CONFIG_INVALID at `timeZone`, CONFLICT when somebody else changes the workspace at the same moment
 */
export async function setWorkspaceZone(
  services: Services,
  name: string,
  timeZone: string,
): Promise<{ before: Workspace; workspace: Workspace }> {
  checkZone(timeZone);
  const { value: before, version } = await services.workspaces.get(name);
  const workspace: Workspace = { ...before, timeZone };
  if (!(await services.workspaces.replace(workspace, version)))
    throw new UserError("CONFLICT", `workspace "${name}" was changed by somebody else at the same moment`);
  return { before, workspace };
}

function checkZone(timeZone: string): void {
  if (sideZone(timeZone) !== null) return;
  const path = "timeZone";
  throw new UserError(
    "CONFIG_INVALID",
    `${path}: expected a time zone such as Asia/Shanghai or +08:00; seen "${timeZone}"`,
    {
      path,
    },
  );
}

/** Data sources that lack a definition, by name. */
export async function incompleteSources(
  services: Services,
  workspace: Workspace,
): Promise<readonly IncompleteSource[]> {
  const found: IncompleteSource[] = [];
  for await (const record of ownSources(services, workspace.name)) {
    const missing = missingIn(workspace.mode, record);
    if (missing.length > 0) found.push({ name: record.name, missing });
  }
  return found;
}

/** The data sources of a workspace, by name. */
export async function* ownSources(
  services: Pick<Services, "sources">,
  workspace: string,
  after: string | null = null,
): AsyncGenerator<DataSourceRecord> {
  const PAGE = 200;
  for (let last = after; ; ) {
    const page = await services.sources.list(workspace, PAGE, last);
    for (const { value } of page) yield value;
    const end = page.at(-1);
    if (!end || page.length < PAGE) return;
    last = end.value.name;
  }
}

/** The environments that a workspace of this kind has and the data source is not configured for. */
export function missingIn(
  mode: WorkspaceMode,
  { definitions }: Pick<DataSourceRecord, "definitions">,
): readonly SourceEnvironment[] {
  return environmentsOf(mode).filter((environment) => !definitions[environment]);
}

/** The environments of a kind of workspace. */
export function environmentsOf(mode: WorkspaceMode): readonly SourceEnvironment[] {
  return mode === "basic" ? ["production"] : sourceEnvironments;
}

/**
 * The environment that a caller means: in a basic workspace always production, in a standard one it must be named.
 *
 * @throws UserError CONFIG_INVALID at `environment`
 */
export function meantEnvironment({ name, mode }: Workspace, given: SourceEnvironment | undefined): SourceEnvironment {
  const path = "environment";
  if (mode === "basic") {
    if (given === "development")
      throw new UserError("CONFIG_INVALID", `${path}: workspace "${name}" is basic and has production only`, { path });
    return "production";
  }
  if (given) return given;
  throw new UserError("CONFIG_INVALID", `${path}: required; workspace "${name}" has development and production`, {
    path,
  });
}

/** Where scripts and drafts of a workspace run, and where data sources are looked into. */
export function draftEnvironment({ mode }: Workspace): SourceEnvironment {
  return mode === "basic" ? "production" : "development";
}
