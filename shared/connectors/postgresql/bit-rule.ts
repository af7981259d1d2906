import { type Converted, convertCell } from "../../model/convert.js";
import { notConverted, outOfRange, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import { anyLong } from "../sql/write/rules/number-rule.js";
import type { PostgresqlTarget } from "./target-column.js";

/**
 * `bit(n)` and `bit varying`. Text is the bits themselves. A number has as many bits as the column, bytes as well, the last one being
 * the lowest; of a `bit varying` without a length they have as many as they need.
 */
export const postgresqlBitRule: RuleMaker<PostgresqlTarget> = (source, target, { options }) => {
  if (source.type === "string") return null;
  const toLong = anyLong(options);
  return {
    fineBytes: -1,
    isFine: () => false,
    convert(cell) {
      if (Buffer.isBuffer(cell)) return bitsOf(BigInt(`0x${cell.toString("hex") || "0"}`), target, cell);
      const found = convertCell(cell, source.type, toLong);
      return found.ok && found.cell !== null ? bitsOf(BigInt(found.cell.toString()), target, cell) : found;
    },
  };
};

function bitsOf(value: bigint, { declared, dataType, maxLength }: PostgresqlTarget, cell: string | Buffer): Converted {
  if (value < 0n) return notConverted(cell, "is below zero, which bits cannot say");
  const bits = value.toString(2);
  const length = maxLength ?? bits.length;
  if (bits.length > length) return outOfRange(cell, `has more bits than ${declared}`);
  return { ok: true, cell: dataType === "varbit" ? bits : bits.padStart(length, "0") };
}
