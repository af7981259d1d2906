import type { Cell, ColumnType } from "../../model/batch.js";
import { convertCell } from "../../model/convert.js";
import { dateOfEpochMs, dateToEpochMs } from "../../model/dates.js";
import { zoneOf } from "../../model/zones.js";
import type { Random } from "./random.js";

/** How a generated column looks: a constant, or random values within bounds. */
export interface ColumnSpec {
  readonly type: ColumnType;
  /** The constant as text; wins over `random`. */
  readonly value?: string | undefined;
  /** `least,most`: of the value for long, double and date, of the length for string and bytes, weights of false and true for bool. */
  readonly random?: string | undefined;
  /** Pattern of the dates in `value` and `random`. */
  readonly dateFormat: string;
}

/** Makes the cell of one row. */
export type CellMaker = (random: Random) => Cell;

/** What is wrong with a column, and with which of its fields. */
export interface ColumnProblem {
  readonly field: "value" | "random";
  readonly message: string;
}

/** Makes the maker of a column, or tells what is wrong with it. */
export function cellMaker(spec: ColumnSpec): CellMaker | ColumnProblem {
  if (spec.value !== undefined) return constant(spec, spec.value);
  if (spec.random === undefined) return { field: "value", message: "required, unless random is given" };
  const [least, most, ...rest] = spec.random.split(",").map((bound) => bound.trim());
  const maker = least && most && rest.length === 0 ? makers[spec.type](least, most, spec) : null;
  return maker ?? { field: "random", message: `"${spec.random}" is not ${expectations[spec.type]}` };
}

/** True when every row gets the same cell. */
export function isConstant(spec: ColumnSpec): boolean {
  return spec.value !== undefined;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const expectations: Readonly<Record<ColumnType, string>> = {
  string: "two lengths such as 5,10",
  bytes: "two lengths such as 5,10",
  long: "two whole numbers such as 1,100",
  double: "two numbers such as 0.5,1.5",
  bool: "two weights, of false and of true, such as 1,3",
  date: "two dates in the column's dateFormat",
};

type RangeMaker = (least: string, most: string, spec: ColumnSpec) => CellMaker | null;

/** Each answers null when the bounds do not fit the type or stand in the wrong order. */
const makers: Readonly<Record<ColumnType, RangeMaker>> = {
  string: (least, most) => textMaker(least, most),
  bytes: (least, most) => {
    const text = textMaker(least, most);
    return text && ((random) => Buffer.from(text(random)));
  },
  long: longMaker,
  double: (least, most) => {
    const [from, to] = [Number(least), Number(most)];
    return from <= to && Number.isFinite(to - from) ? (random) => String(from + random.fraction() * (to - from)) : null;
  },
  bool: (least, most) => {
    const [ofFalse, ofTrue] = [Number(least), Number(most)];
    if (!(ofFalse >= 0 && ofTrue >= 0 && ofFalse + ofTrue > 0)) return null;
    return (random) => String(random.fraction() * (ofFalse + ofTrue) >= ofFalse);
  },
  date: dateMaker,
};

function constant(spec: ColumnSpec, value: string): CellMaker | ColumnProblem {
  const converted = convertCell(value, "string", { to: spec.type, options: { dateFormat: spec.dateFormat } });
  if (!converted.ok) return { field: "value", message: converted.message };
  return () => converted.cell;
}

function textMaker(least: string, most: string): ((random: Random) => string) | null {
  const [from, to] = [Number(least), Number(most)];
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to)) return null;
  return (random) => {
    let text = "";
    for (let left = from + random.below(to - from + 1); left > 0; left--) text += LETTERS[random.below(LETTERS.length)];
    return text;
  };
}

function longMaker(least: string, most: string): CellMaker | null {
  if (!/^-?\d+$/.test(least) || !/^-?\d+$/.test(most)) return null;
  const [from, to] = [BigInt(least), BigInt(most)];
  if (from > to) return null;
  const [first, count] = [Number(from), Number(to - from + 1n)];
  if (Number.isSafeInteger(first) && Number.isSafeInteger(first + count)) {
    return (random) => String(first + random.below(count));
  }
  return (random) => String(from + (random.bits64() % (to - from + 1n)));
}

function dateMaker(least: string, most: string, { dateFormat }: ColumnSpec): CellMaker | null {
  // Bounds and results are in the same zone, so any will do, and the one without summer time loses no hour.
  const utc = zoneOf("UTC");
  const [from, to] = [least, most].map((bound) => {
    const date = convertCell(bound, "string", { to: "date", options: { dateFormat, timeZone: "UTC" } });
    return date.ok && typeof date.cell === "string" && utc ? dateToEpochMs(date.cell, utc) : null;
  });
  if (from == null || to == null || !utc || from > to) return null;
  return (random) => dateOfEpochMs(from + random.below(to - from + 1), utc);
}
