import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { own } from "../../model/own.js";
import { boundedIntegerRule, type IntegerBounds } from "../sql/write/rules/bounded-integer-rule.js";
import { type CellRule, neverRule, notConverted, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import { emptyBytes } from "../sql/write/rules/number-rule.js";
import type { PostgresqlTarget } from "./target-column.js";

const MINUS = 0x2d;
const POINT = 0x2e;

/** Smallest and largest value by the name of the type. */
const bounds: Readonly<Record<string, IntegerBounds>> = {
  int2: [-32_768n, 32_767n],
  int4: [-2_147_483_648n, 2_147_483_647n],
  int8: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
  oid: [0n, 4_294_967_295n],
};

/** Integers. */
export const postgresqlIntegerRule: RuleMaker<PostgresqlTarget> = boundedIntegerRule(
  (dataType) => own(bounds, dataType) ?? [0n, 0n],
);

/** `numeric` and `money`. The server rounds to the declared digits without a word. */
export const postgresqlDecimalRule: RuleMaker<PostgresqlTarget> = (source, target, setting) => {
  const { scale } = target;
  if (source.type === "bytes" || source.type === "date") return neverRule(source, "double", setting.options);
  if (source.type === "long" && (scale === null || scale >= 0)) return null;
  if (source.type === "double" && scale === null) return null;
  const toDouble: Conversion = { to: "double", options: setting.options };
  return {
    fineBytes: emptyBytes(source, setting),
    isFine: source.type === "bool" ? () => false : plainDecimal(scale),
    convert: (cell) => keptDigits(convertCell(cell, source.type, toDouble), target),
  };
};

/** `real` and `double precision` take the nearest number they have, and know NaN and infinities. */
export const floatRule: RuleMaker<PostgresqlTarget> = (source, _target, setting) => {
  if (source.type === "bytes" || source.type === "date") return neverRule(source, "double", setting.options);
  if (source.type === "long" || source.type === "double") return null;
  const toDouble: Conversion = { to: "double", options: setting.options };
  return {
    fineBytes: emptyBytes(source, setting),
    isFine: source.type === "bool" ? () => false : plainDecimal(null),
    convert: (cell) => convertCell(cell, source.type, toDouble),
  };
};

/** The server would take `yes`, `on` and `1` for true. */
export const boolRule: RuleMaker<PostgresqlTarget> = (source, _target, { options }) => {
  if (source.type === "bool") return null;
  if (source.type !== "long" && source.type !== "string") return neverRule(source, "bool", options);
  const toBool: Conversion = { to: "bool", options };
  return { fineBytes: -1, isFine: () => false, convert: (cell) => convertCell(cell, source.type, toBool) };
};

function keptDigits(found: Converted, { scale, dataType }: PostgresqlTarget): Converted {
  if (!found.ok || typeof found.cell !== "string" || scale === null || !/\d/.test(found.cell)) return found;
  const digits = lastPlace(found.cell);
  if (digits <= scale) return found;
  const why = `has ${digits} digits behind the point, the ${dataType} keeps ${scale}; widen it, or round at the source`;
  return notConverted(found.cell, why);
}

/** The place of the last digit that says something: 2 for `1.250`, 3 for `1.5e-2`, -2 for `1200`. */
function lastPlace(text: string): number {
  const [, whole = "", fraction = "", exponent = "0"] = /^[+-]?(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = whole + fraction;
  let last = digits.length;
  while (last > 0 && digits[last - 1] === "0") last--;
  return last === 0 ? Number.NEGATIVE_INFINITY : last - whole.length - Number(exponent);
}

/** Plain digits with a point somewhere between them, and not too many behind it. */
function plainDecimal(scale: number | null): CellRule["isFine"] {
  const most = scale ?? Number.POSITIVE_INFINITY;
  return (data, from, to) => {
    const start = data[from] === MINUS ? from + 1 : from;
    let point = -1;
    for (let i = start; i < to; i++) {
      const byte = data[i] ?? 0;
      if (byte === POINT && point < 0) point = i;
      else if (byte < 0x30 || byte > 0x39) return false;
    }
    return start < to && point !== start && point !== to - 1 && (point < 0 ? most >= 0 : to - point - 1 <= most);
  };
}
