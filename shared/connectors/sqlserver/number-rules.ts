import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { cutEnd } from "../../model/cut-end.js";
import { own } from "../../model/own.js";
import { boundedIntegerRule, type IntegerBounds } from "../sql/write/rules/bounded-integer-rule.js";
import {
  areDigits,
  type CellRule,
  neverRule,
  notConverted,
  outOfRange,
  type RuleMaker,
} from "../sql/write/rules/cell-rule.js";
import { emptyBytes } from "../sql/write/rules/number-rule.js";
import type { SqlserverTarget } from "./target-column.js";

const MINUS = 0x2d;
const POINT = 0x2e;

const bounds: Readonly<Record<string, IntegerBounds>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

const bounded = boundedIntegerRule<SqlserverTarget>((dataType) => own(bounds, dataType) ?? [0n, 0n]);

/** Integers. Whatever the reader says of its columns, each cell is looked at: the server ends the whole transaction over one that is none. */
export const sqlserverIntegerRule: RuleMaker<SqlserverTarget> = (source, target, setting) =>
  bounded(source.type === "long" ? { ...source, type: "string" } : source, target, setting);

/** Ten-thousandths. */
const moneyBounds: Readonly<Record<string, IntegerBounds>> = {
  money: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
  smallmoney: [-2_147_483_648n, 2_147_483_647n],
};

/** Most digits before the point of a money that are certainly within its bounds. */
const safeMoneyDigits: Readonly<Record<string, number>> = { money: 14, smallmoney: 5 };

/**
 * `decimal`, `numeric`, `money` and `smallmoney`. The server would round to the declared digits without a word, takes no exponent, and ends the
 * whole transaction over a number that is too large.
 */
export const sqlserverDecimalRule: RuleMaker<SqlserverTarget> = (source, target, setting) => {
  if (source.type === "bytes" || source.type === "date") return neverRule(source, "double", setting.options);
  const { precision, dataType } = target;
  const scale = target.scale ?? 0;
  const whole = precision === null ? (own(safeMoneyDigits, dataType) ?? 0) : precision - scale;
  const toDouble: Conversion = { to: "double", options: setting.options };
  return {
    fineBytes: emptyBytes(source, setting),
    isFine: source.type === "bool" ? () => false : (data, from, to) => isPlain(data, { from, to, whole, scale }),
    convert: (cell) => kept(convertCell(cell, source.type, toDouble), target),
  };
};

/** Plain digits, not too many before the point nor behind it. */
function isPlain(
  data: Buffer,
  {
    from,
    to,
    whole,
    scale,
  }: { readonly from: number; readonly to: number; readonly whole: number; readonly scale: number },
): boolean {
  const start = data[from] === MINUS ? from + 1 : from;
  const found = data.subarray(start, to).indexOf(POINT);
  const end = found < 0 ? to : start + found;
  if (end - start > whole || !areDigits(data, start, end)) return false;
  return found < 0 || (to - end - 1 <= scale && areDigits(data, end + 1, to));
}

function kept(found: Converted, { scale, precision, dataType, declared }: SqlserverTarget): Converted {
  if (!found.ok || typeof found.cell !== "string") return found;
  const text = plainDigits(found.cell);
  if (text === null) return notConverted(found.cell, `is no number that a ${dataType} can hold`);
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const most = scale ?? 0;
  if (fraction.length > most)
    return notConverted(
      found.cell,
      `has ${fraction.length} digits behind the point, ${declared} keeps ${most}; widen it, or round at the source`,
    );
  const limits = own(moneyBounds, dataType);
  const fits = limits
    ? within(BigInt(`${sign}${whole}${fraction.padEnd(most, "0")}`), limits)
    : whole === "0" || whole.length <= (precision ?? 38) - most;
  return fits ? { ok: true, cell: text } : outOfRange(found.cell, `is beyond ${declared}`);
}

function within(value: bigint, [low, high]: IntegerBounds): boolean {
  return value >= low && value <= high;
}

/** Longer numbers than any column holds are none, however short they are written. */
const MOST_EXPONENT = 400;

/** `1.5e-2` as `0.015`, without zeros that say nothing; null = no number. */
function plainDigits(text: string): string | null {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  if (!parts || Math.abs(Number(parts[4] ?? 0)) > MOST_EXPONENT) return null;
  const [, sign, before = "", behind = "", exponent = "0"] = parts;
  const digits = before + behind;
  if (digits === "") return null;
  const point = before.length + Number(exponent);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const fraction = cutEnd(point < 0 ? "0".repeat(-point) + digits : digits.slice(point), /0/);
  const short = whole.replace(/^0+(?=\d)/, "");
  return `${sign === "-" ? "-" : ""}${short}${fraction === "" ? "" : `.${fraction}`}`;
}

/** `float` and `real` take the nearest number they have; the server knows neither NaN nor infinities. */
export const sqlserverFloatRule: RuleMaker<SqlserverTarget> = (source, { declared, dataType }, setting) => {
  if (source.type === "bytes" || source.type === "date") return neverRule(source, "double", setting.options);
  const toDouble: Conversion = { to: "double", options: setting.options };
  const place = { whole: 38, scale: 38 };
  return {
    fineBytes: emptyBytes(source, setting),
    isFine: source.type === "bool" ? () => false : (data, from, to) => isPlain(data, { from, to, ...place }),
    convert(cell) {
      const found = convertCell(cell, source.type, toDouble);
      if (!found.ok || typeof found.cell !== "string") return found;
      const number = dataType === "real" ? Math.fround(Number(found.cell)) : Number(found.cell);
      return Number.isFinite(number) ? found : outOfRange(cell, `is no number that a ${declared} can hold`);
    },
  };
};

/** The server would take any number and any text of digits. */
export const sqlserverBitRule: RuleMaker<SqlserverTarget> = (source, _target, { options }) => {
  const { type } = source;
  if (type !== "bool" && type !== "long" && type !== "string") return neverRule(source, "bool", options);
  const toBool: Conversion = { to: "bool", options };
  const convert: CellRule["convert"] = (cell) => convertCell(cell, type === "bool" ? "string" : type, toBool);
  return { fineBytes: -1, isFine: () => false, convert };
};
