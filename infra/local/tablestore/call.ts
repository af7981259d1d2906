import type { Store } from "../store/store.js";
import type { TableCatalog } from "./catalog.js";
import type { Transactions } from "./transactions.js";

/** What an operation works with. */
export interface Call {
  readonly store: Store;
  readonly catalog: TableCatalog;
  readonly transactions: Transactions;
  /** Epoch ms. */
  readonly now: () => number;
  /** The instance that the request names. */
  readonly instance: string;
  /** Removes the rows of dropped tables, in the background. */
  readonly sweep: () => void;
}
