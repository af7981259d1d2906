import { convertCell } from "../../../../model/convert.js";
import type { SqlTargetColumn } from "../target-plan.js";
import { areDigits, type CellRule, neverRule, outOfRange, type RuleMaker } from "./cell-rule.js";
import { anyLong, emptyBytes } from "./number-rule.js";

const MINUS = 0x2d;

/** Smallest and largest value that a type holds. */
export type IntegerBounds = readonly [low: bigint, high: bigint];

/**
 * Integers within bounds. The server would refuse what does not fit as well, each with a repeat of its neighbours, or worse.
 *
 * @param boundsOf  of a type by its name
 */
export function boundedIntegerRule<C extends SqlTargetColumn>(
  boundsOf: (dataType: string) => IntegerBounds,
): RuleMaker<C> {
  return (source, { dataType }, setting) => {
    if (source.type === "bytes") return neverRule(source, "long", setting.options);
    const [low, high] = boundsOf(dataType);
    const isAnything = source.type !== "long";
    // As many digits as certainly fit.
    const safe = String(high).length - 1;
    const isWhole = (data: Buffer, from: number, to: number) =>
      areDigits(data, data[from] === MINUS ? from + 1 : from, to);
    const fits = (text: string) => BigInt(text) >= low && BigInt(text) <= high;
    const toLong = anyLong(setting.options);
    const isFine: CellRule["isFine"] = (data, from, to) =>
      source.type !== "bool" &&
      source.type !== "date" &&
      isWhole(data, from, to) &&
      ((to - from <= safe && (low !== 0n || data[from] !== MINUS)) || fits(data.toString("latin1", from, to)));
    return {
      fineBytes: isAnything ? emptyBytes(source, setting) : low === 0n ? 0 : safe,
      isFine,
      convert(cell) {
        const found = convertCell(cell, source.type, toLong);
        if (!found.ok || typeof found.cell !== "string" || fits(found.cell)) return found;
        return outOfRange(cell, `is beyond ${dataType}, which holds ${low} to ${high}`);
      },
    };
  };
}
