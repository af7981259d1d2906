import type { Store } from "../store/store.js";
import { garbageKey, garbageRange, rowsRange, tableIdOf } from "./keys.js";

const ROWS_PER_WRITE = 1000;

/** Removes rows that dropped tables left behind. */
export interface Sweeper {
  /** Starts a pass, or lets the running one go round again. */
  start(): void;
  /** Ends after the write under way; what remains is swept after the next start. */
  stop(): Promise<void>;
}

/** Makes a sweeper and starts a pass, for what an earlier process did not finish. */
export function createSweeper(store: Store): Sweeper {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  async function run(): Promise<void> {
    again = false;
    for await (const [garbage] of store.range(garbageRange())) {
      if (!(await sweepTable(store, tableIdOf(garbage), () => stopped))) return;
    }
  }

  function start(): void {
    again = true;
    if (stopped) return;
    running ??= run()
      // The marks stay until their rows are gone, so a failed pass (a store closed under it) is repeated at next start.
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
        if (again) start();
      });
  }

  start();
  return {
    start,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function sweepTable(store: Store, tableId: number, isStopped: () => boolean): Promise<boolean> {
  let keys: Buffer[] = [];
  const flush = () =>
    store.write((tx) => {
      for (const key of keys) tx.del(key);
    });
  for await (const [key] of store.range(rowsRange(tableId))) {
    if (isStopped()) return false;
    keys.push(key);
    if (keys.length < ROWS_PER_WRITE) continue;
    await flush();
    keys = [];
  }
  await flush();
  await store.write((tx) => tx.del(garbageKey(tableId)));
  return true;
}
