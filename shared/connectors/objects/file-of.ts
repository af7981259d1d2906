import type { FileBytes } from "../file/format/format.js";
import type { FileStore, ObjectInfo } from "./bucket.js";
import { readRange } from "./read-range.js";

/** One version of an object, as a format reads it. */
export function fileOf(store: FileStore, { key, etag, size }: ObjectInfo, signal: AbortSignal): FileBytes {
  return { name: key, size, range: (start, end) => readRange(store, { key, etag, start, end }, signal) };
}
