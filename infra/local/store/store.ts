import { ClassicLevel } from "classic-level";

/** Bounds of a range of keys: `gte` inclusive, `lt` exclusive, compared bytewise. */
export interface StoreRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** What a decision may read and change. Reads see the changes of earlier decisions of the same group. */
export interface Transaction {
  get(key: Buffer): Buffer | undefined;
  put(key: Buffer, value: Buffer): void;
  del(key: Buffer): void;
}

/** Ordered, durable bytes. One process owns a store; see {@link openStore}. */
export interface Store {
  /** The committed value. Synchronous, so that a decision never waits. */
  get(key: Buffer): Buffer | undefined;
  /** Committed entries of a range, as of the moment of the call. */
  range(range: StoreRange): AsyncIterable<[Buffer, Buffer]>;
  /**
   * Runs a synchronous decision and makes its changes durable, together with others that arrive in the same turn
   * (group commit: one batch, one sync). A decision that throws changes nothing and rejects only its own promise.
   */
  write<T>(decide: (tx: Transaction) => T): Promise<T>;
  close(): Promise<void>;
}

interface Pending {
  readonly run: (tx: Transaction) => void;
  readonly settle: (failure: unknown) => void;
}

/**
 * With LevelDB's own 4 MiB, chunks of objects are compacted again and again: measured 36 to 79 MB/s of 256 KiB values
 * against 218 to 277, for some 45 MB of memory and at most a quarter of a second to replay the log at the next start.
 */
const WRITE_BUFFER_BYTES = 32 * 1024 * 1024;

/**
 * Opens the store in a folder, creating it when absent.
 *
 * @param folder  owned by one process at a time; a second open rejects with code LEVEL_LOCKED as its cause
 * @param options `sync: false` acknowledges before the disk does: for tests that kill nothing
 */
export async function openStore(folder: string, options: { sync?: boolean } = {}): Promise<Store> {
  const db = new ClassicLevel<Buffer, Buffer>(folder, {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
    writeBufferSize: WRITE_BUFFER_BYTES,
  });
  await db.open();
  const commits = groupCommits(db, { sync: options.sync ?? true });
  return {
    get: (key) => db.getSync(key) as Buffer | undefined,
    range: ({ gte, lt, reverse = false, limit = -1 }) => db.iterator({ gte, lt, reverse, limit }),
    write: commits.write,
    async close() {
      await commits.idle();
      await db.close();
    },
  };
}

function groupCommits(db: ClassicLevel<Buffer, Buffer>, { sync }: { sync: boolean }) {
  let waiting: Pending[] = [];
  let running: Promise<void> | undefined;

  async function drain(): Promise<void> {
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await commit(db, group, { sync });
    }
    running = undefined;
  }

  return {
    write<T>(decide: (tx: Transaction) => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        let result: T;
        waiting.push({
          run: (tx) => {
            result = decide(tx);
          },
          settle: (failure) => (failure === undefined ? resolve(result) : reject(failure)),
        });
        running ??= drain();
      });
    },
    idle: async () => running,
  };
}

/** Decides each against the state that the earlier ones leave, then writes one batch. */
async function commit(
  db: ClassicLevel<Buffer, Buffer>,
  group: readonly Pending[],
  { sync }: { sync: boolean },
): Promise<void> {
  const changes = new Map<string, { key: Buffer; value: Buffer | undefined }>();
  const decided: Pending[] = [];
  for (const one of group) {
    const own = new Map<string, { key: Buffer; value: Buffer | undefined }>();
    try {
      one.run(overlay(db, changes, own));
      for (const [id, change] of own) changes.set(id, change);
      decided.push(one);
    } catch (error) {
      one.settle(error ?? new Error("decision failed"));
    }
  }
  try {
    const batch = [...changes.values()].map(({ key, value }) =>
      value === undefined ? ({ type: "del", key } as const) : ({ type: "put", key, value } as const),
    );
    if (batch.length > 0) await db.batch(batch, { sync });
    for (const one of decided) one.settle(undefined);
  } catch (cause) {
    // LevelDB writes nothing more once a write has failed, also when there is room again.
    const reason = cause instanceof Error ? cause.message : String(cause);
    const failure = new Error(`${reason}. Nothing more is stored until the local cloud is started again.`, { cause });
    for (const one of decided) one.settle(failure);
  }
}

type Changes = Map<string, { key: Buffer; value: Buffer | undefined }>;

function overlay(db: ClassicLevel<Buffer, Buffer>, earlier: Changes, own: Changes): Transaction {
  return {
    get(key) {
      const id = key.toString("latin1");
      const change = own.get(id) ?? earlier.get(id);
      return change ? change.value : (db.getSync(key) as Buffer | undefined);
    },
    put: (key, value) => void own.set(key.toString("latin1"), { key, value }),
    del: (key) => void own.set(key.toString("latin1"), { key, value: undefined }),
  };
}
