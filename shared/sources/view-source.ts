import { loadConnector } from "../connectors/registry.js";
import type { DataSourceRecord, DataSourceView, DefinitionView, SourceDefinition } from "../model/data-source.js";
import { InternalError } from "../model/errors.js";
import type { SourceEnvironment, WorkspaceMode } from "../model/workspace.js";
import { MASK } from "./data-sources.js";
import { missingIn } from "./workspaces.js";

/** A data source as somebody of a workspace sees it. */
export interface VisibleSource {
  /** The name there: `owner.name` for a shared one. */
  readonly name: string;
  /** The workspace that owns it. */
  readonly owner: string;
  readonly isShared: boolean;
  /** With the definitions that may be used there only. */
  readonly record: DataSourceRecord;
}

/** A data source as anybody in the workspace may see it: secrets masked. */
export async function viewSource(
  { name, owner, isShared, record }: VisibleSource,
  mode: WorkspaceMode,
): Promise<DataSourceView> {
  const { source } = await loadConnector(record.type);
  const { development, production } = record.definitions;
  const definition = production ?? development;
  if (!definition) throw new InternalError("INTERNAL", `data source ${owner}/${record.name} has no definition`);
  const missing = missingIn(mode, record);
  return {
    name,
    type: record.type,
    ...viewDefinition(definition, source.secrets),
    applicableEnvironment: mode === "basic" ? null : applicable(record),
    complete: missing.length === 0,
    missing,
    definitions: {
      ...(development && { development: viewDefinition(development, source.secrets) }),
      ...(production && { production: viewDefinition(production, source.secrets) }),
    },
    sharedBy: isShared ? owner : null,
    grants: isShared ? [] : record.grants.map(({ workspace, environments }) => ({ workspace, environments })),
    version: record.revision,
    createdAt: record.createdAt,
  };
}

function applicable({ definitions }: DataSourceRecord): SourceEnvironment | "both" {
  if (definitions.development && definitions.production) return "both";
  return definitions.development ? "development" : "production";
}

function viewDefinition(definition: SourceDefinition, secrets: readonly string[]): DefinitionView {
  const { properties, sealed, secretNames, description, tags, resourceGroup, connectivity, updatedAt } = definition;
  const masked = sealed ? Object.fromEntries((secretNames ?? secrets).map((name) => [name, MASK])) : {};
  return { description, tags, resourceGroup, properties: { ...properties, ...masked }, connectivity, updatedAt };
}
