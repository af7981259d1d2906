import type { Column, ColumnType } from "../../../../model/batch.js";
import { type Converted, type ConvertOptions, convertCell } from "../../../../model/convert.js";
import type { SqlTargetColumn } from "../target-plan.js";

/**
 * What a reader's cell becomes before a column sees it, so that the server never casts: the type table of the script-mode
 * reference, and what the column's own type adds to it.
 */
export interface CellRule {
  /** Cells of up to this many bytes may go as they are, without a look. */
  readonly fineBytes: number;
  /** True for a longer cell that the column takes as it is, or that a strict server refuses. */
  isFine(data: Buffer, from: number, to: number): boolean;
  /** No value of this type can ever become one of the column's. */
  readonly isHopeless?: true;
  /** What becomes of any other cell. */
  convert(cell: string | Buffer): Converted;
}

/** What rules are made with. */
export interface RuleSetting {
  /** An empty text for a numeric column is NULL. */
  readonly emptyAsNull: boolean;
  /** Zone of dates without one. */
  readonly options: ConvertOptions;
}

/** Makes the rule of a pair of columns; null = all cells may go as they are. */
export type RuleMaker<C extends SqlTargetColumn = SqlTargetColumn> = (
  source: Column,
  target: C,
  setting: RuleSetting,
) => CellRule | null;

/** The rule of a pair that the type table does not know: every value is dirty. */
export function neverRule({ type }: Column, to: ColumnType, options: ConvertOptions): CellRule {
  const conversion = { to, options };
  const convert: CellRule["convert"] = (cell) => convertCell(cell, type, conversion);
  return { fineBytes: -1, isFine: () => false, isHopeless: true, convert };
}

/** A cell that cannot be converted, in words. */
export function notConverted(cell: string | Buffer, why: string): Converted {
  return { ok: false, reason: "CONVERSION", message: `"${displayText(cell)}" ${why}` };
}

/** A cell beyond what the column holds, in words. */
export function outOfRange(cell: string | Buffer, why: string): Converted {
  return { ok: false, reason: "OUT_OF_RANGE", message: `"${displayText(cell)}" ${why}` };
}

const DISPLAYED_CHARACTERS = 60;

function displayText(cell: string | Buffer): string {
  const text = typeof cell === "string" ? cell : cell.subarray(0, DISPLAYED_CHARACTERS).toString("hex");
  return text.length > DISPLAYED_CHARACTERS ? `${text.slice(0, DISPLAYED_CHARACTERS)}…` : text;
}

/** True for bytes that are all digits, at least one of them. */
export function areDigits(data: Buffer, from: number, to: number): boolean {
  if (from >= to) return false;
  for (let i = from; i < to; i++) {
    const byte = data[i] ?? 0;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}
