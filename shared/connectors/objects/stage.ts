import type { Json } from "../../model/json.js";
import type { Progress } from "../../model/progress.js";
import type { FileContent } from "../file/format/format.js";
import type { UploadQueue } from "./part-queue.js";
import { type ObjectStaged, stagedObjectJson } from "./staged.js";

/** Parts of this size keep an object of 10,000 parts below 80 GB, and few of them fill the memory. */
export const PART_BYTES = 8 * 1024 * 1024;

/** Where a split's bytes wait, unseen, until the run is published. */
export interface ObjectStage {
  /** Takes what a batch became. `progress` is where the split stands behind it. */
  put(content: FileContent, progress: Progress): Promise<void>;
  /** The latest progress that the stage holds; null = no news since the last call. */
  news(): Promise<Progress | null>;
  /** Brings there all that can be brought, so that a successor may go on from there. */
  flush(): Promise<void>;
  /** Brings everything there. @returns what was staged: the split's token */
  close(): Promise<Json>;
}

/** Lines that wait until they fill a part. */
export interface Pending {
  chunks: Buffer[];
  bytes: number;
  /** Where the split stands behind them; null = no batch yet. */
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

/** Takes off what waits, as the body of one upload, with where the split stands behind it. */
export function takePending(state: { pending: Pending }): { body: Buffer; progress: Progress | null } {
  const { chunks, bytes, progress } = state.pending;
  state.pending = nothingPending();
  return { body: Buffer.concat(chunks, bytes), progress };
}

/** {@link ObjectStage.news} of a stage whose uploads advance `durable`; `staged` tells what is staged by now. */
export async function takeNews(
  state: { readonly queue: UploadQueue; durable: Progress | null },
  staged: () => ObjectStaged,
): Promise<Progress | null> {
  await state.queue.settle();
  const { durable } = state;
  state.durable = null;
  return durable && { ...durable, staged: stagedObjectJson(staged()) };
}
