import { createHash } from "node:crypto";
import type { Documents, DocumentTable, Stored } from "../platform/documents.js";
import { dueRows } from "./due-rows.js";

/** Orders about runs that outlive whoever gave them, by the time at which somebody is to carry them out. */
export interface DueOrders<T extends { readonly run: string }> {
  /** @param dueAt  ISO time */
  order(order: T, dueAt: string): Promise<Stored<T>>;
  /** Orders due until a time, part by part, the oldest of a part first. */
  due(until: string): AsyncGenerator<Stored<T>>;
  /** Takes an order off that was carried out, or given in vain. */
  remove(order: Stored<T>): Promise<void>;
  /** Puts an order off: the new entry comes before the old one goes. */
  putOff(order: Stored<T>, next: T, dueAt: string): Promise<void>;
}

/** Parts of the orders by hash, so that no partition takes the writes of all. */
const BUCKETS = ["0", "1", "2", "3"] as const;

/** Opens the orders of a table over our documents; its key is a part and a text of time and run. */
export function createDueOrders<T extends { readonly run: string }>(
  documents: Documents,
  table: DocumentTable,
): DueOrders<T> {
  const order = async (value: T, dueAt: string): Promise<Stored<T>> => {
    const key = [bucketOf(value.run), `${dueAt} ${value.run}`];
    await documents.insert(table, { key, value });
    return { key, value, version: 1 };
  };
  const remove = ({ key }: Stored<T>) => documents.remove(table, key);
  return {
    order,
    remove,
    due: (until) => dueRows(documents, table, { parts: BUCKETS, until }),
    async putOff(old, next, dueAt) {
      await order(next, dueAt);
      await remove(old);
    },
  };
}

function bucketOf(run: string): string {
  const [first = 0] = createHash("sha256").update(run).digest();
  return BUCKETS[first % BUCKETS.length] ?? "0";
}
