import { UserError } from "../../model/errors.js";
import type { Progress } from "../../model/progress.js";
import type { Bucket, Part, Upload } from "./client.js";
import { type PartQueue, partQueue } from "./part-queue.js";
import { addPending, MAX_PARTS, nothingPending, PART_BYTES, type Pending, type Stage } from "./stage.js";
import { type Staged, stagedJson } from "./staged.js";

/** A part other than the last must have so many bytes. */
const MIN_PART_BYTES = 100 * 1024;
/** Lines of a split's beginning that `finish` puts into the first part, so that this one is large enough in any case. */
const LOOSE_BYTES = 128 * 1024;
/**
 * Attempts by turns use even and odd part numbers, so that one that lost its lease cannot replace a part of its successor.
 */
const LANES = 2;

/** What one split's share of a single object needs. */
export interface SingleStageOptions {
  readonly bucket: Bucket;
  /** The upload that all splits share. */
  readonly upload: Upload;
  readonly split: number;
  readonly splits: number;
  readonly attempt: number;
  readonly staged: Staged;
}

interface State {
  readonly bucket: Bucket;
  readonly upload: Upload;
  readonly queue: PartQueue;
  readonly parts: Part[];
  readonly loose: string[];
  looseBytes: number;
  doneBytes: number;
  nextNumber: number;
  readonly lastNumber: number;
  pending: Pending;
  durable: Progress | null;
}

/** Stages a split as parts of an upload that all splits of the run share; `finish` adds the first part. */
export function singleStage(options: SingleStageOptions): Stage {
  const state = startState(options);
  return {
    pieceBytes: () => (isHeadFull(state) ? 0 : LOOSE_BYTES),
    put: (bytes, progress) => put(state, bytes, progress),
    async news() {
      await state.queue.settle();
      const { durable } = state;
      state.durable = null;
      return durable && { ...durable, staged: stagedJson(snapshot(state)) };
    },
    async flush() {
      if (state.pending.bytes >= MIN_PART_BYTES) await cut(state);
      await state.queue.drain();
    },
    async close() {
      if (state.pending.bytes >= MIN_PART_BYTES) await cut(state);
      await state.queue.drain();
      const { chunks, progress } = state.pending;
      for (const chunk of chunks) state.loose.push(chunk.toString("base64"));
      state.durable = progress ?? state.durable;
      state.pending = nothingPending();
      return snapshot(state);
    },
  };
}

/** Part 1 is `finish`'s; the other numbers are dealt out by split. */
function startState({ bucket, upload, split, splits, attempt, staged }: SingleStageOptions): State {
  const share = Math.floor((MAX_PARTS - 1) / splits);
  const first = 2 + split * share;
  const parts = [...(staged.objects[0]?.parts ?? [])];
  const used = parts.at(-1)?.number ?? first - 1;
  const lane = attempt % LANES;
  const loose = [...(staged.loose ?? [])];
  return {
    ...{ bucket, upload, parts, loose, queue: partQueue(), pending: nothingPending(), durable: null },
    looseBytes: loose.reduce((sum, text) => sum + Buffer.byteLength(text, "base64"), 0),
    doneBytes: staged.objects[0]?.bytes ?? 0,
    nextNumber: used + 1 + ((used + 1 + lane) % LANES),
    lastNumber: first + share - 1,
  };
}

function isHeadFull(state: State): boolean {
  return state.looseBytes >= LOOSE_BYTES;
}

async function put(state: State, bytes: Buffer, progress: Progress | null): Promise<void> {
  if (isHeadFull(state)) addPending(state.pending, bytes, progress);
  else {
    if (bytes.length > 0) state.loose.push(bytes.toString("base64"));
    state.looseBytes += bytes.length;
    addPending(state.pending, Buffer.alloc(0), progress);
  }
  // Inside a batch nothing may be cut: its progress would be that of the batch before.
  if (progress !== null && state.pending.bytes >= PART_BYTES) await cut(state);
}

async function cut(state: State): Promise<void> {
  const { bucket, upload, pending } = state;
  if (state.nextNumber > state.lastNumber) {
    const message = `${upload.key}: one object cannot take so much; leave writeSingleObject out, or use more splits`;
    throw new UserError("UNSUPPORTED", message, { path: "writeSingleObject" });
  }
  const body = Buffer.concat(pending.chunks, pending.bytes);
  state.pending = nothingPending();
  const number = state.nextNumber;
  state.nextNumber += LANES;
  await state.queue.add(bucket.uploadPart(upload, number, body), (part) => {
    state.parts.push(part);
    state.doneBytes += body.length;
    state.durable = pending.progress ?? state.durable;
  });
}

function snapshot({ upload, parts, doneBytes, loose }: State): Staged {
  return { objects: [{ ...upload, parts: [...parts], bytes: doneBytes }], loose: [...loose] };
}
