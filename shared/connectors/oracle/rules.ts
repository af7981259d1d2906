import { isUtf8 } from "node:buffer";
import type { Column } from "../../model/batch.js";
import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { cutEnd } from "../../model/cut-end.js";
import { own } from "../../model/own.js";
import {
  type CellRule,
  neverRule,
  notConverted,
  outOfRange,
  type RuleMaker,
  type RuleSetting,
} from "../sql/write/rules/cell-rule.js";
import { decimalRule } from "../sql/write/rules/number-rule.js";
import type { OracleTarget } from "./target-column.js";

/** NUMBER keeps this many digits for certain, and rounds the others off without a word. */
const NUMBER_DIGITS = 38;
/** Decimal digits of a binary one, as Oracle counts them. */
const DIGITS_PER_BIT = 0.30103;

/** `NUMBER` and `FLOAT`. The server would round to the digits that it keeps. */
const numberRule: RuleMaker<OracleTarget> = (source, target, setting) => {
  const inner = decimalRule(source, target, setting);
  const most = target.dataType === "float" ? Math.ceil((target.precision ?? 126) * DIGITS_PER_BIT) : NUMBER_DIGITS;
  const checked = (found: Converted): Converted => {
    if (!found.ok || typeof found.cell !== "string") return found;
    if (lastPlace(found.cell) > SMALLEST_PLACE) return outOfRange(found.cell, `is too small for ${target.declared}`);
    if (significantDigits(found.cell) <= most) return found;
    return outOfRange(found.cell, `has more digits than the ${most} that ${target.declared} keeps`);
  };
  if (inner?.isHopeless) return inner;
  return {
    fineBytes: inner ? Math.min(inner.fineBytes, 0) : -1,
    // Sign and point are no digits; shorter cells without an exponent need no count.
    isFine: (data, from, to) =>
      to - from <= most && (inner?.isFine(data, from, to) ?? (data.indexOf(E, from) + 1 || to + 1) > to),
    convert: (cell) => checked(inner ? inner.convert(cell) : { ok: true, cell }),
  };
};

const E = 0x65;
/** Smaller numbers become zero without a word. */
const SMALLEST_PLACE = 130;

