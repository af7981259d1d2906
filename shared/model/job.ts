import type { Json, JsonObject } from "./json.js";

/** One side of a job: a connector's name (already an own name, aliases resolved later) and its parameters as written. */
export interface Step {
  /** The step type as the script says, trimmed and lower-cased, DataX suffixes `reader`/`writer` cut off. */
  readonly type: string;
  /** The step's name, referenced by `order.hops`. */
  readonly name: string;
  readonly parameter: JsonObject;
  /** Where `parameter` stands in the script, such as `steps[0].parameter`: prefix of field paths in errors. */
  readonly path: string;
}

/** How many dirty records a run may have; both null = any number. */
export interface ErrorLimit {
  /** Dirty records allowed: the run fails at `record + 1`. */
  readonly record: number | null;
  /** Share of the records read, 0 to 1, judged while running (from 1,000 records on) and at the end; ignored when `record` is set. */
  readonly percentage: number | null;
}

/** Job-wide speed limits; null = none. */
export interface Throttle {
  readonly bytesPerSecond: number | null;
  readonly recordsPerSecond: number | null;
}

/** Whether a writer that can keep a ledger does so; see architecture, "Delivery". */
export type ExactlyOnce = "auto" | boolean;

/** Job settings, defaults filled in. */
export interface JobSetting {
  readonly errorLimit: ErrorLimit;
  /** Upper bound of shards working at once, >= 1. */
  readonly concurrent: number;
  readonly throttle: Throttle;
  readonly exactlyOnce: ExactlyOnce;
  /** IANA zone in which dates without a zone are read and printed; null = the connector's own. */
  readonly timeZone: string | null;
}

/** One reader → writer job, whatever spelling it came in. */
export interface Job {
  readonly reader: Step;
  readonly writer: Step;
  readonly setting: JobSetting;
  /** Which of the three spellings the script used. */
  readonly format: "dataworks-2.0" | "dataworks-1.0" | "datax";
  /** Keys that mean nothing to Sluice but are printed back by `convert`: `extend`, `jvmOption`, `dmu`, … by their path. */
  readonly carried: Readonly<Record<string, Json>>;
}

/** Something odd that does not stop a job. */
export interface Warning {
  readonly message: string;
  /** Field path in the script, where one is at fault. */
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Something odd in a parameter that a job can run with. */
export interface ParameterAdvice {
  /** Inside the parameter, such as `column[2].format` or `connection[0].jdbcUrl`. */
  readonly path: string;
  readonly message: string;
}
