/** Parts on their way at once: with 8 MiB each this bounds the memory of a split. */
const MAX_IN_FLIGHT = 3;

/** Uploads in flight, taken off in the order in which they began. */
export interface UploadQueue {
  /** Adds an upload; waits while too many are on their way. `onDone` runs once this and all earlier ones are done. */
  add<T>(work: Promise<T>, onDone: (result: T) => void): Promise<void>;
  /** Takes the finished ones off the front. Throws what an upload threw. */
  settle(): Promise<void>;
  /** Waits for all. */
  drain(): Promise<void>;
  isEmpty(): boolean;
}

interface Entry {
  readonly take: () => Promise<void>;
  isSettled: boolean;
}

/** An empty queue. */
export function uploadQueue(): UploadQueue {
  const entries: Entry[] = [];
  const takeFirst = async () => {
    await entries[0]?.take();
    entries.shift();
  };
  return {
    async add(work, onDone) {
      const entry: Entry = { take: async () => onDone(await work), isSettled: false };
      // A failure is thrown when its turn comes; until then it must not end the process.
      const settle = () => {
        entry.isSettled = true;
      };
      work.then(settle, settle);
      entries.push(entry);
      while (entries.length > MAX_IN_FLIGHT) await takeFirst();
    },
    async settle() {
      while (entries[0]?.isSettled) await takeFirst();
    },
    async drain() {
      while (entries.length > 0) await takeFirst();
    },
    isEmpty: () => entries.length === 0,
  };
}
