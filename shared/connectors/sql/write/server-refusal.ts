import type { Cell } from "../../../model/batch.js";
import { cutEnd } from "../../../model/cut-end.js";
import { own } from "../../../model/own.js";
import type { SqlTableColumn } from "../table.js";
import type { RowRefusal } from "./refusal.js";
import type { SqlTargetColumn } from "./target-plan.js";

/** A column of a table, and what it is to records. */
export interface ForeseenColumn {
  readonly column: SqlTableColumn;
  readonly target: Pick<SqlTargetColumn, "refusesNull">;
}

/** Why a strict server refuses a cell that the rules let pass, where the declared type alone tells; null = it may well take it. */
export function serverRefusal({ column, target }: ForeseenColumn, cell: Cell): RowRefusal | null {
  const { name, declared } = column;
  if (cell === null) return target.refusesNull ? refusal("NOT_NULL", `column "${name}" takes no NULL`, name) : null;
  if (isTooLong(column, cell))
    return refusal("TOO_LONG", `${lengthOf(cell)} do not fit into column "${name}", which is ${declared}`, name);
  if (typeof cell === "string" && isOutOfRange(column, cell))
    return refusal("OUT_OF_RANGE", `${cell} does not fit into column "${name}", which is ${declared}`, name);
  return null;
}

function refusal(reason: RowRefusal["reason"], message: string, column: string): RowRefusal {
  return { reason, message, column };
}

function lengthOf(cell: NonNullable<Cell>): string {
  return typeof cell === "string" ? `${[...cell].length} characters` : `${cell.length} bytes`;
}

/** Blanks at the end of a text do not count: servers cut them off. */
function isTooLong({ type, maxLength, keyKind, dataType }: SqlTableColumn, cell: NonNullable<Cell>): boolean {
  if (maxLength === null || /^(?:var)?bit$/.test(dataType)) return false;
  if (typeof cell !== "string") return type === "bytes" && cell.length > maxLength;
  if (type !== "string" || (keyKind !== null && keyKind !== "text")) return false;
  // Most texts are shorter in any unit.
  return cell.length > maxLength && [...cutEnd(cell, / /)].length > maxLength;
}

/** Bits of the integers of all systems that have one of this name. A TINYINT has a sign in some only. */
const integerBits: Readonly<Record<string, number>> = {
  ...{ smallint: 16, int2: 16, mediumint: 24, int: 32, integer: 32, int4: 32, bigint: 64, int8: 64 },
};

/** More than any of them holds: to read a longer number would take long. */
const MOST_DIGITS = 20;

function isOutOfRange({ dataType, declared, precision, scale }: SqlTableColumn, text: string): boolean {
  const [, sign = "", written = ""] = /^([+-]?)(\d+)(?:\.\d+)?$/.exec(text) ?? [];
  if (written === "") return false;
  const digits = written.replace(/^0+(?=\d)/, "");
  const bits = own(integerBits, dataType);
  if (bits !== undefined)
    return digits.length > MOST_DIGITS || beyondBits(BigInt(`${sign === "-" ? "-" : ""}${digits}`), bits, declared);
  if (!/^(?:decimal|numeric|number)$/.test(dataType) || precision === null) return false;
  return digits !== "0" && digits.length > precision - (scale ?? 0);
}

function beyondBits(value: bigint, bits: number, declared: string): boolean {
  if (/unsigned/.test(declared)) return value < 0n || value >= 1n << BigInt(bits);
  const end = 1n << BigInt(bits - 1);
  return value < -end || value >= end;
}
