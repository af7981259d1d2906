import type { Progress } from "../../model/progress.js";
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
  /** First bytes of every object. */
  readonly header: Buffer;
  /** An object is closed before it grows beyond this. */
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
}

interface State extends ObjectStageOptions {
  readonly queue: UploadQueue;
  readonly opened: OpenObject[];
  current: OpenObject | null;
  pending: Pending;
  durable: Progress | null;
}

/** Stages a split as one object, or several when they grow too large or an attempt ends in between. */
export function objectStage(options: ObjectStageOptions): ObjectStage {
  const state: State = {
    ...options,
    queue: uploadQueue(),
    opened: [],
    current: null,
    pending: nothingPending(),
    durable: null,
  };
  return {
    put: (bytes, progress) => put(state, bytes, progress),
    news: () => takeNews(state, () => snapshot(state)),
    flush: () => bringAll(state),
    async close() {
      await bringAll(state);
      return stagedObjectJson(tokenOf(state));
    },
  };
}

async function put(state: State, bytes: Buffer, progress: Progress): Promise<void> {
  const { header, maxBytes, queue } = state;
  if (bytes.length > 0) {
    const size = (state.current?.sentBytes ?? 0) + state.pending.bytes;
    const hasAllParts = (state.current?.sentParts ?? 0) >= state.bucket.facts.maxParts - 1;
    if (size > 0 && (size + bytes.length > maxBytes || hasAllParts)) await closeObject(state);
    if (!state.current && state.pending.bytes === 0) addPending(state.pending, header, null);
  }
  addPending(state.pending, bytes, progress);
  // Without a byte on its way, all that was read is safe: it was dirty.
  if (state.pending.bytes === 0 && queue.isEmpty()) state.durable = state.pending.progress ?? state.durable;
  if (state.pending.bytes >= PART_BYTES) await cut(state);
}

/** Sends what waits as the next part. */
async function cut(state: State): Promise<void> {
  const { bucket, queue } = state;
  if (state.pending.bytes === 0) return;
  state.current ??= openObject(state);
  const object = state.current;
  const { body, progress } = takePending(state);
  object.sentBytes += body.length;
  const number = ++object.sentParts;
  const work = object.upload.then(async (upload) => ({ upload, part: await bucket.uploadPart(upload, number, body) }));
  await queue.add(work, ({ upload, part }) => {
    object.uploadId = upload.uploadId;
    object.parts.push(part);
    object.doneBytes += body.length;
    state.durable = progress ?? state.durable;
  });
}

function openObject(state: State): OpenObject {
  const key = state.nameOf(state.staged.objects.length + state.opened.length);
  const upload = state.bucket.startUpload(key).then((uploadId) => ({ key, uploadId }));
  upload.catch(() => undefined); // the first part reports it
  const object: OpenObject = { key, upload, uploadId: "", parts: [], doneBytes: 0, sentBytes: 0, sentParts: 0 };
  state.opened.push(object);
  return object;
}

async function closeObject(state: State): Promise<void> {
  await cut(state);
  state.current = null;
}

async function bringAll(state: State): Promise<void> {
  await closeObject(state);
  await state.queue.drain();
  // What came after the last line was dirty, so nothing waits for it.
  state.durable = state.pending.progress ?? state.durable;
}

function snapshot({ staged, opened }: State): ObjectStaged {
  return { objects: [...staged.objects, ...opened.filter(({ parts }) => parts.length > 0).map(stagedObject)] };
}

function stagedObject({ key, uploadId, parts, doneBytes }: OpenObject): StagedObject {
  return { key, uploadId, parts: [...parts], bytes: doneBytes };
}

function tokenOf(state: State): ObjectStaged {
  const staged = snapshot(state);
  return staged.objects.length === 0 && state.makesEmpty ? { ...staged, empty: state.nameOf(0) } : staged;
}
