import { createHash } from "node:crypto";
import type { Documents, Stored } from "../platform/documents.js";
import { dueRows } from "./due-rows.js";
import { storeTables } from "./tables.js";

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

/** Orders that outlive whoever gave them, by the time at which somebody else is to carry them out. */
export interface RunEndsStore {
  /** @param dueAt  ISO time */
  order(order: RunEndOrder, dueAt: string): Promise<Stored<RunEndOrder>>;
  /** Orders due until a time, part by part, the oldest of a part first. */
  due(until: string): AsyncGenerator<Stored<RunEndOrder>>;
  /** Takes an order off that was carried out, or given in vain. */
  remove(order: Stored<RunEndOrder>): Promise<void>;
  /** Puts an order off: the new entry comes before the old one goes. */
  putOff(order: Stored<RunEndOrder>, next: RunEndOrder, dueAt: string): Promise<void>;
}

/** Parts of the orders by hash, so that no partition takes the writes of all. */
const BUCKETS = ["0", "1", "2", "3"] as const;

/** Opens the store over our documents. */
export function createRunEndsStore(documents: Documents): RunEndsStore {
  const order = async (value: RunEndOrder, dueAt: string): Promise<Stored<RunEndOrder>> => {
    const key = [bucketOf(value.run), `${dueAt} ${value.run}`];
    await documents.insert(storeTables.runEnds, { key, value });
    return { key, value, version: 1 };
  };
  const remove = ({ key }: Stored<RunEndOrder>) => documents.remove(storeTables.runEnds, key);
  return {
    order,
    remove,
    due: (until) => dueRows(documents, storeTables.runEnds, { parts: BUCKETS, until }),
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
