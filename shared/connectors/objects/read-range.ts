import { TransientError } from "../../model/errors.js";
import type { FileStore } from "./bucket.js";
import { objectWorkStopped, pauseObjects } from "./retries.js";

/** Attempts in a row that may bring nothing. */
const MAX_FAILURES = 6;

/** A range of one version of an object. */
export interface ObjectRange {
  readonly key: string;
  /** Null = of whichever is there. */
  readonly etag: string | null;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Streams a range of an object. A connection that breaks, or that the store closed because the reader paused too long, is
 * replaced by another one from the byte it had reached.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when the object was replaced meanwhile, CANCELLED after an abort
 */
export async function* readRange(store: FileStore, range: ObjectRange, signal: AbortSignal): AsyncIterable<Buffer> {
  const what = `object ${range.key}`;
  let failures = 0;
  for (let at = range.start; at < range.end; ) {
    try {
      for await (const chunk of oneAttempt(store, { ...range, start: at }, signal)) {
        at += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (at >= range.end) return;
      throw new TransientError("SOURCE_UNREACHABLE", `object ${range.key}: the answer ended early at byte ${at}`);
    } catch (cause) {
      if (signal.aborted) throw objectWorkStopped(signal, store.title, what);
      const error = store.explain(cause, what);
      if (!(error instanceof TransientError) || ++failures >= MAX_FAILURES) throw error;
      await pauseObjects({ signal, title: store.title }, what, failures);
    }
  }
}

async function* oneAttempt(
  store: FileStore,
  { key, ...range }: ObjectRange,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  const stream = await store.open(key, range);
  const stop = () => stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const chunk of stream) yield chunk as Buffer; // an HTTP answer yields buffers
  } finally {
    signal.removeEventListener("abort", stop);
    stream.destroy();
  }
}

/** All bytes of a range at once. */
export async function readWhole(store: FileStore, range: ObjectRange, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readRange(store, range, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
