import type { Batch, Column, DirtyRecord } from "../../../model/batch.js";
import type { Json, JsonObject } from "../../../model/json.js";
import type { FileReadParams } from "../read-shape.js";
import type { FileWriteParams } from "../write-shape.js";

/** A file as a format sees it: its bytes, from anywhere in it. */
export interface FileBytes {
  /** For messages and the keys of dirty records. */
  readonly name: string;
  readonly size: number;
  /** Bytes `[start, end)`. */
  range(start: number, end: number): AsyncIterable<Buffer>;
}

/** A piece of a file, bytes `[start, end)`, that begins and ends with a record. */
export interface FilePiece {
  readonly start: number;
  readonly end: number;
  /** 1-based number of the first line or record; null = unknown. */
  readonly line: number | null;
  /** Lines or records in the piece; null = unknown. */
  readonly lines: number | null;
}

/** How files are to be cut. */
export interface CutPlan {
  readonly pieceBytes: number;
  /** Bytes that may still be looked through for places to cut. */
  budget: { left: number };
  warn(message: string): void;
}

/** What a file tells of its columns. */
export interface FirstColumns {
  readonly columns: readonly Column[];
  /** False when there is no record: then `columns` are supposed, and need not be the ones. */
  readonly hasRecord: boolean;
}

/** Files of a format as a job reads them. */
export interface FileReading {
  /** The job's columns; null when it reads all there are, and `found` does not say which. */
  columns(found: readonly Column[] | null): readonly Column[] | null;
  /** What `*` stands for, by this file. */
  lookAt(file: FileBytes): Promise<FirstColumns>;
  /** Cuts a file into pieces of about `plan.pieceBytes`; null = it is to be read as a whole. */
  cut(file: FileBytes, plan: CutPlan): Promise<readonly FilePiece[] | null>;
  /** Begins to read; `found` as of {@link FileReading.columns}. @throws UserError when that is missing */
  start(found: readonly Column[] | null): PieceReader;
}

/** Reads pieces one after the other; a batch may hold records of several. */
export interface PieceReader {
  /**
   * @param work.from  of the format's own making, where an earlier reading of this piece stood; null = at its start
   * @param work.checkpoint  makes the checkpoint for such a place
   */
  read(file: FileBytes, piece: FilePiece, work: PieceWork): AsyncIterable<Batch>;
  /** What is left behind the last piece; null = nothing. */
  rest(): Batch | null;
}

/** See {@link PieceReader}. */
export interface PieceWork {
  readonly from: JsonObject | null;
  checkpoint(at: JsonObject): JsonObject;
}

/** What a batch became in a file. */
export interface FileContent {
  readonly bytes: Buffer;
  /** What the end of the file tells of them, in a format whose files have one. */
  readonly entry?: Json;
}

/** Bytes of a file, and what its end tells of them. */
export interface PlacedEntry {
  /** Of the first byte, in the file. */
  readonly offset: number;
  readonly bytes: number;
  readonly entry: Json;
}

/** What stands around the records of a file. */
export interface FileFrame {
  /** What every file begins with. */
  readonly header: Buffer;
  /**
   * What a file ends with, by what it holds; absent = a file may end behind any batch. A file with an end is one writer's: nothing of
   * several can be joined to one, and what an attempt left without an end is not gone on with.
   */
  end?(entries: readonly PlacedEntry[]): Promise<Buffer>;
}

/** Records on their way into files of a format: the files are a beginning, what batches become, end to end, and an end where there is one. */
export interface FileWriting {
  frame(): Promise<FileFrame>;
  /** What a batch becomes; records that cannot be expressed are dirty instead. */
  add(batch: Batch): Promise<FileContent & { readonly dirty: DirtyRecord[] }>;
  /** A file without records. */
  emptyFile(): Promise<Buffer>;
}

/** What is written, and in which zone its moments are shown. */
export interface WrittenRecords {
  readonly columns: readonly Column[];
  readonly timeZone: string | null;
}

/** A format of files: one value of `fileFormat`. */
export interface FileFormat {
  /** @throws UserError CONFIG_INVALID or UNSUPPORTED for settings that cannot be, or do not go together */
  reading(params: FileReadParams, timeZone: string | null): FileReading;
  /** As of `reading`. */
  writing(params: FileWriteParams, records: WrittenRecords): FileWriting;
}
