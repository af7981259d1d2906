import type { Connector } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import { UserError } from "../model/errors.js";
import { isJsonObject, type JsonObject } from "../model/json.js";
import type { DataSourceView } from "../model/run.js";
import type { DataSourceRecord, SealedProperties } from "../model/run-record.js";
import type { Stored } from "../platform/documents.js";
import type { SecretBox } from "./seal.js";

/** What a user gives to register a data source. */
export interface DataSourceInput {
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly description: string;
  /** The resource group it must be reached from; null = any. */
  readonly resourceGroup: string | null;
}

/** What stands in an answer where a secret is set. */
export const MASK = "******";

/**
 * Checks a data source and seals its secrets.
 *
 * @param at  ISO time of registration
 * @throws UserError CONFIG_INVALID naming the property at fault
 */
export async function sealDataSource(
  input: DataSourceInput,
  workspace: string,
  secretBox: SecretBox,
  at: string,
): Promise<DataSourceRecord> {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(input.name))
    throw new UserError(
      "CONFIG_INVALID",
      `name "${input.name}": expected 1 to 60 letters, digits or "_", beginning with a letter`,
      { path: "name" },
    );
  const connector = await loadConnector(input.type);
  checkProperties(connector, input.properties, "properties");
  const sealed = await sealProperties(connector, input.properties, `${workspace}/${input.name}`, secretBox);
  const { name, description, resourceGroup } = input;
  return { ...sealed, name, description, resourceGroup, createdAt: at, updatedAt: at };
}

/**
 * Checks connection properties against the connector's schema.
 *
 * @param path  where the properties stand, for the error
 */
export function checkProperties(connector: Connector, properties: JsonObject, path: string): void {
  const parsed = connector.source.schema.safeParse(properties);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const field = [path, ...(issue?.path ?? [])].join(".");
  throw new UserError("CONFIG_INVALID", `${field}: ${issue?.message ?? "invalid"}`, { path: field });
}

/** Parts the secrets from the other properties and seals them. */
export async function sealProperties(
  connector: Connector,
  properties: JsonObject,
  boundTo: string,
  secretBox: SecretBox,
): Promise<SealedProperties> {
  const isSecret = (name: string) => connector.source.secrets.includes(name);
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined);
  const secrets = Object.fromEntries(entries.filter(([name]) => isSecret(name)));
  return {
    type: connector.name,
    properties: Object.fromEntries(entries.filter(([name]) => !isSecret(name))),
    boundTo,
    sealed: Object.keys(secrets).length === 0 ? null : await secretBox.seal(secrets, boundTo),
  };
}

/** A data source as anybody may see it. */
export async function viewDataSource({ value, version }: Stored<DataSourceRecord>): Promise<DataSourceView> {
  const { source } = await loadConnector(value.type);
  const masked = value.sealed ? Object.fromEntries(source.secrets.map((name) => [name, MASK])) : {};
  const { name, type, description, resourceGroup = null, createdAt, updatedAt } = value;
  const properties = { ...value.properties, ...masked };
  return { name, type, description, resourceGroup, properties, version, createdAt, updatedAt };
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
