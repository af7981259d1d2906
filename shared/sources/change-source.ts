import { connectorName, loadConnector } from "../connectors/registry.js";
import { allInOrder } from "../model/all-in-order.js";
import type { DataSourceRecord, SourceDefinitions } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import { type SourceEnvironment, sourceEnvironments, type Workspace } from "../model/workspace.js";
import { isoNow, type Services } from "../services.js";
import { keepQuota } from "../store/keep-quota.js";
import { checkName, type DefinitionInput, makeDefinition, resealDefinition } from "./data-sources.js";
import { countedJobs, SourceInUse, usesOf } from "./usage.js";
import { meantEnvironment } from "./workspaces.js";

/** A data source as a user creates it: one definition, or one per environment. */
export interface NewSource {
  readonly name: string;
  readonly type: string;
  readonly definitions: Readonly<Partial<Record<SourceEnvironment, DefinitionInput>>>;
}

/**
 * Registers a data source.
 *
 * @throws UserError CONFIG_INVALID, ALREADY_EXISTS
 */
export async function createSource(
  services: Services,
  workspace: Workspace,
  { name, type, definitions: given }: NewSource,
): Promise<DataSourceRecord> {
  checkName(name);
  if (!(await services.sources.find(workspace.name, name))) await keepQuota(services, workspace.name, "dataSources");
  const connector = await loadConnector(type);
  const at = isoNow(services);
  const definitions: { -readonly [E in SourceEnvironment]?: SourceDefinitions[E] } = {};
  for (const environment of sourceEnvironments) {
    const input = given[environment];
    if (!input) continue;
    meantEnvironment(workspace, environment);
    const place = { workspace: workspace.name, name, environment };
    const made = await makeDefinition(services, { connector, place }, { ...input, at });
    definitions[environment] = made;
  }
  const record: DataSourceRecord = {
    ...{ name, type: connector.name, definitions, grants: [] },
    ...{ revision: 1, createdAt: at, updatedAt: at },
  };
  if (!(await services.sources.insert(workspace.name, record)))
    throw new UserError("ALREADY_EXISTS", `there is a data source "${name}" already`, { path: "name" });
  return (await services.sources.get(workspace.name, name)).value;
}

/** Which data source to change, and which revision of it the caller has seen; null = any. */
export interface ChangeTarget {
  readonly workspace: string;
  readonly name: string;
  readonly ifMatch: number | null;
}

/**
 * Reads, changes and stores a data source until nobody came in between.
 *
 * @throws UserError PRECONDITION_FAILED when it is not the revision that the caller has seen; NOT_FOUND
 */
export async function changeSource(
  services: Pick<Services, "sources" | "now">,
  { workspace, name, ifMatch }: ChangeTarget,
  change: (record: DataSourceRecord) => DataSourceRecord | Promise<DataSourceRecord>,
): Promise<DataSourceRecord> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const { value, version } = await services.sources.get(workspace, name);
    if (ifMatch !== null && ifMatch !== value.revision)
      throw new UserError(
        "PRECONDITION_FAILED",
        `data source "${name}" is at version ${value.revision}, not at the one that the change was made for`,
      );
    const changed = await change(value);
    const next = { ...changed, revision: value.revision + 1, updatedAt: isoNow(services) };
    if (await services.sources.replace(workspace, next, version)) return next;
  }
  throw new UserError("CONFLICT", `data source "${name}" is being changed by others all the time`);
}

/** Configures one environment: changes its definition, or adds it. */
export function putDefinition(
  services: Services,
  { environment, ...target }: ChangeTarget & { readonly environment: SourceEnvironment },
  input: DefinitionInput & { readonly type?: string | undefined },
): Promise<DataSourceRecord> {
  return changeSource(services, target, async (record) => {
    checkType(record, input.type);
    const connector = await loadConnector(record.type);
    const base = record.definitions[environment];
    if (!base && input.properties === undefined)
      throw new UserError("CONFIG_INVALID", `properties: required; ${environment} is not configured yet`, {
        path: "properties",
      });
    const place = { workspace: target.workspace, name: target.name, environment };
    const made = await makeDefinition(services, { connector, place }, { ...input, base, at: isoNow(services) });
    return { ...record, definitions: { ...record.definitions, [environment]: made } };
  });
}

/** @throws UserError CONFIG_INVALID when a type is given and it is another one */
export function checkType({ name, type }: Pick<DataSourceRecord, "name" | "type">, given: string | undefined): void {
  if (given === undefined || connectorName(given) === type) return;
  throw new UserError(
    "CONFIG_INVALID",
    `type: data source "${name}" is of type ${type} in every environment, not ${given}`,
    { path: "type" },
  );
}

/**
 * Gives a data source another name.
 *
 * @throws UserError SOURCE_IN_USE while jobs use it, CONFLICT while it is shared, ALREADY_EXISTS
 */
export async function renameSource(services: Services, target: ChangeTarget, to: string): Promise<DataSourceRecord> {
  checkName(to, "to");
  const { workspace, name } = target;
  const uses = await usesOf(services, workspace, name);
  if (uses.length > 0) {
    const affected = uses.map((use) => ({ ...use, consequence: `it names "${name}" and would not find it` }));
    throw new SourceInUse(
      `data source "${name}" is used by ${countedJobs(uses.length)} and cannot be renamed`,
      affected,
      "Let the jobs that are listed name another data source first; a clone under the new name serves them meanwhile.",
    );
  }
  const { value } = await services.sources.get(workspace, name);
  if (value.grants.length > 0)
    throw new UserError("CONFLICT", `data source "${name}" is shared, so that others know it by this name`, {
      hint: "Revoke its grants, rename it, then share it anew.",
    });
  const renamed = await readdressed(services, value, { workspace, name: to });
  // The new row first: a crash in between leaves two, and nothing lost.
  if (!(await services.sources.insert(workspace, renamed)))
    throw new UserError("ALREADY_EXISTS", `there is a data source "${to}" already`, { path: "to" });
  try {
    await changeSource(services, { ...target, ifMatch: target.ifMatch ?? value.revision }, emptied);
  } catch (error) {
    await changeSource(services, { workspace, name: to, ifMatch: null }, emptied);
    throw error;
  }
  return (await services.sources.get(workspace, to)).value;
}

function emptied(record: DataSourceRecord): DataSourceRecord {
  return { ...record, definitions: {} };
}

/** The same definitions, sealed for another name. */
async function readdressed(
  services: Services,
  record: DataSourceRecord,
  to: { readonly workspace: string; readonly name: string },
): Promise<DataSourceRecord> {
  const connector = await loadConnector(record.type);
  const entries = await allInOrder(
    sourceEnvironments.map(async (environment) => {
      const definition = record.definitions[environment];
      const place = { ...to, environment };
      return definition ? [[environment, await resealDefinition(services, { connector, place }, definition)]] : [];
    }),
  );
  return { ...record, name: to.name, definitions: Object.fromEntries(entries.flat()), revision: 1 };
}
