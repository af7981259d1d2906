import type { Store } from "../store/store.js";
import { afterPrefix, boundsOf, contentKey, parseChunkKey } from "./keys.js";

const KEYS_PER_WRITE = 1000;

/**
 * Removes the chunks that a crash left behind: of uploads that were under way and of objects whose removal was not finished. Looks at one
 * chunk per content, not at all data. To be called before the first request, since a running upload looks the same.
 *
 * @returns how many contents were removed
 */
export async function sweepOrphans(store: Store): Promise<number> {
  let removed = 0;
  for (let from = boundsOf("chunk").gte; ; ) {
    const key = await firstKey(store, from);
    if (key === undefined) return removed;
    const end = afterPrefix(key.subarray(0, key.length - 4));
    if (store.get(contentKey(parseChunkKey(key).content)) === undefined) {
      await removeRange(store, key, end);
      removed += 1;
    }
    from = end;
  }
}

async function firstKey(store: Store, gte: Buffer): Promise<Buffer | undefined> {
  for await (const [key] of store.range({ gte, lt: boundsOf("chunk").lt, limit: 1 })) return key;
  return undefined;
}

async function removeRange(store: Store, gte: Buffer, lt: Buffer): Promise<void> {
  let keys: Buffer[] = [];
  const flush = async () => {
    const group = keys;
    keys = [];
    await store.write((tx) => group.map((key) => tx.del(key)));
  };
  for await (const [key] of store.range({ gte, lt })) {
    keys.push(key);
    if (keys.length >= KEYS_PER_WRITE) await flush();
  }
  await flush();
}
