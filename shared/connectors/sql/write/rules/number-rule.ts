import type { Column } from "../../../../model/batch.js";
import { type Conversion, type Converted, type ConvertOptions, convertCell } from "../../../../model/convert.js";
import { cutEnd } from "../../../../model/cut-end.js";
import type { SqlTargetColumn } from "../target-plan.js";
import { areDigits, type CellRule, neverRule, notConverted, type RuleMaker, type RuleSetting } from "./cell-rule.js";

const MINUS = 0x2d;
const POINT = 0x2e;

/** Integers of any size: the server knows their bounds, and strictly refuses what is beyond them. */
export const integerRule: RuleMaker = (source, _target, setting) => {
  const { options } = setting;
  if (source.type === "long") return null;
  if (source.type === "bytes") return neverRule(source, "long", options);
  const isFine = source.type === "string" || source.type === "double" ? isPlainInteger : () => false;
  const toLong = anyLong(options);
  const convert: CellRule["convert"] = (cell) => convertCell(cell, source.type, toLong);
  return { fineBytes: emptyBytes(source, setting), isFine, convert };
};

/** Decimals, floats and doubles. Servers round to the declared digits without a word that a client hears. */
export const decimalRule: RuleMaker = (source, target, setting) => {
  const { options } = setting;
  if (source.type === "bytes" || source.type === "date") return neverRule(source, "double", options);
  const { scale } = target;
  if (source.type === "long" || (source.type === "double" && scale === null)) return null;
  const isFine = source.type === "bool" ? () => false : plainDecimal(scale);
  const toDouble: Conversion = { to: "double", options };
  return {
    fineBytes: emptyBytes(source, setting),
    isFine,
    convert: (cell) => asDecimal(convertCell(cell, source.type, toDouble), target),
  };
};

/** What `fineBytes` is where an empty text may mean NULL. */
export function emptyBytes({ type }: Column, { emptyAsNull }: RuleSetting): CellRule["fineBytes"] {
  return type === "string" && emptyAsNull ? 0 : -1;
}

/** Cells become whole numbers of any size. */
export function anyLong(options: ConvertOptions): Conversion {
  return { to: "long", options: { ...options, longRange: "any" } };
}

function asDecimal(found: Converted, target: SqlTargetColumn): Converted {
  if (!found.ok || typeof found.cell !== "string") return found;
  const text = found.cell;
  if (!/\d/.test(text)) return notConverted(text, `is no number that a ${target.dataType} can hold`);
  const { scale } = target;
  const digits = scale === null ? 0 : fractionDigits(text);
  if (scale === null || digits <= scale) return { ok: true, cell: plainText(text) };
  return notConverted(
    text,
    `has ${digits} digits behind the point, the column keeps ${scale}; widen it, or round at the source`,
  );
}

/** Digits behind the point that say something: 2 for `1.250`, 3 for `1.5e-2`. */
function fractionDigits(text: string): number {
  const [, whole = "", fraction = "", exponent = "0"] = /^[+-]?(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const significant = cutEnd(whole + fraction, /0/);
  return significant === "" ? 0 : Math.max(0, significant.length - whole.length - Number(exponent));
}

/** Without what servers may stumble over: a plus, a point at an end. */
function plainText(text: string): string {
  return text
    .replace(/^\+/, "")
    .replace(/^(-?)\./, "$10.")
    .replace(/\.(?=e|$)/i, "");
}

function isPlainInteger(data: Buffer, from: number, to: number): boolean {
  return areDigits(data, data[from] === MINUS ? from + 1 : from, to);
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
    return start < to && point !== start && point !== to - 1 && (point < 0 || to - point - 1 <= most);
  };
}
