import type { FileStore } from "./bucket.js";

/** What of a data source this room minds. */
export interface ZonedSource {
  readonly timeZone?: string | undefined;
}

/** How a store is called; absent = as a run does. */
export interface OpenOptions {
  readonly attempts?: number;
  readonly timeoutMs?: number;
}

/** What a system brings so that files are read from it. */
export interface FileOrigin<S> {
  /** Nothing is sent before the first call. */
  open(source: S, signal: AbortSignal, options?: OpenOptions): FileStore;
}
