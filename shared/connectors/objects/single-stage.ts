import { UserError } from "../../model/errors.js";
import type { Progress } from "../../model/progress.js";
import type { Bucket, SentPart, Upload } from "./bucket.js";
import { type UploadQueue, uploadQueue } from "./part-queue.js";
import { readWhole } from "./read-range.js";
import {
  addPending,
  nothingPending,
  type ObjectStage,
  PART_BYTES,
  type Pending,
  takeNews,
  takePending,
} from "./stage.js";
import { type Lump, type ObjectStaged, stagedObjectJson } from "./staged.js";

/**
 * Attempts by turns use even and odd part numbers, so that one that lost its lease cannot replace a part of its successor.
 */
const LANES = 2;

/** What one split's share of a single object needs. */
export interface SingleStageOptions {
  readonly bucket: Bucket;
  /** The upload that all splits share. */
  readonly upload: Upload;
  /** All lumps of the run begin so. */
  readonly stagingPrefix: string;
  readonly split: number;
  readonly splits: number;
  readonly attempt: number;
  readonly staged: ObjectStaged;
  readonly signal: AbortSignal;
}

interface State {
  readonly bucket: Bucket;
  readonly upload: Upload;
  readonly queue: UploadQueue;
  readonly parts: SentPart[];
  readonly joinAt: number;
  /** No two lumps of a split have one name: an attempt that lost its lease cannot replace what its successor goes by. */
  readonly lumpName: () => string;
  head: Lump | null;
  tail: Lump | null;
  /** The head is there or on its way. */
  hasHead: boolean;
  doneBytes: number;
  nextNumber: number;
  readonly lastNumber: number;
  pending: Pending;
  durable: Progress | null;
}

/**
 * Stages a split of an object that all splits of the run share: a beginning that is large enough to be a part, as a lump; then
 * parts of the common upload; then what is too small for one, as a lump again. Publishing joins the lumps to further parts
 * (see `joinedParts`), so that no part is too small, however much the store wants one to hold.
 */
export async function singleStage(options: SingleStageOptions): Promise<ObjectStage> {
  const state = startState(options);
  if (state.tail) {
    const { key, bytes } = state.tail;
    const range = { key, etag: null, start: 0, end: bytes };
    addPending(state.pending, await readWhole(options.bucket, range, options.signal), null);
  }
  return {
    put: ({ bytes }, progress) => put(state, bytes, progress),
    news: () => takeNews(state, () => snapshot(state)),
    flush: () => bringAll(state),
    async close() {
      await bringAll(state);
      return stagedObjectJson(snapshot(state));
    },
  };
}

/** Part numbers are dealt out by split; the first of each is kept for what publishing joins. */
function startState({ staged, split, splits, attempt, ...options }: SingleStageOptions): State {
  const { bucket, upload, stagingPrefix } = options;
  const share = Math.floor((bucket.facts.maxParts - 1) / splits);
  const joinAt = 1 + split * share;
  const parts = [...(staged.objects[0]?.parts ?? [])];
  const used = parts.at(-1)?.number ?? joinAt;
  const lane = attempt % LANES;
  let lumps = 0;
  return {
    ...{ bucket, upload, parts, joinAt, queue: uploadQueue(), pending: nothingPending(), durable: null },
    lumpName: () => `${stagingPrefix}${split}_${attempt}_${lumps++}`,
    head: staged.head ?? null,
    tail: staged.tail ?? null,
    hasHead: staged.head !== undefined,
    doneBytes: staged.objects[0]?.bytes ?? 0,
    nextNumber: used + 1 + ((used + 1 + lane) % LANES),
    lastNumber: joinAt + share - 1,
  };
}

async function put(state: State, bytes: Buffer, progress: Progress): Promise<void> {
  addPending(state.pending, bytes, progress);
  // Without a byte on its way, all that was read is safe: it was dirty.
  if (state.pending.bytes === 0 && state.queue.isEmpty()) state.durable = progress;
  if (state.pending.bytes >= (state.hasHead ? PART_BYTES : state.bucket.facts.minPartBytes)) await cut(state);
}

/** Sends what waits, which is large enough to be a part. */
async function cut(state: State): Promise<void> {
  const { bucket, upload } = state;
  if (!state.hasHead) return cutHead(state);
  if (state.nextNumber > state.lastNumber) {
    const message = `${upload.key}: one object cannot take so much; leave writeSingleObject out, or use more splits`;
    throw new UserError("UNSUPPORTED", message, { path: "writeSingleObject" });
  }
  const { body, progress } = takePending(state);
  const number = state.nextNumber;
  state.nextNumber += LANES;
  await state.queue.add(bucket.uploadPart(upload, number, body), (part) => {
    state.parts.push(part);
    state.doneBytes += body.length;
    state.tail = null;
    state.durable = progress ?? state.durable;
  });
}

async function cutHead(state: State): Promise<void> {
  state.hasHead = true;
  const { body, progress } = takePending(state);
  await addLump(state, body, (lump) => {
    state.head = lump;
    state.tail = null;
    state.durable = progress ?? state.durable;
  });
}

async function addLump(state: State, body: Buffer, onDone: (lump: Lump) => void): Promise<void> {
  const key = state.lumpName();
  await state.queue.add(state.bucket.put(key, body), () => onDone({ key, bytes: body.length }));
}

/** What is too small for a part stays in hand as well, since more may come. */
async function bringAll(state: State): Promise<void> {
  const { pending, bucket } = state;
  if (pending.bytes >= bucket.facts.minPartBytes) await cut(state);
  else if (pending.bytes > 0 && pending.progress !== null) {
    await addLump(state, Buffer.concat(pending.chunks, pending.bytes), (lump) => {
      state.tail = lump;
    });
  }
  await state.queue.drain();
  state.durable = pending.progress ?? state.durable;
  state.pending.progress = null;
}

function snapshot({ upload, parts, doneBytes, head, tail, joinAt }: State): ObjectStaged {
  return {
    objects: [{ ...upload, parts: [...parts], bytes: doneBytes }],
    joinAt,
    ...(head && { head }),
    ...(tail && { tail }),
  };
}
