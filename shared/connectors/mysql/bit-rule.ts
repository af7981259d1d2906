import type { Converted } from "../../model/convert.js";
import { areDigits, neverRule, notConverted, outOfRange, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import type { MysqlTarget } from "./target-column.js";

/**
 * BIT(n) is a number of n bits, and BIT(1) a truth value as well. The server would take text for the bits of its letters:
 * `1` for 49. So numbers and text that is digits are that number, in BIT(1) any number but 0 is true, and bytes are the bits.
 */
export const mysqlBitRule: RuleMaker<MysqlTarget> = (source, target, { options }) => {
  const { type } = source;
  const bits = target.bits ?? 1;
  const isBits = /^bit\(/i.test(source.nativeType ?? "");
  if (type === "double" || type === "date") return neverRule(source, bits === 1 ? "bool" : "bytes", options);
  if (type === "bytes" && bits === 1 && !isBits) return neverRule(source, "bool", options);
  if (type === "bool") return null;
  // PostgreSQL's `bit(n)` and `bit varying`, which deliver the bits as text.
  const isBitText = type === "string" && /^bit\b/i.test(source.nativeType ?? "");
  const width = { bits, isExact: !isBits };
  return {
    fineBytes: -1,
    isFine: type === "bytes" ? () => false : isOneDigit,
    convert(cell) {
      if (typeof cell !== "string") return ofBytes(cell, width);
      return isBitText ? ofBitText(cell, bits) : ofText(cell, { isLong: type === "long", bits });
    },
  };
};

/** 0 and 1 fit any number of bits. */
function isOneDigit(data: Buffer, from: number, to: number): boolean {
  return to - from === 1 && areDigits(data, from, to) && (data[from] ?? 0) < 0x32;
}

function ofBitText(cell: string, bits: number): Converted {
  return /^[01]+$/.test(cell) ? within(BigInt(`0b${cell}`), cell, bits) : notConverted(cell, "is no text of bits");
}

function ofText(cell: string, { isLong, bits }: { isLong: boolean; bits: number }): Converted {
  const truth = cell.toLowerCase();
  if (!isLong && (truth === "true" || truth === "false")) return { ok: true, cell: truth === "true" ? "1" : "0" };
  if (isLong && bits === 1 && /^-?\d+$/.test(cell)) return { ok: true, cell: /[1-9]/.test(cell) ? "1" : "0" };
  if (!/^-?\d+$/.test(cell)) return notConverted(cell, "is neither true, false nor a whole number");
  return within(BigInt(cell), cell, bits);
}

/** Bytes that are no bits of another column must be as many as the column has. */
function ofBytes(cell: Buffer, { bits, isExact }: { bits: number; isExact: boolean }): Converted {
  const bytes = Math.ceil(bits / 8);
  if (isExact && cell.length !== bytes) return notConverted(cell, `is not of ${bytes} bytes, which BIT(${bits}) takes`);
  return within(BigInt(`0x0${cell.toString("hex")}`), cell, bits);
}

function within(value: bigint, cell: string | Buffer, bits: number): Converted {
  if (value >= 0n && value < 1n << BigInt(bits)) return { ok: true, cell: String(value) };
  return outOfRange(cell, `does not fit into ${bits} ${bits === 1 ? "bit" : "bits"}`);
}
