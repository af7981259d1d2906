import type { Store } from "../store/store.js";
import type { Catalog } from "./catalog.js";
import type { Transactions } from "./transactions.js";

/** What an operation works with. */
export interface Call {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly transactions: Transactions;
  /** Epoch ms. */
  readonly now: () => number;
  /** The instance that the request names. */
  readonly instance: string;
  /** Removes the rows of dropped tables, in the background. */
  readonly sweep: () => void;
}
