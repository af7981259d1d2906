import type { SplitRow } from "../model/split.js";
import type { Documents, Stored } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** Most splits of one planning; also the distance between the keys of two plannings. */
export const MAX_SPLITS = 100_000;

/** The splits of one planning of one run: a planner that lost its lease cannot disturb those of its successor. */
export interface SplitSet {
  readonly run: string;
  /** 1-based number of the planning. */
  readonly generation: number;
}

/** The splits of runs. */
export interface SplitsStore {
  /** Stores the splits of a planning; those that exist stay. */
  insertAll(set: SplitSet, splits: readonly SplitRow[]): Promise<void>;
  /** The split as it stands now. */
  reread(split: Stored<SplitRow>): Promise<Stored<SplitRow> | undefined>;
  /** Stores a changed split if it is still at the version it was read at. */
  replace(split: Stored<SplitRow>): Promise<boolean>;
  /** All splits by number. */
  all(set: SplitSet): Promise<readonly Stored<SplitRow>[]>;
}

/** Opens the store over our documents. */
export function createSplitsStore(documents: Documents): SplitsStore {
  const keyOf = (set: SplitSet, number: number) => [set.run, set.generation * MAX_SPLITS + number];
  return {
    insertAll: (set, splits) =>
      documents.insertAll(
        storeTables.splits,
        splits.map((value) => ({ key: keyOf(set, value.number), value })),
      ),
    reread: ({ key }) => documents.get<SplitRow>(storeTables.splits, key),
    replace: ({ key, value, version }) => documents.replace(storeTables.splits, { key, value, version }),
    async all(set) {
      const range = { prefix: [set.run], after: keyOf(set, -1), limit: MAX_SPLITS };
      const found = await documents.list<SplitRow>(storeTables.splits, range);
      const end = (set.generation + 1) * MAX_SPLITS;
      return found.filter(({ key }) => Number(key[1]) < end);
    },
  };
}