/** How many places behind the point the first digit of a number with an exponent stands. */
function lastPlace(text: string): number {
  const [, whole = "", fraction = "", exponent = "0"] = /^[+-]?(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = (whole + fraction).search(/[1-9]/);
  return digits < 0 ? 0 : digits + 1 - whole.length - Number(exponent);
}

function significantDigits(text: string): number {
  const digits = text.replace(/e.*$/i, "").replace(/[^\d]/g, "").replace(/^0+/, "");
  return cutEnd(digits, /0/).length;
}

/** `BINARY_FLOAT` and `BINARY_DOUBLE` take the nearest number they have, and know NaN and infinities. */
const floatRule: RuleMaker<OracleTarget> = (source, _target, setting) => {
  if (source.type === "bytes" || source.type === "date") return neverRule(source, "double", setting.options);
  const toDouble: Conversion = { to: "double", options: setting.options };
  const isNumber = source.type === "long" || source.type === "double";
  return {
    fineBytes: -1,
    // What begins with a letter has another name here.
    isFine: (data, from, to) => isNumber && to - from > 1 && (data[from] ?? 0) < A && (data[from + 1] ?? 0) < A,
    convert(cell) {
      const found = convertCell(cell, source.type, toDouble);
      if (!found.ok || typeof found.cell !== "string") return found;
      return { ok: true, cell: own(specials, found.cell.toLowerCase()) ?? found.cell };
    },
  };
};

const A = 0x41;

/** As the server's own functions read them. */
const specials: Readonly<Record<string, string>> = { infinity: "INF", "-infinity": "-INF", nan: "NAN" };

/** A date as readers deliver it. */
const shape = /^(?<day>\d{4}-\d\d-\d\d)(?: (?<time>\d\d:\d\d:\d\d)(?:\.(?<digits>\d+))?)?(?<era> BC)?$/;

/** `DATE`, which has a time of day, and `TIMESTAMP`. The server would round a second's fraction. */
const dateRule: RuleMaker<OracleTarget> = (source, target, { options }) => {
  const { type } = source;
  if (type === "double" || type === "bool" || type === "bytes") return neverRule(source, "date", options);
  const toDate: Conversion = { to: "date", options };
  const kept = target.dataType === "date" ? 0 : (target.scale ?? 6);
  return {
    fineBytes: -1,
    isFine: (data, from, to) =>
      type === "date" &&
      data[from + 4] === DASH &&
      (kept === 0 ? to - from === 19 && target.dataType === "date" : isWithin(to - from, 21, 20 + kept)),
    convert(cell) {
      if (typeof cell === "string" && type !== "long" && shape.test(cell)) return fittedDate(cell, target);
      const found = convertCell(cell, type, toDate);
      return found.ok && typeof found.cell === "string" ? fittedDate(found.cell, target) : found;
    },
  };
};

const DASH = 0x2d;

function isWithin(length: number, least: number, most: number): boolean {
  return length >= least && length <= most;
}

/** A date with time and era as the statement's format has it, if nothing is lost. */
function fittedDate(cell: string, { dataType, declared, scale }: OracleTarget): Converted {
  const parts = shape.exec(cell)?.groups;
  if (!parts) return notConverted(cell, `is no ${declared} of the years 4712 BC to 9999`);
  const { day, time = "00:00:00", digits = "", era } = parts;
  const fraction = cutEnd(digits, /0/);
  const kept = dataType === "date" ? 0 : (scale ?? 6);
  if (fraction.length > kept)
    return notConverted(cell, `has ${fraction.length} digits of a second's fraction, ${declared} keeps ${kept}`);
  const second = dataType === "date" ? "" : `.${fraction.padEnd(1, "0")}`;
  return { ok: true, cell: `${era ? "-" : ""}${day} ${time}${second}` };
}

const yearMonth = /^[+-]?\d{1,9}-\d{1,2}$/;
const daySecond = /^[+-]?\d{1,9} \d{1,2}:\d{1,2}:\d{1,2}(?:\.(\d{1,9}))?$/;

const intervalRule: RuleMaker<OracleTarget> = (source, { declared, dataType, scale }, { options }) => {
  if (source.type !== "string") return neverRule(source, "string", options);
  const isDaySecond = /second/.test(dataType);
  const convert: CellRule["convert"] = (cell) => {
    const found = (isDaySecond ? daySecond : yearMonth).exec(cell.toString());
    if (!found) return notConverted(cell, `is no ${declared}: expected ${isDaySecond ? "+1 02:03:04.5" : "+1-02"}`);
    const digits = cutEnd(found[1] ?? "", /0/).length;
    if (isDaySecond && digits > (scale ?? 6))
      return notConverted(cell, `has more digits of a second's fraction than ${declared} keeps`);
    return { ok: true, cell };
  };
  return { fineBytes: -1, isFine: () => false, convert };
};

/** Text in all its types. An empty one is NULL to Oracle, so where that may not be, the record is dirty. */
const textRule: RuleMaker<OracleTarget> = (source, target, { options, emptyAsNull }) => {
  const isBytes = source.type === "bytes";
  const toText: Conversion = { to: "string", options };
  const { maxLength, maxBytes } = target;
  const mayBeEmpty = emptyAsNull && !target.refusesNull;
  const longest = Math.min(maxLength ?? Number.POSITIVE_INFINITY, maxBytes ?? Number.POSITIVE_INFINITY);
  return {
    fineBytes: mayBeEmpty && !isBytes ? longest : -1,
    isFine: (data, from, to) =>
      (to > from || mayBeEmpty) && to - from <= longest && (!isBytes || isUtf8(data.subarray(from, to))),
    convert(cell) {
      const found: Converted = isBytes ? convertCell(cell, "bytes", toText) : { ok: true, cell };
      return found.ok && found.cell !== null ? fittedText(found.cell.toString(), target, { mayBeEmpty }) : found;
    },
  };
};

function fittedText(
  text: string,
  { declared, dataType, maxLength, maxBytes, countsCharacters, refusesNull }: OracleTarget,
  { mayBeEmpty }: { readonly mayBeEmpty: boolean },
): Converted {
  if (text === "" && !mayBeEmpty) return emptyRefused({ refusesNull });
  const kept = dataType === "char" || dataType === "nchar" ? cutEnd(text, / /) : text;
  const characters = countsCharacters ? Array.from(kept).length : 0;
  const bytes = Buffer.byteLength(kept);
  if (maxLength !== null && characters > maxLength) return tooLong(`${characters} characters`, declared);
  if (maxBytes !== null && bytes > maxBytes) return tooLong(`${bytes} bytes`, declared);
  return { ok: true, cell: kept === "" ? text : kept };
}

function emptyRefused({ refusesNull }: Pick<OracleTarget, "refusesNull">): Converted {
  const why = refusesNull ? "the column is NOT NULL" : "emptyAsNull is false";
  return { ok: false, reason: "NOT_NULL", message: `an empty text is NULL to Oracle, and ${why}` };
}

function tooLong(size: string, declared: string): Converted {
  return { ok: false, reason: "TOO_LONG", message: `the text has ${size}, ${declared} takes fewer` };
}

const bytesRule: RuleMaker<OracleTarget> = ({ type }, target, { options, emptyAsNull }) => {
  if (type !== "bytes" && type !== "string") return neverRule({ name: "", type }, "bytes", options);
  const mayBeEmpty = emptyAsNull && !target.refusesNull;
  const longest = target.maxLength ?? Number.POSITIVE_INFINITY;
  return {
    fineBytes: mayBeEmpty ? longest : -1,
    isFine: (_data, from, to) => (to > from || mayBeEmpty) && to - from <= longest,
    convert: (cell) =>
      cell.length === 0 ? emptyRefused(target) : tooLong(`${Buffer.byteLength(cell)} bytes`, target.declared),
  };
};

const boolRule: RuleMaker<OracleTarget> = (source, _target, { options }) => {
  if (source.type === "bool") return null;
  if (source.type !== "long" && source.type !== "string") return neverRule(source, "bool", options);
  const toBool: Conversion = { to: "bool", options };
  return { fineBytes: -1, isFine: () => false, convert: (cell) => convertCell(cell, source.type, toBool) };
};

const makers: Readonly<Record<string, RuleMaker<OracleTarget>>> = {
  ...{ number: numberRule, float: numberRule, binary_float: floatRule, binary_double: floatRule, boolean: boolRule },
  ...{
    date: dateRule,
    timestamp: dateRule,
    "timestamp with time zone": dateRule,
    "timestamp with local time zone": dateRule,
  },
  ...{ "interval year to month": intervalRule, "interval day to second": intervalRule },
  ...{ raw: bytesRule, blob: bytesRule, "long raw": bytesRule },
};

/** The rule of a reader's column and the column that it goes into; null = all cells may go as they are. */
export function oracleRuleOfPair(source: Column, target: OracleTarget, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? textRule)(source, target, setting);
}
