import type { Column } from "./batch.js";
import type { PlanCost } from "./cost.js";
import type { NamedSource } from "./data-source.js";
import type { ExactlyOnce, Throttle, Warning } from "./job.js";
import type { Json, JsonObject } from "./json.js";
import type { Preview } from "./preview.js";
import type { SideZone } from "./side-zone.js";

/** What `plan` answers: everything a run would do, nothing moved. */
export interface PlanReport {
  readonly reader: PlanSide;
  readonly writer: PlanSide;
  readonly delivery: string;
  readonly concurrent: number;
  readonly splits: readonly {
    readonly describe: string;
    readonly rows: number | null;
    readonly bytes: number | null;
  }[];
  readonly estimatedRows: number | null;
  /** Null when the source tells neither rows nor bytes. */
  readonly cost: PlanCost | null;
  /** Column pairs by position. */
  readonly mapping: readonly {
    readonly from: string;
    readonly fromType: string;
    readonly to: string;
    readonly toType: string;
    readonly warning: string | null;
  }[];
  readonly warnings: readonly Warning[];
}

/** One side of a plan. */
export interface PlanSide {
  readonly type: string;
  readonly dataSources: readonly string[];
  readonly timeZone: SideZone;
}

/** What planning decided: all that a shard needs to work, fixed for the whole run. */
export interface RunPlan {
  readonly reader: PlannedStep;
  readonly writer: PlannedStep;
  /** The reader's columns. */
  readonly columns: readonly Column[];
  /** The columns they go to; null = the writer takes any, absent in plans of older versions. */
  readonly targets?: readonly Column[] | null;
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
