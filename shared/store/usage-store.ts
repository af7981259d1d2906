import type { Documents } from "../platform/documents.js";
import { tables } from "./tables.js";

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

/** Keeps the usage of one invocation; each call replaces what the one before stored. */
export function usageRow(documents: Documents, run: string, invocation: string): (usage: Usage) => Promise<void> {
  const key = [run, invocation];
  let version = 0;
  return async (usage) => {
    if (await documents.replace(tables.usage, key, usage, version)) version += 1;
  };
}

/** The usage of a run's invocations. */
export async function usageOf(documents: Documents, run: string): Promise<readonly Usage[]> {
  const found = await documents.list<Usage>(tables.usage, { prefix: [run], limit: MAX_INVOCATIONS });
  return found.map(({ value }) => value);
}
