import type { Column } from "./batch.js";
import type { ExactlyOnce, Throttle, Warning } from "./job.js";
import type { Json, JsonObject } from "./json.js";
import type { Origin } from "./place.js";
import type { Preview } from "./preview.js";
import type { Run, RunState } from "./run.js";
import type { SideZone } from "./side-zone.js";
import type { SourceEnvironment } from "./workspace.js";

/** Secret properties at rest: AES-256-GCM, all parts base64. */
export interface Sealed {
  /** Which key opens it, such as `env:3f9c…` or `kms:key-…`. */
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
  /** The data key as KMS wrapped it; absent when the key comes from the environment. */
  readonly wrappedKey?: string;
}

/** The connection properties of a data source, secrets sealed. */
export interface SealedProperties {
  /** The connector's name. */
  readonly type: string;
  readonly properties: JsonObject;
  /** What the seal is bound to; opening needs the same text. */
  readonly boundTo: string;
  /** The secret properties; null when the source has none. */
  readonly sealed: Sealed | null;
  /** Names of those that are set; absent = not known, any may be. */
  readonly secretNames?: readonly string[];
}

/** How the last connectivity test went. */
export interface Connectivity {
  readonly ok: boolean;
  /** ISO time. */
  readonly at: string;
  /** What failed and what to do, or what was found. */
  readonly message: string;
}

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

/** One side of a planned run. */
export interface PlannedStep {
  /** The connector's name. */
  readonly type: string;
  /** Parameters with values substituted and keys in canonical spelling; the connector's schema parses them. */
  readonly parameter: JsonObject;
  /** The data sources it names, as they were when the run was planned; the first is the side's own. */
  readonly sources: readonly NamedSource[];
  /** Present when it is planned for a look and not for a run; never stored. */
  readonly preview?: Preview;
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
  readonly origins?: readonly Origin[];
  /** What was odd about them. */
  readonly warnings?: readonly Warning[];
}

/** What planning decided: all that a shard needs to work, fixed for the whole run. */
export interface RunPlan {
  readonly reader: PlannedStep;
  readonly writer: PlannedStep;
  /** The reader's columns. */
  readonly columns: readonly Column[];
  readonly throttle: Throttle;
  readonly exactlyOnce: ExactlyOnce;
  /** The zones of both sides. */
  readonly zones: { readonly reader: SideZone; readonly writer: SideZone };
  /** The writer's `Prepared`. */
  readonly prepared: Json;
  readonly resourceGroup: string;
  /** Which planning the splits come from: those of a planner that lost its lease are never looked at. */
  readonly generation: number;
}

/** Who may do a step that must not be done by two at once, and until when (epoch ms). */
export interface Lease {
  readonly owner: string;
  readonly until: number;
}

/** A run as stored: what the API shows, plus what the functions need. */
export interface RunRecord extends Run {
  readonly workspace: string;
  /** The script as the user wrote it, connections taken out, parameters not yet substituted. */
  readonly script: string;
  /** Data sources that the script itself carried. */
  readonly inlineSources: InlineSources;
  /** Null until planned. */
  readonly plan: RunPlan | null;
  /** Held while planning, publishing and settling. */
  readonly lease: Lease | null;
  /** How an aborting run ends. */
  readonly outcome: Extract<RunState, "failed" | "cancelled"> | null;
  /** What tells the request with its key from others; absent or null = it had no key. */
  readonly asked?: string | null;
  /** How often planning and finishing were begun. */
  readonly planAttempts: number;
  readonly finishAttempts: number;
}

/** The public part of a run. */
export function viewRun(record: RunRecord): Run {
  const { workspace, script, inlineSources, plan, lease, outcome, planAttempts, finishAttempts, asked, ...run } =
    record;
  return run;
}
