import type { Progress } from "../../model/progress.js";
import type { FileContent, FileFrame, PlacedEntry } from "../file/format/format.js";
import type { Bucket, SentPart, Upload } from "./bucket.js";
import { type UploadQueue, uploadQueue } from "./part-queue.js";
import {
  addPending,
  nothingPending,
  type ObjectStage,
  PART_BYTES,
  type Pending,
  takeNews,
  takePending,
} from "./stage.js";
import { type ObjectStaged, type StagedObject, stagedObjectJson } from "./staged.js";

/** What a stage of separate objects needs. */
export interface ObjectStageOptions {
  readonly bucket: Bucket;
  /** What stands around the records of every object. */
  readonly frame: FileFrame;
  /** An object is closed before its records grow beyond this. */
  readonly maxBytes: number;
  /** What an earlier attempt left: its objects are finished with what they hold, new ones follow. */
  readonly staged: ObjectStaged;
  /** A split without a record gets an object all the same. */
  readonly makesEmpty: boolean;
  nameOf(part: number): string;
}

interface OpenObject {
  readonly key: string;
  readonly upload: Promise<Upload>;
  uploadId: string;
  /** Done, in order. */
  readonly parts: SentPart[];
  doneBytes: number;
  sentBytes: number;
  sentParts: number;
  /** All of it is in the store, its end too. */
  isWhole: boolean;
}

interface State extends ObjectStageOptions {
  readonly queue: UploadQueue;
  readonly opened: OpenObject[];
  current: OpenObject | null;
  /** What the end of the current object will tell. */
  entries: PlacedEntry[];
  pending: Pending;
  /** Where the split stands behind all that was taken; null = no batch yet. */
  reached: Progress | null;
  durable: Progress | null;
}

/** Stages a split as one object, or several when they grow too large or an attempt ends in between. */
export function objectStage(options: ObjectStageOptions): ObjectStage {
  const state: State = {
    ...options,
    queue: uploadQueue(),
    opened: [],
    current: null,
    entries: [],
    reached: null,
    pending: nothingPending(),
    durable: null,
  };
  return {
    put: (content, progress) => put(state, content, progress),
    news: () => takeNews(state, () => snapshot(state)),
    flush: () => bringAll(state),
    async close() {
      await bringAll(state);
      return stagedObjectJson(tokenOf(state));
    },
  };
}

async function put(state: State, { bytes, entry = null }: FileContent, progress: Progress): Promise<void> {
  const { frame, maxBytes, queue } = state;
  if (bytes.length > 0) {
    const size = sizeOf(state);
    const hasAllParts = (state.current?.sentParts ?? 0) >= state.bucket.facts.maxParts - 1;
    if (size > 0 && (size + bytes.length > maxBytes || hasAllParts)) await closeObject(state);
    if (sizeOf(state) === 0) addPending(state.pending, frame.header, null);
    if (frame.end) state.entries.push({ offset: sizeOf(state), bytes: bytes.length, entry });
  }
  addPending(state.pending, bytes, progress);
  state.reached = progress;
  // Without a byte on its way, all that was read is safe: it was dirty.
  const isSafe = state.pending.bytes === 0 && queue.isEmpty() && !(frame.end && state.current);
  if (isSafe) state.durable = state.pending.progress ?? state.durable;
  if (state.pending.bytes >= PART_BYTES) await cut(state);
}

function sizeOf({ current, pending }: State): number {
  return (current?.sentBytes ?? 0) + pending.bytes;
}

/** Sends what waits as the next part. What has no end yet is nothing to go on from where files have one. */
async function cut(state: State, { isLast = false } = {}): Promise<void> {
  const { bucket, queue } = state;
  if (state.pending.bytes === 0) return;
  state.current ??= openObject(state);
  const object = state.current;
  const { body, progress } = takePending(state);
  const behind = state.frame.end ? (isLast ? state.reached : null) : progress;
  object.sentBytes += body.length;
  const number = ++object.sentParts;
  const work = object.upload.then(async (upload) => ({ upload, part: await bucket.uploadPart(upload, number, body) }));
  await queue.add(work, ({ upload, part }) => {
    object.uploadId = upload.uploadId;
    object.parts.push(part);
    object.doneBytes += body.length;
    object.isWhole = isLast;
    state.durable = behind ?? state.durable;
  });
}

function openObject(state: State): OpenObject {
  const key = state.nameOf(state.staged.objects.length + state.opened.length);
  const upload = state.bucket.startUpload(key).then((uploadId) => ({ key, uploadId }));
  upload.catch(() => undefined); // the first part reports it
  const nothingSent = { parts: [], doneBytes: 0, sentBytes: 0, sentParts: 0, isWhole: false };
  const object: OpenObject = { key, upload, uploadId: "", ...nothingSent };
  state.opened.push(object);
  return object;
}

async function closeObject(state: State): Promise<void> {
  const { frame, entries } = state;
  if (frame.end && sizeOf(state) > 0) addPending(state.pending, await frame.end(entries), null);
  await cut(state, { isLast: true });
  state.entries = [];
  state.current = null;
}

async function bringAll(state: State): Promise<void> {
  await closeObject(state);
  await state.queue.drain();
  // What came after the last line was dirty, so nothing waits for it.
  state.durable = state.pending.progress ?? state.durable;
}

function snapshot({ staged, opened, frame }: State): ObjectStaged {
  const kept = opened.filter(({ parts, isWhole }) => (frame.end ? isWhole : parts.length > 0));
  return { objects: [...staged.objects, ...kept.map(stagedObject)] };
}

function stagedObject({ key, uploadId, parts, doneBytes }: OpenObject): StagedObject {
  return { key, uploadId, parts: [...parts], bytes: doneBytes };
}

function tokenOf(state: State): ObjectStaged {
  const staged = snapshot(state);
  return staged.objects.length === 0 && state.makesEmpty ? { ...staged, empty: state.nameOf(0) } : staged;
}
