import type { DueOrders } from "./due-orders.js";

/** The order to tell listeners that a run has ended. */
export interface RunEndOrder {
  readonly run: string;
  /** ISO time it was first given: before the run ended, and perhaps in vain. */
  readonly orderedAt: string;
  /** Listeners that have not heard of it yet, by name; null = all there are. */
  readonly left: readonly string[] | null;
  /** How often it was tried to tell them. */
  readonly attempts: number;
}

/** Orders to tell of the ends of runs. */
export type RunEndsStore = DueOrders<RunEndOrder>;
