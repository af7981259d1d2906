import type { Documents } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** What one invocation used of Function Compute on behalf of a run. */
export interface Usage {
  /** The function's deployed name. */
  readonly function: string;
  /** Billed time so far. */
  readonly ms: number;
  readonly vcpu: number;
  readonly memoryMb: number;
}

/** Invocations of one run at most: beyond, a cost is no longer complete. */
const MAX_INVOCATIONS = 10_000;

/** What the invocations of a run used. */
export interface UsageStore {
  /** Opens the row of one invocation: each call replaces what the one before stored. */
  rowOf(run: string, invocation: string): (usage: Usage) => Promise<void>;
  /** The usage of a run's invocations. */
  all(run: string): Promise<readonly Usage[]>;
}

/** Opens the store over our documents. */
export function createUsageStore(documents: Documents): UsageStore {
  return {
    rowOf(run, invocation) {
      const key = [run, invocation];
      let version = 0;
      return async (usage) => {
        if (await documents.replace(storeTables.usage, { key, value: usage, version })) version += 1;
      };
    },
    async all(run) {
      const found = await documents.list<Usage>(storeTables.usage, { prefix: [run], limit: MAX_INVOCATIONS });
      return found.map(({ value }) => value);
    },
  };
}
