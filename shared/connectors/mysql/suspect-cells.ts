import { own } from "../../model/own.js";
import type { MysqlTarget } from "./target-column.js";

/**
 * A cheap look at a cell that tells whether the server will surely take it. It decides only which rows travel singly through a strict INSERT;
 * the server has the last word on them, so a wrong suspicion costs a round trip and nothing else.
 */
export interface CellGuard {
  /** Cells of up to this many bytes are fine without a look. */
  readonly fineBytes: number;
  /** Looks at a longer cell. */
  isFine(data: Buffer, from: number, to: number): boolean;
}

const anything: CellGuard = { fineBytes: Number.MAX_SAFE_INTEGER, isFine: () => true };

const integerBits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 };

/** The guard of a column. */
export function guardOf(column: MysqlTarget): CellGuard {
  if (column.form === "bit") return { fineBytes: -1, isFine: isBitText };
  if (column.form === "bool") return anything;
  const bits = own(integerBits, column.dataType);
  if (bits !== undefined) return integerGuard(bits, column);
  if (column.wholeDigits !== null) return decimalGuard(column.wholeDigits, column);
  if (column.isForeignText) return { fineBytes: 0, isFine: (data, from, to) => numberShape(data, from, to) !== "none" };
  return lengthGuard(column);
}

function lengthGuard({ dataType, maxLength, form }: MysqlTarget): CellGuard {
  if (maxLength === null) return anything;
  if (dataType === "varchar" || dataType === "char") {
    return { fineBytes: maxLength, isFine: (data, from, to) => characters(data, from, to) <= maxLength };
  }
  if (form === "hex" && /binary$/.test(dataType)) return { fineBytes: maxLength, isFine: () => false };
  return anything;
}

function integerGuard(bits: number, { isUnsigned, isForeignText }: MysqlTarget): CellGuard {
  const span = 1n << BigInt(bits);
  const low = isUnsigned ? 0n : -(span / 2n);
  const high = isUnsigned ? span - 1n : span / 2n - 1n;
  const fits = (data: Buffer, from: number, to: number): boolean => {
    const shape = numberShape(data, from, to);
    if (shape !== "whole") return shape === "fraction";
    const value = BigInt(data.toString("latin1", from, to));
    return value >= low && value <= high;
  };
  // As many digits as certainly fit; a sign takes one of them.
  const safe = String(high).length - 1;
  return {
    fineBytes: isForeignText || isUnsigned ? 0 : safe,
    isFine: (data, from, to) => (to - from <= safe && areDigits(data, from, to)) || fits(data, from, to),
  };
}

function decimalGuard(wholeDigits: number, { isForeignText }: MysqlTarget): CellGuard {
  const isFine = (data: Buffer, from: number, to: number): boolean => {
    if (numberShape(data, from, to) === "none") return false;
    let digits = 0;
    for (let i = from; i < to && data[i] !== 0x2e; i++) if (isDigit(data[i])) digits++;
    return digits <= wholeDigits;
  };
  return { fineBytes: isForeignText ? 0 : wholeDigits, isFine };
}

function areDigits(data: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isDigit(data[i])) return false;
  return true;
}

/** Only plain digits are recognised: what else the server understands as a number is for the server to say. */
function numberShape(data: Buffer, from: number, to: number): "whole" | "fraction" | "none" {
  let i = data[from] === 0x2d ? from + 1 : from;
  if (i >= to) return "none";
  let hasPoint = false;
  for (; i < to; i++) {
    if (data[i] === 0x2e && !hasPoint) hasPoint = true;
    else if (!isDigit(data[i])) return "none";
  }
  return hasPoint ? "fraction" : "whole";
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isBitText(data: Buffer, from: number, to: number): boolean {
  if (to > from && to - from <= 20 && areDigits(data, from, to)) return true;
  return /^(true|false)$/i.test(data.toString("latin1", from, Math.min(to, from + 6)));
}

function characters(data: Buffer, from: number, to: number): number {
  let count = 0;
  // Bytes that continue a UTF-8 character are no character of their own.
  for (let i = from; i < to; i++) if (((data[i] ?? 0) & 0xc0) !== 0x80) count++;
  return count;
}
