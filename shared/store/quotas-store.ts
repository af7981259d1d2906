import { defaultQuotas, type Quotas } from "../model/quotas.js";
import type { Documents } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** What there is of a kind that has a quota, but for the size of scripts, which is one script's own. */
export type Counted = Exclude<keyof Quotas, "scriptBytes">;

/** Quotas of workspaces, and how much of them is used. */
export interface QuotasStore {
  /** Those in force. */
  get(workspace: string): Promise<Quotas>;
  /**
   * Changes some of them.
   *
   * @returns those in force before and after; undefined when somebody else changed them at the same moment
   */
  set(workspace: string, change: Partial<Quotas>): Promise<{ before: Quotas; after: Quotas } | undefined>;
  /** How many there are, or `upTo` when there are more: counting stops there. */
  used(workspace: string, what: Counted, upTo: number): Promise<number>;
}

const places = {
  jobs: storeTables.jobs,
  dataSources: storeTables.sources,
  tokens: storeTables.tokenIndex,
  queuedRuns: storeTables.activeRuns,
} as const satisfies Record<Counted, unknown>;

/** Opens the store over our documents. */
export function createQuotasStore(documents: Documents): QuotasStore {
  const own = (workspace: string) => documents.get<Partial<Quotas>>(storeTables.quotas, [workspace]);
  return {
    get: async (workspace) => ({ ...defaultQuotas, ...(await own(workspace))?.value }),
    async set(workspace, change) {
      const found = await own(workspace);
      const next = { ...found?.value, ...change };
      if (
        !(await documents.replace(storeTables.quotas, { key: [workspace], value: next, version: found?.version ?? 0 }))
      )
        return undefined;
      return { before: { ...defaultQuotas, ...found?.value }, after: { ...defaultQuotas, ...next } };
    },
    used: (workspace, what, upTo) => documents.count(places[what], [workspace], upTo),
  };
}
