/** A buffer that rows are encoded into, one after the other. */
export interface RowSink {
  buffer: Buffer;
  /** Bytes that are in use. */
  at: number;
}

const FIRST_BYTES = 1024 * 1024;
/** Larger ones are not kept: a single long row made them. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024;
/** Two for a split at work, and two for one that ends meanwhile. */
const MOST_KEPT = 4;

/**
 * Buffers of sessions that are over, for those that come. A buffer made anew for each split, and grown by steps, cost a shard more time
 * in the garbage collector than encoding did: memory outside the heap makes it look through the heap each 64 MiB.
 */
const kept: Buffer[] = [];

/** Opens an empty sink. */
export function openRowSink(): RowSink {
  return { buffer: kept.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES), at: 0 };
}

/** Makes room for more bytes behind those in use. */
export function reserveRoom(sink: RowSink, bytes: number): void {
  const needed = sink.at + bytes;
  if (needed <= sink.buffer.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, sink.buffer.length * 2));
  sink.buffer.copy(larger, 0, 0, sink.at);
  sink.buffer = larger;
}

/** Gives the buffer back: nothing that was encoded into it is valid any more. */
export function closeRowSink(sink: RowSink): void {
  if (kept.length < MOST_KEPT && sink.buffer.length > 0 && sink.buffer.length <= MOST_KEPT_BYTES)
    kept.push(sink.buffer);
  sink.buffer = Buffer.alloc(0);
  sink.at = 0;
}
