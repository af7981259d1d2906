import type { Warning } from "./job.js";
import type { Json } from "./json.js";
import type { TextOrigin } from "./place.js";
import type { SealedProperties } from "./seal.js";
import type { SourceEnvironment } from "./workspace.js";

/** One half of a data source: how it is reached in one environment. */
export interface SourceDefinition extends SealedProperties {
  readonly description: string;
  readonly tags: readonly string[];
  /** The resource group it must be reached from; null = any. */
  readonly resourceGroup: string | null;
  /** Null = not tested since the properties changed. */
  readonly connectivity: Connectivity | null;
  readonly updatedAt: string;
}

/** The definitions that exist. */
export type SourceDefinitions = Readonly<Partial<Record<SourceEnvironment, SourceDefinition>>>;

/** Another workspace's right to use a data source. */
export interface SourceGrant {
  readonly workspace: string;
  readonly environments: readonly SourceEnvironment[];
  readonly grantedAt: string;
}

/** A data source as stored. Without definitions it is deleted: the row stays, so that versions never repeat. */
export interface DataSourceRecord {
  readonly name: string;
  /** The connector's name: the same in all definitions. */
  readonly type: string;
  readonly definitions: SourceDefinitions;
  readonly grants: readonly SourceGrant[];
  /** Counts changes by users; test results do not count. */
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** How the last connectivity test went. */
export interface Connectivity {
  readonly ok: boolean;
  /** ISO time. */
  readonly at: string;
  /** What failed and what to do, or what was found. */
  readonly message: string;
}

/** One half of a data source as the API shows it: secrets masked. */
export interface DefinitionView {
  readonly description: string;
  readonly tags: readonly string[];
  /** The resource group it must be reached from; null = any. */
  readonly resourceGroup: string | null;
  readonly properties: Readonly<Record<string, Json | undefined>>;
  /** The last connectivity test; null = not tested since the properties changed. */
  readonly connectivity: { readonly ok: boolean; readonly at: string; readonly message: string } | null;
  readonly updatedAt: string;
}

/** A data source as the API shows it. What stands beside `definitions` is that of production, else of development. */
export interface DataSourceView extends DefinitionView {
  /** `workspace.name` for one that another workspace shares. */
  readonly name: string;
  readonly type: string;
  /** Where it is configured; null in a basic workspace, which has one environment. */
  readonly applicableEnvironment: SourceEnvironment | "both" | null;
  /** Whether nothing is left to configure in this kind of workspace. */
  readonly complete: boolean;
  readonly missing: readonly SourceEnvironment[];
  readonly definitions: Readonly<Partial<Record<SourceEnvironment, DefinitionView>>>;
  /** The workspace that shares it; null for an own one. */
  readonly sharedBy: string | null;
  /** Workspaces it is shared with; empty for a shared one. */
  readonly grants: readonly { readonly workspace: string; readonly environments: readonly SourceEnvironment[] }[];
  readonly version: number;
  readonly createdAt: string;
}

/** A data source under the name that the script uses. */
export interface NamedSource {
  readonly name: string;
  readonly source: SealedProperties;
  /** The resource group it must be reached from; absent = any. */
  readonly resourceGroup?: string;
}

/** Data sources that a script carries itself, by side. */
export interface InlineSources {
  readonly reader: readonly NamedSource[];
  readonly writer: readonly NamedSource[];
  /** Where the parts of the script stood before they were taken out of it; absent = nothing was. */
  readonly origins?: readonly TextOrigin[];
  /** What was odd about them. */
  readonly warnings?: readonly Warning[];
}
