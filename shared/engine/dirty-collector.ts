import type { Cell, DirtyRecord } from "../model/batch.js";
import type { KeptDirtyRecord } from "../model/dirty-record.js";
import type { Progress } from "../model/progress.js";

/** Where dirty records are kept: OSS, seen through the few calls that the collector makes. */
export interface DirtyFiles {
  put(name: string, body: Buffer): Promise<void>;
  list(prefix: string): Promise<readonly string[]>;
  remove(names: readonly string[]): Promise<void>;
}

/** Keeps the dirty records of one split, named so that a repeat overwrites. */
export interface DirtyCollector {
  /** Stores records found between `at` and the next durable point. */
  keep(dirty: readonly DirtyRecord[], at: Progress): Promise<void>;
  /** Removes what an earlier attempt kept beyond the point from which this one starts. */
  startFrom(at: Progress): Promise<void>;
  /** Records found by this attempt so far, kept or not. */
  readonly found: number;
  /** Records kept by this attempt so far. */
  readonly kept: number;
}

/** How many dirty records may still be kept: one count for all splits of a shard, so that many splits do not keep many times as many. */
export interface DirtyRoom {
  left: number;
}

/** Folder of a run's dirty records in our bucket. */
export function dirtyPrefix(run: string): string {
  return `runs/${run}/dirty/`;
}

/**
 * Makes the collector of a split.
 *
 * @param files  our bucket
 * @param split  run id and split number: part of the file names
 * @param room   taken from by what is kept; what finds no room is counted, not kept
 */
export function createDirtyCollector(
  files: DirtyFiles,
  split: { run: string; number: number },
  room: DirtyRoom,
): DirtyCollector {
  const prefix = `${dirtyPrefix(split.run)}${String(split.number).padStart(6, "0")}-`;
  // Several calls may concern the same stretch: reader's and writer's records, or parts of one batch.
  let stretch = { name: "", lines: Buffer.alloc(0) };
  let storing: Promise<void> = Promise.resolve();
  let found = 0;
  let kept = 0;
  return {
    async keep(dirty, at) {
      if (dirty.length === 0) return;
      found += dirty.length;
      const name = nameOf(prefix, at.counters.read);
      if (name !== stretch.name) stretch = { name, lines: Buffer.alloc(0) };
      const some = dirty.slice(0, room.left);
      if (some.length === 0) return;
      room.left -= some.length;
      kept += some.length;
      // As bytes, not as texts, which take several times as much and wait for a collection of the whole heap.
      const lines = Buffer.from(some.map((record) => `${JSON.stringify(toKept(record, split))}\n`).join(""));
      const body = stretch.lines.length === 0 ? lines : Buffer.concat([stretch.lines, lines]);
      stretch.lines = body;
      // In order: a later put of the same file holds more lines.
      storing = storing.then(() => files.put(name, body));
      await storing;
    },
    async startFrom(at) {
      const first = nameOf(prefix, at.counters.read);
      const stale = (await files.list(prefix)).filter((name) => name >= first);
      if (stale.length > 0) await files.remove(stale);
    },
    get found() {
      return found;
    },
    get kept() {
      return kept;
    },
  };
}

/** Named by the number of records read before, so names sort by position. */
function nameOf(prefix: string, read: number): string {
  return `${prefix}${String(read).padStart(15, "0")}.jsonl`;
}

function toKept(record: DirtyRecord, split: { run: string; number: number }): KeptDirtyRecord {
  return {
    run: split.run,
    split: split.number,
    side: record.side,
    reason: record.reason,
    message: record.message,
    column: record.column ?? null,
    key: record.key ?? null,
    cells: record.cells.map(toKeptCell),
  };
}

function toKeptCell(cell: Cell): KeptDirtyRecord["cells"][number] {
  return Buffer.isBuffer(cell) ? { base64: cell.toString("base64") } : cell;
}
