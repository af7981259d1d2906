import type { Column, NativeRows, PackedRows } from "../../../model/batch.js";
import type { ExactColumn } from "./exact.js";

/** The result set of a split. */
export interface ReadLayout {
  /** The visible columns, which come first; cells behind them are for the key only. */
  readonly columns: readonly Column[];
  /** Positions of the key's columns in the result set. */
  readonly key: readonly number[];
  /** Visible columns that are selected by an expression, by position. */
  readonly exact: ReadonlyMap<number, ExactColumn>;
}

/** What a stream is started with. */
export interface StreamSetting<S> {
  readonly source: S;
  /** Rows that the job wants to be asked for at once; null = nothing said. */
  readonly fetchSize: number | null;
  /** Tells where things stand in the result set; called once, before the first row. */
  shape(found: readonly Column[]): ReadLayout;
}

/** Rows that came together, about 256 KiB to 1 MiB, in the visible cells. */
export interface PackedPart {
  readonly packed: PackedRows;
  /** Cells of the key's columns in the last row. */
  readonly lastKey: readonly (Buffer | null)[];
}

/** The same as the server sent them. */
export interface NativePart {
  readonly native: NativeRows;
  readonly lastKey: readonly (Buffer | null)[];
}

/** Rows of a stream. */
export type ReadPart = PackedPart | NativePart;

/** A statement's result. */
export interface RowStream {
  readonly parts: AsyncIterable<ReadPart>;
  /** True once the server has sent everything: nothing is running there any more. */
  isOver(): boolean;
}
