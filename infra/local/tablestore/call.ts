import type { Store } from "../store/store.js";
import type { TableCatalog } from "./catalog.js";
import type { OpenTransactions } from "./transactions.js";

/** What an operation works with. */
export interface OtsCall {
  readonly store: Store;
  readonly catalog: TableCatalog;
  readonly transactions: OpenTransactions;
  /** Epoch ms. */
  readonly now: () => number;
  /** The instance that the request names. */
  readonly instance: string;
  /** Removes the rows of dropped tables, in the background. */
  readonly sweep: () => void;
}
