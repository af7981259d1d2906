import type { Store } from "../store/store.js";
import { boundsOfChunks, contentKey, looseContent, looseKey, ossKeyBoundsOf } from "./keys.js";

const KEYS_PER_WRITE = 1000;

/**
 * Removes the chunks that a crash left behind: of uploads that were under way and of objects whose removal was not finished. Both are
 * marked as loose, so it takes as long as there is to remove, however much else is stored. To be called before the first request, since
 * a running upload looks the same.
 *
 * @returns how many contents were removed
 */
export async function sweepOrphans(store: Store): Promise<number> {
  let removed = 0;
  for await (const [mark] of store.range(ossKeyBoundsOf("loose"))) {
    const content = looseContent(mark);
    // What is referred to is nobody's orphan, whatever the mark says.
    if (store.get(contentKey(content)) === undefined) {
      await removeChunks(store, content);
      removed += 1;
    }
    await store.write((tx) => tx.del(looseKey(content)));
  }
  return removed;
}

async function removeChunks(store: Store, content: string): Promise<void> {
  let keys: Buffer[] = [];
  const flush = async () => {
    const group = keys;
    keys = [];
    await store.write((tx) => group.map((key) => tx.del(key)));
  };
  for await (const [key] of store.range(boundsOfChunks(content))) {
    keys.push(key);
    if (keys.length >= KEYS_PER_WRITE) await flush();
  }
  await flush();
}
