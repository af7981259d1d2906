/** What a run used of Function Compute, and the list price of that. */
export interface RunCost {
  readonly vcpuSeconds: number;
  readonly gbSeconds: number;
  /** Invocations. */
  readonly requests: number;
  /** Estimated; Tablestore, OSS and outbound traffic come on top. */
  readonly usd: number;
  /** Date of the price table, `yyyy-MM-dd`. */
  readonly pricesAsOf: string;
}

/** A cost before the run, and what it takes for granted. */
export interface PlanCost extends RunCost {
  readonly assumption: string;
}
