import { convertCell } from "../../model/convert.js";
import { areDigits, neverRule, outOfRange, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import { anyLong, emptyBytes } from "../sql/write/rules/number-rule.js";

/** The server takes one or two digits for a year near 2000, and zero, when it is text, for 2000. */
export const yearRule: RuleMaker = (source, _target, setting) => {
  if (source.type === "bytes") return neverRule(source, "long", setting.options);
  const toLong = anyLong(setting.options);
  return {
    fineBytes: emptyBytes(source, setting),
    isFine: (data, from, to) => to - from === 4 && areDigits(data, from, to) && data[from] !== 0x30,
    convert(cell) {
      const found = convertCell(cell, source.type, toLong);
      if (!found.ok || found.cell === null) return found;
      const year = Number(found.cell);
      if (year === 0) return { ok: true, cell: "0000" };
      if (year > 1900 && year < 2156) return { ok: true, cell: String(year) };
      return outOfRange(cell, "is no year from 1901 to 2155, nor 0");
    },
  };
};
