import type { Readable } from "node:stream";
import type { SluiceError } from "../../model/errors.js";

/** An object as listed. */
export interface ObjectInfo {
  readonly key: string;
  readonly size: number;
  /** As the store prints it, quotes included. */
  readonly etag: string;
}

/** A part of an upload, as completing it wants to know. */
export interface SentPart {
  readonly number: number;
  readonly etag: string;
}

/** An unfinished multipart upload. */
export interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

/** A place that files are read from: all that the reading half of this room needs. Calls reject with SluiceError. */
export interface FileStore {
  /** Of the bucket. */
  readonly name: string;
  /** The same for messages, such as `bucket lake`. */
  readonly label: string;
  /** What stands before `://` in what is shown of a split. */
  readonly scheme: string;
  /** The system, for messages. */
  readonly title: string;
  /** All objects whose key starts with `prefix` and comes after `after`, in the order of keys. */
  list(prefix: string, pageSize?: number, after?: string): AsyncIterable<ObjectInfo>;
  /** Null when there is no such object; `run` is the one that started its upload, if that was told. */
  head(key: string): Promise<(ObjectInfo & { readonly run: string | null }) | null>;
  /**
   * One attempt to read bytes `[start, end)`.
   *
   * @param range.etag  refused with SOURCE_OBJECT_MISSING when the object is another one by now; null = whichever is there
   */
  open(key: string, range: { start: number; end: number; etag: string | null }): Promise<Readable>;
  /** What broke while a stream of `open` was read, as an error of ours. */
  explain(cause: unknown, what: string): SluiceError;
}

/** What a store's uploads can do. */
export interface BucketFacts {
  /** The least that a part other than the last must hold, bytes. */
  readonly minPartBytes: number;
  /** The most parts that an upload may have. */
  readonly maxParts: number;
}

/** What completing an upload came to: the object is there, the upload is gone, or another object has the name. */
export type Completion = "done" | "gone" | "taken";

/** One bucket. Calls are repeated while the store is busy or unreachable, and reject with SluiceError. */
export interface Bucket extends FileStore {
  readonly facts: BucketFacts;
  put(key: string, body: Buffer): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  /** @param run  to be told by `head` once the object is there */
  startUpload(key: string, run?: string): Promise<string>;
  uploadPart(upload: Upload, number: number, body: Buffer): Promise<SentPart>;
  /**
   * @param how.keepsOther  an object that has the name already stays: the answer is `taken`, however close the two came
   * @returns `gone` when there is no such upload: completed or aborted before
   */
  completeUpload(
    upload: Upload,
    parts: readonly SentPart[],
    how?: { readonly keepsOther: boolean },
  ): Promise<Completion>;
  /** An upload that is gone is no error. */
  abortUpload(upload: Upload): Promise<void>;
  /** Unfinished uploads of keys that start with `prefix`. */
  uploads(prefix: string): Promise<readonly Upload[]>;
}
