import type { Batch } from "../model/batch.js";
import type { Counters } from "../model/progress.js";
import type { DirtyCollector } from "./dirty-collector.js";

/** Dirty records that are shown of those that went over the limit: enough to see what is wrong with the source. */
const MOST_DISPLAYED = 100;

/** What is asked before records are committed beside dirty ones. */
export interface DirtyLimit {
  /** True as soon as this many dirty records in the split mean that the run must end. */
  overLimit(dirty: number): boolean;
  /** How many dirty records the run has room for in this split, which has found `dirty` by now; absent = only `overLimit` counts. */
  roomInRun?(dirty: number): Promise<number>;
  readonly meter: { live: Counters; readonly dirtyBefore: number };
  readonly dirty: DirtyCollector;
}

/** Whether more dirty records may be committed in one split. */
export interface DirtyGate {
  /**
   * Asks for `more` dirty records than are kept.
   *
   * @returns null when the run may go on, else how many of them to keep: so many that their number tells why it ends, and some to look at
   */
  admit(more: number): Promise<number | null>;
  /** Somebody has asked for too many: the split ends. */
  isShut(): boolean;
}

/** Makes the gate of a split. */
export function dirtyGate(limit: DirtyLimit): DirtyGate {
  let isShut = false;
  return {
    isShut: () => isShut,
    async admit(more) {
      const { meter, dirty, overLimit, roomInRun } = limit;
      const before = meter.dirtyBefore + dirty.found;
      // Others ask for the sum at the same time: each tells what it found before it asks.
      meter.live = { ...meter.live, dirty: Math.max(meter.live.dirty, before + more) };
      const room = overLimit(before + more) ? roomInSplit(limit) : ((await roomInRun?.(before + more)) ?? Infinity);
      if (before + more <= room) return null;
      isShut = true;
      return Math.min(more, Math.max(room + 1 - before, MOST_DISPLAYED));
    },
  };
}

/** A batch with so many of its reader's dirty records as are kept, when they alone are too many: the others count as not read. */
export function withoutExcess(limit: DirtyLimit, batch: Batch): Batch {
  const before = limit.meter.dirtyBefore + limit.dirty.found;
  if (batch.dirty.length <= MOST_DISPLAYED || !limit.overLimit(before + batch.dirty.length)) return batch;
  const most = Math.max(roomInSplit(limit) + 1 - before, MOST_DISPLAYED);
  return batch.dirty.length <= most ? batch : { ...batch, dirty: batch.dirty.slice(0, most) };
}

/** The most dirty records that one split may have. */
function roomInSplit({ overLimit }: DirtyLimit): number {
  let most = 0;
  while (!overLimit(most + 1)) most++;
  return most;
}
