import type { Documents } from "../platform/documents.js";
import type { SplitSet } from "./splits-store.js";
import { storeTables } from "./tables.js";

/** What the splits of a planning have in common and find out only at work, by name. Kept for some days. */
export interface AgreementsStore {
  /** The value that was stored first; `make` is asked only when there seems to be none, and what it made is lost when another came first. */
  agree(set: SplitSet, name: string, make: () => Promise<string>): Promise<string>;
}

/** Opens the store over our documents. */
export function createAgreementsStore(documents: Documents): AgreementsStore {
  const table = storeTables.agreements;
  return {
    async agree({ run, generation }, name, make) {
      const key = [run, `${generation} ${name}`];
      for (;;) {
        const found = await documents.get<string>(table, key);
        if (found) return found.value;
        const value = await make();
        if (await documents.insert(table, { key, value })) return value;
      }
    },
  };
}
