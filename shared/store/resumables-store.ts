import type { DueOrders } from "./due-orders.js";

/** The order to take away what a broken-off run keeps in its target so that it can be resumed. */
export interface ForgetOrder {
  readonly run: string;
  /** How often it was tried. */
  readonly attempts: number;
}

/** Orders to forget runs that nobody has resumed. */
export type ResumablesStore = DueOrders<ForgetOrder>;
