import type { Column, DirtyReason } from "../../../model/batch.js";
import { type ConvertOptions, convertCell } from "../../../model/convert.js";
import type { WireType } from "../wire/column-type.js";
import type { Sink } from "../wire/sink.js";

/** Why a cell cannot become a value of its column. */
export interface CellRefusal {
  readonly reason: DirtyReason;
  readonly message: string;
}

/** The cell becomes NULL. */
export const asNull = Symbol("null");

/**
 * Writes one cell of a batch, bytes of canonical text, as a field: tag and value. Nothing of a refused record is kept, so that
 * half a field does no harm. Room for the cell's bytes and 64 more is there.
 *
 * @returns undefined = written
 */
export type CellEncoder = (
  sink: Sink,
  data: Buffer,
  from: number,
  to: number,
) => CellRefusal | typeof asNull | undefined;

/** What becomes of text and bytes that are longer than they may be. */
export type OverLengthRule = "keepOn" | "truncate" | "setNull";

/** A column of the target. */
export interface OdpsTargetColumn {
  readonly name: string;
  readonly type: WireType;
  /** Its number in the table, from 1 on. */
  readonly number: number;
  readonly nullable: boolean;
}

/** What encoders are made with. */
export interface EncodeSetting {
  /** Zone of the clock that dates show, unless their column names another. */
  readonly clock: string;
  readonly emptyAsNull: boolean;
  readonly overLength: OverLengthRule;
  /** Bytes. */
  readonly maxFieldBytes: number;
}

/** One pair of columns. */
export interface Pair {
  readonly source: Column;
  readonly target: OdpsTargetColumn;
  readonly setting: EncodeSetting;
  readonly options: ConvertOptions;
}

/** A cell by the type table of the script-mode reference. @returns its canonical text or bytes, or why not */
export function converted(
  data: Buffer,
  { source, options }: Pair,
  { from, to, type }: { from: number; to: number; type: Column["type"] },
): string | Buffer | CellRefusal {
  const cell = source.type === "bytes" ? data.subarray(from, to) : data.toString("utf8", from, to);
  const found = convertCell(cell, source.type, { to: type, options });
  if (!found.ok) return { reason: found.reason, message: found.message };
  return found.cell ?? "";
}

/** True for the refusal that {@link converted} may answer. */
export function isRefusal(found: unknown): found is CellRefusal {
  return typeof found === "object" && found !== null && "reason" in found;
}

const DISPLAYED_CHARACTERS = 60;

/** A value that is of the right kind and does not fit. */
export function unfit(reason: DirtyReason, cell: string | Buffer, why: string): CellRefusal {
  const text = typeof cell === "string" ? cell : cell.toString("utf8", 0, DISPLAYED_CHARACTERS * 2);
  return {
    reason,
    message: `"${text.length > DISPLAYED_CHARACTERS ? `${text.slice(0, DISPLAYED_CHARACTERS)}…` : text}" ${why}`,
  };
}
