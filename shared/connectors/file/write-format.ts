import type { TextEncoding } from "./text-encoding.js";

/** Makes a line, its end included, of a record's texts. */
export type LineMaker = (texts: readonly (string | null)[]) => string;

/** How records become bytes of a file made of lines. */
export interface WriteFormat {
  readonly line: LineMaker;
  /** A line is cells with the delimiter between them, so that packed cells can be copied into it. */
  readonly isDelimited: boolean;
  /** A cell that would be read as several stands between quotes. */
  readonly quotes: boolean;
  /** What cannot be written because it would be read as something else; null = everything can be. */
  readonly refuses: {
    /** Why a cell cannot; null = it can. */
    cell(text: string): string | null;
    /** False when surely none of these cells, end to end, is such a one. */
    any(data: Buffer): boolean;
  } | null;
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly nullText: string;
  /** Null = canonical text. */
  readonly dateFormat: string | null;
  readonly timeZone: string | null;
  /** Null = UTF-8. */
  readonly encoding: TextEncoding | null;
  /** Cells of the first line of every file; null = none. */
  readonly header: readonly string[] | null;
  readonly gzip: boolean;
  /** Bytes are written as base64 instead of as text. */
  readonly base64: boolean;
}
