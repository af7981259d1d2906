import type { Progress } from "../../model/progress.js";
import type { Staged } from "./staged.js";

/** Parts of this size keep an object of 10,000 parts below 80 GB, and few of them fill the memory. */
export const PART_BYTES = 8 * 1024 * 1024;
/** The most parts that an upload may have. */
export const MAX_PARTS = 10_000;

/** Where a split's bytes wait, unseen, for `finish`. */
export interface Stage {
  /** While positive, lines should come in pieces of about so many bytes. */
  pieceBytes(): number;
  /** Takes lines. `progress` is where the split stands behind them; null inside a batch. */
  put(bytes: Buffer, progress: Progress | null): Promise<void>;
  /** The latest progress that OSS holds; null = no news since the last call. */
  news(): Promise<Progress | null>;
  /** Brings to OSS all that can be brought, so that a successor may go on from there. */
  flush(): Promise<void>;
  /** Brings everything to OSS. */
  close(): Promise<Staged>;
}

/** Lines that wait until they fill a part. */
export interface Pending {
  chunks: Buffer[];
  bytes: number;
  /** Where the split stands behind them; null = no whole batch yet. */
  progress: Progress | null;
}

/** Nothing waits. */
export function nothingPending(): Pending {
  return { chunks: [], bytes: 0, progress: null };
}

/** Adds lines to those that wait. */
export function addPending(pending: Pending, bytes: Buffer, progress: Progress | null): void {
  if (bytes.length > 0) pending.chunks.push(bytes);
  pending.bytes += bytes.length;
  pending.progress = progress ?? pending.progress;
}
