import { loadConnector } from "../connectors/registry.js";
import { allInOrder } from "../model/all-in-order.js";
import type { DataSourceRecord, SourceDefinition } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import type { Json, JsonObject } from "../model/json.js";
import { type SourceEnvironment, sourceEnvironments, type Workspace } from "../model/workspace.js";
import type { Services } from "../services.js";
import { createSource, putDefinition } from "./change-source.js";
import { type DefinitionInput, MASK } from "./data-sources.js";
import { definitionFor, getVisible } from "./find-source.js";
import { openProperties } from "./open-source.js";

/** A wish to copy a data source, or one of its definitions. */
export interface CloneRequest {
  readonly from: string;
  /** Null = all definitions. */
  readonly fromEnvironment: SourceEnvironment | null;
  /** The new data source, or an existing one whose environment is to be added. */
  readonly to: string;
  /** Null = the same environments. */
  readonly toEnvironment: SourceEnvironment | null;
  /** Changes to the copied properties: new secrets, another host. */
  readonly properties: JsonObject;
  /** Whether the caller may read the secrets of this workspace. */
  readonly mayReadSecrets: boolean;
}

/**
 * Copies a data source to a new name, or a definition into an environment that is not configured yet.
 *
 * @throws UserError CONFIG_INVALID when secrets have to be given anew, ALREADY_EXISTS, SOURCE_INCOMPLETE
 */
export async function cloneSource(
  services: Services,
  workspace: Workspace,
  request: CloneRequest,
): Promise<DataSourceRecord> {
  const source = await getVisible(services, workspace.name, request.from);
  // A shared data source may be used, but its secrets are the other workspace's.
  const withSecrets = request.mayReadSecrets && !source.isShared;
  const inputs = await allInOrder(
    environmentPairs(source.record, request).map(async ([from, to]) => {
      const definition = definitionFor(source, from, "fromEnvironment");
      return [to, await copied(services, definition, { changes: request.properties, withSecrets })] as const;
    }),
  );
  const { type } = source.record;
  const existing = await services.sources.find(workspace.name, request.to);
  const [first] = inputs;
  if (!existing || !first || request.toEnvironment === null)
    return createSource(services, workspace, { name: request.to, type, definitions: Object.fromEntries(inputs) });
  const [environment, input] = first;
  if (existing.value.definitions[environment])
    throw new UserError("ALREADY_EXISTS", `data source "${request.to}" is configured for ${environment} already`, {
      path: "toEnvironment",
    });
  const target = { workspace: workspace.name, name: request.to, ifMatch: existing.value.revision };
  return putDefinition(services, { ...target, environment }, { ...input, type });
}

function environmentPairs(
  { definitions }: DataSourceRecord,
  { fromEnvironment, toEnvironment }: CloneRequest,
): readonly (readonly [SourceEnvironment, SourceEnvironment])[] {
  const available = sourceEnvironments.filter((one) => definitions[one]);
  const from = fromEnvironment === null ? available : [fromEnvironment];
  if (toEnvironment === null) return from.map((one) => [one, one]);
  const [only, second] = from;
  if (only === undefined || second !== undefined)
    throw new UserError("CONFIG_INVALID", "fromEnvironment: required; the data source has two definitions", {
      path: "fromEnvironment",
    });
  return [[only, toEnvironment]];
}

async function copied(
  services: Services,
  definition: SourceDefinition,
  { changes, withSecrets }: { readonly changes: JsonObject; readonly withSecrets: boolean },
): Promise<DefinitionInput> {
  const { description, tags, resourceGroup } = definition;
  const { source } = await loadConnector(definition.type);
  const old: Record<string, Json> = { ...(await openProperties(definition, services.secretBox)) } as Record<
    string,
    Json
  >;
  const asked: string[] = [];
  for (const secret of source.secrets) {
    const isGiven = changes[secret] !== undefined && changes[secret] !== MASK;
    if (withSecrets || isGiven || old[secret] === undefined) continue;
    asked.push(secret);
  }
  if (asked.length > 0)
    throw new UserError(
      "CONFIG_INVALID",
      `properties.${asked[0]}: required; you may not read the secrets of this data source, so give new ones: ${asked.join(", ")}`,
      { path: `properties.${asked[0]}` },
    );
  const given = Object.entries(changes).filter(([, value]) => value !== MASK);
  // Null takes a property away.
  const properties = Object.fromEntries([...Object.entries(old), ...given].filter(([name]) => changes[name] !== null));
  const borrowed = withSecrets ? null : (source.borrows?.(properties) ?? null);
  if (borrowed !== null)
    throw new UserError(
      "CONFIG_INVALID",
      `properties.${borrowed}: a copy that logs in with a secret or role kept elsewhere takes an admin of its workspace; give a login of its own`,
      {
        path: `properties.${borrowed}`,
        hint: `Set ${borrowed} to null, or to another value, and give the secret itself.`,
      },
    );
  return { description, tags, resourceGroup, properties };
}
