import { TransientError } from "../../model/errors.js";
import type { Bucket } from "./client.js";
import { pause, stopped, toSluiceError } from "./failure.js";

/** Attempts in a row that may bring nothing. */
const MAX_FAILURES = 6;

/** A range of one version of an object. */
export interface ObjectRange {
  readonly key: string;
  readonly etag: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Streams a range of an object. A connection that breaks, or that OSS closed because the reader paused too long, is
 * replaced by another one from the byte it had reached.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when the object was replaced meanwhile, CANCELLED after an abort
 */
export async function* readRange(bucket: Bucket, range: ObjectRange, signal: AbortSignal): AsyncIterable<Buffer> {
  let failures = 0;
  for (let at = range.start; at < range.end; ) {
    try {
      for await (const chunk of oneAttempt(bucket, { ...range, start: at }, signal)) {
        at += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (at >= range.end) return;
      throw new TransientError("SOURCE_UNREACHABLE", `object ${range.key}: the answer ended early at byte ${at}`);
    } catch (cause) {
      if (signal.aborted) throw stopped(signal, `object ${range.key}`);
      const error = toSluiceError(cause, `object ${range.key}`);
      if (!(error instanceof TransientError) || ++failures >= MAX_FAILURES) throw error;
      await pause(failures, signal, `object ${range.key}`);
    }
  }
}

async function* oneAttempt(bucket: Bucket, { key, ...range }: ObjectRange, signal: AbortSignal): AsyncIterable<Buffer> {
  const stream = await bucket.open(key, range);
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
