import { type Batch, heldBytes } from "../model/batch.js";

/** A channel holds at most this many bytes of batches that were read and not yet taken. */
export const PIPE_BYTES = 8 * 1024 * 1024;

/** How long the two sides waited for each other, in milliseconds; grows while the pipe works. */
export interface PipeClock {
  /** The taker waited for an empty pipe: the reader is slow. */
  reader: number;
  /** The reader waited for a full pipe, or had read everything and the taker was not yet through: the taker is slow. */
  writer: number;
}

/**
 * Reads ahead of the taker, bounded by bytes, so that reading and writing overlap and the slow side sets the pace.
 * Batches come out in order; an error of the source comes after the batches before it. Leaving the loop closes the source.
 *
 * @param source    read one batch at a time
 * @param clock     told how long each side waits
 * @param maxBytes  bytes of memory held before the source is made to wait; one batch more may be held
 */
export async function* pipe(
  source: AsyncIterable<Batch>,
  clock: PipeClock,
  maxBytes = PIPE_BYTES,
): AsyncGenerator<Batch> {
  const waiting: Batch[] = [];
  let held = 0;
  let ended = false;
  let closed = false;
  let failure: { error: unknown } | undefined;
  let endedAt = 0;
  const changes = createChanges();

  async function fill(): Promise<void> {
    try {
      for await (const batch of source) {
        if (closed) return;
        waiting.push(batch);
        held += heldBytes(batch);
        changes.tell();
        const since = performance.now();
        while (held >= maxBytes && !closed) await changes.next();
        clock.writer += performance.now() - since;
        if (closed) return;
      }
    } catch (error) {
      failure = { error };
    } finally {
      ended = true;
      endedAt = performance.now();
      changes.tell();
    }
  }

  const filling = fill();
  try {
    for (;;) {
      const since = performance.now();
      while (waiting.length === 0 && !ended) await changes.next();
      clock.reader += performance.now() - since;
      const batch = waiting.shift();
      if (!batch) break;
      held -= heldBytes(batch);
      changes.tell();
      yield batch;
    }
    clock.writer += performance.now() - endedAt;
    if (failure) throw failure.error;
  } finally {
    closed = true;
    changes.tell();
    await filling;
  }
}

/** Wakes everybody who waits for the next change. */
function createChanges(): { next(): Promise<void>; tell(): void } {
  let tell = (): void => undefined;
  let next: Promise<void>;
  const renew = (): void => {
    next = new Promise((resolve) => {
      tell = resolve;
    });
  };
  renew();
  return {
    next: () => next,
    tell() {
      tell();
      renew();
    },
  };
}
