import type { Batch } from "./batch.js";
import type { Json } from "./json.js";

/** What a split has done so far. Absolute numbers: a repeated report changes nothing. */
export interface Counters {
  /** Records read, good and dirty alike. */
  readonly read: number;
  /** Records that the target holds because of this split. */
  readonly written: number;
  /** Dirty records of both sides. */
  readonly dirty: number;
  /** Payload bytes of the good records read. */
  readonly bytes: number;
}

/** Nothing done yet. */
export const noCounters: Counters = { read: 0, written: 0, dirty: 0, bytes: 0 };

/**
 * A point in a split from which a later attempt may go on, with the counters up to exactly there.
 * Kept in our metadata and, for ledger writers, in the target's own transaction.
 */
export interface Progress {
  /** Passed to `Reader.read` as `from`; null = start of the split. */
  readonly checkpoint: Json;
  readonly counters: Counters;
  /** What the writer has staged so far (upload ids, parts); opaque to everybody else. */
  readonly staged?: Json;
}

/** The start of a split. */
export const startOfSplit: Progress = { checkpoint: null, counters: noCounters };

/** Progress after `batch` was written, of whose good records the writer refused `refused`. */
export function advance(progress: Progress, batch: Batch, refused: number): Progress {
  const { counters } = progress;
  return {
    ...progress,
    checkpoint: batch.checkpoint,
    counters: {
      read: counters.read + batch.count + batch.dirty.length,
      written: counters.written + batch.count - refused,
      dirty: counters.dirty + batch.dirty.length + refused,
      bytes: counters.bytes + batch.bytes,
    },
  };
}

/** Sums the counters of several splits. */
export function sumCounters(all: Iterable<Counters>): Counters {
  let { read, written, dirty, bytes } = noCounters;
  for (const one of all) {
    read += one.read;
    written += one.written;
    dirty += one.dirty;
    bytes += one.bytes;
  }
  return { read, written, dirty, bytes };
}
