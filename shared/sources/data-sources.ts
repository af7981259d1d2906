import type { Connector } from "../connectors/contract.js";
import type { SourceDefinition } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import { isJsonObject, type Json, type JsonObject } from "../model/json.js";
import type { SealedProperties } from "../model/seal.js";
import type { SourceEnvironment } from "../model/workspace.js";
import { capOfGroup } from "../platform/resource-groups.js";
import type { SecretBox } from "../secrets/seal.js";
import type { Services } from "../services.js";
import { checkProperties } from "./check-properties.js";
import { refuseHiddenSecrets } from "./hidden-secrets.js";
import { openProperties } from "./open-source.js";
import { requireOwnVariable } from "./own-variable.js";

/** What stands in an answer where a secret is set. */
export const MASK = "******";

/** What a user gives for one environment of a data source; absent = as it was, or empty. */
export interface DefinitionInput {
  readonly properties?: JsonObject | undefined;
  readonly description?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Null = any. */
  readonly resourceGroup?: string | null | undefined;
}

/** Which half of which data source. */
export interface DefinitionPlace {
  readonly workspace: string;
  readonly name: string;
  readonly environment: SourceEnvironment;
}

/** A definition's connector and place. */
interface PlacedDefinition {
  readonly connector: Connector;
  readonly place: DefinitionPlace;
}

/** @throws UserError CONFIG_INVALID when a data source cannot have this name */
export function checkName(name: string, path = "name"): void {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(name))
    throw new UserError(
      "CONFIG_INVALID",
      `${path} "${name}": expected 1 to 60 letters, digits or "_", beginning with a letter`,
      { path },
    );
}

/**
 * Checks a definition and seals its secrets. A secret that is absent or masked stays what it was in `base`.
 *
 * @param base  the definition that is replaced, if there is one
 * @throws UserError CONFIG_INVALID naming the property at fault
 */
export async function makeDefinition(
  services: Pick<Services, "secretBox" | "resourceGroups">,
  { connector, place }: PlacedDefinition,
  input: DefinitionInput & { readonly base?: SourceDefinition | undefined; readonly at: string },
): Promise<SourceDefinition> {
  const { base, at } = input;
  const resourceGroup = input.resourceGroup === undefined ? (base?.resourceGroup ?? null) : input.resourceGroup;
  if (resourceGroup !== null) capOfGroup(services.resourceGroups, resourceGroup, "resourceGroup");
  const properties = await completeProperties(services.secretBox, connector, { given: input.properties, base });
  // First, so that no other refusal shows what it was given.
  refuseHiddenSecrets(connector, properties);
  checkProperties(connector, properties, "properties");
  requireOwnVariable(connector, properties, place.workspace);
  const sealed = await sealProperties(connector, properties, {
    boundTo: boundTo(place),
    secretBox: services.secretBox,
  });
  return {
    ...sealed,
    description: input.description ?? base?.description ?? "",
    tags: tidyTags(input.tags ?? base?.tags ?? []),
    resourceGroup,
    connectivity: input.properties === undefined ? (base?.connectivity ?? null) : null,
    updatedAt: at,
  };
}

/** Moves a definition to another place: the same properties, sealed anew for it. */
export async function resealDefinition(
  services: Pick<Services, "secretBox">,
  { connector, place }: PlacedDefinition,
  definition: SourceDefinition,
): Promise<SourceDefinition> {
  const properties = await openProperties(definition, services.secretBox);
  return {
    ...definition,
    ...(await sealProperties(connector, properties, { boundTo: boundTo(place), secretBox: services.secretBox })),
  };
}

function boundTo({ workspace, name, environment }: DefinitionPlace): string {
  return `${workspace}/${name}/${environment}`;
}

async function completeProperties(
  secretBox: SecretBox,
  connector: Connector,
  { given, base }: { readonly given: JsonObject | undefined; readonly base: SourceDefinition | undefined },
): Promise<JsonObject> {
  const old = base ? await openProperties(base, secretBox) : {};
  if (given === undefined) return old;
  const kept = connector.source.secrets.filter(
    (secret) => (given[secret] === undefined || given[secret] === MASK) && old[secret] !== undefined,
  );
  const complete: Record<string, Json | undefined> = { ...given };
  for (const secret of kept) complete[secret] = old[secret] ?? null;
  // A form sends back what it was shown: a secret that was never set stays so.
  if (base) for (const secret of connector.source.secrets) if (complete[secret] === MASK) delete complete[secret];
  const masked = connector.source.secrets.find((secret) => complete[secret] === MASK);
  if (masked === undefined) return complete;
  const path = `properties.${masked}`;
  throw new UserError("CONFIG_INVALID", `${path}: there is no earlier value that "${MASK}" could stand for`, { path });
}

function tidyTags(tags: readonly string[]): readonly string[] {
  return [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ""))];
}

/** What a seal is bound to, and who seals. */
interface Sealing {
  readonly boundTo: string;
  readonly secretBox: SecretBox;
}

/** Parts the secrets from the other properties and seals them. */
export async function sealProperties(
  connector: Connector,
  properties: JsonObject,
  { boundTo, secretBox }: Sealing,
): Promise<SealedProperties> {
  const isSecret = (name: string) => connector.source.secrets.includes(name);
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined);
  const secrets = Object.fromEntries(entries.filter(([name, value]) => isSecret(name) && value !== ""));
  return {
    type: connector.name,
    properties: Object.fromEntries(entries.filter(([name]) => !isSecret(name))),
    boundTo,
    sealed: Object.keys(secrets).length === 0 ? null : await secretBox.seal(secrets, boundTo),
    secretNames: Object.keys(secrets),
  };
}

/** Names of the data sources that a step's parameter mentions, each once, in order. */
export function namedSources(parameter: JsonObject): readonly string[] {
  const connections = Array.isArray(parameter.connection) ? parameter.connection : [parameter.connection];
  const mentions = [
    parameter.datasource,
    ...connections.map((one) => (isJsonObject(one) ? one.datasource : undefined)),
  ];
  return [
    ...new Set(mentions.flatMap((name) => (typeof name === "string" && name.trim() !== "" ? [name.trim()] : []))),
  ];
}
