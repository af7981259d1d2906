import type { KeyRange, KeyValue } from "./key-range.js";

/** Cheap questions about an indexed key; each is one look into the index, or a few. */
export interface KeyProbe {
  /** The smallest key in the range that is at least `guess`, which may be a prefix. */
  firstFrom(guess: KeyValue, range: KeyRange): Promise<KeyValue | null>;
  /**
   * For each guess the smallest key in the range that is at least the guess; without repetition, in the server's order. One
   * question, however many guesses; empty where the server cannot answer it.
   */
  firstFromEach(guesses: readonly KeyValue[], range: KeyRange): Promise<readonly KeyValue[]>;
  /** The key that `steps` others of the range come before; this one reads that many entries of the index. */
  walk(range: KeyRange, steps: number): Promise<KeyValue | null>;
  /** The last code point that a key's text column takes; absent = only ASCII is sure. */
  maxCodePoint?(column: number): number;
  /** The largest key below `key`. */
  lastBefore(key: KeyValue): Promise<KeyValue | null>;
  /** The server's own estimate of the keys in `(after, upTo]`; null when it gives none. */
  estimate(range: KeyRange): Promise<number | null>;
}
