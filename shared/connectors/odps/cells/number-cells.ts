import { cutEnd } from "../../../model/cut-end.js";
import { odpsTypeName } from "../wire/column-type.js";
import {
  putBigint,
  putByte,
  putBytes,
  putDouble,
  putField,
  putFloat,
  putInteger,
  reserve,
  type Sink,
} from "../wire/sink.js";
import { type CellEncoder, type CellRefusal, converted, isRefusal, type Pair, unfit } from "./cell-encoder.js";

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Bounds of each integer type; BIGINT has no -2^63. */
const bits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, int: 32, bigint: 64 };

/** Digits that a JavaScript number holds whatever they are. */
const SAFE_DIGITS = 15;

/** Writes integers. */
export function integerCell(pair: Pair): CellEncoder {
  const { target, source } = pair;
  const width = bits[target.type.kind] ?? 64;
  const most = 2n ** BigInt(width - 1) - 1n;
  const least = width === 64 ? -most : -most - 1n;
  const [top, bottom] = [Number(most), Number(least)];
  const isText = source.type === "long" || source.type === "string" || source.type === "double";
  const slow = slowInteger(pair, { least, most });
  return (sink, data, from, to) => {
    const start = data[from] === MINUS ? from + 1 : from;
    const digits = to - start;
    if (!isText || digits > SAFE_DIGITS || digits === 0) return slow(sink, data, from, to);
    let value = 0;
    for (let at = start; at < to; at++) {
      const digit = (data[at] as number) - ZERO; // within the cell
      if (digit < 0 || digit > 9) return slow(sink, data, from, to);
      value = value * 10 + digit;
    }
    if (start !== from) value = 0 - value;
    if (value > top || value < bottom) return slow(sink, data, from, to);
    putField(sink, target.number, 0);
    putInteger(sink, value);
    return undefined;
  };
}

function slowInteger(pair: Pair, { least, most }: { least: bigint; most: bigint }): CellEncoder {
  const { target } = pair;
  const name = odpsTypeName(target.type).toUpperCase();
  return (sink, data, from, to) => {
    const found = converted(data, pair, { from, to, type: "long" });
    if (isRefusal(found)) return found;
    const value = BigInt(String(found));
    if (value < least || value > most) return unfit("OUT_OF_RANGE", String(found), `is out of the range of ${name}`);
    putField(sink, target.number, 0);
    putBigint(sink, value);
    return undefined;
  };
}

/** Writes truth values. */
export function booleanCell(pair: Pair): CellEncoder {
  const { target, source } = pair;
  return (sink, data, from, to) => {
    const found = source.type === "bool" ? null : converted(data, pair, { from, to, type: "bool" });
    if (isRefusal(found)) return found;
    const isTrue = found === null ? data[from] === 0x74 : found === "true";
    putField(sink, target.number, 0);
    putByte(sink, isTrue ? 1 : 0);
    return undefined;
  };
}

/** Powers of ten that a double holds exactly. */
const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Writes DOUBLE and FLOAT: the nearest number they have. */
export function floatingCell(pair: Pair): CellEncoder {
  const { target } = pair;
  const isDouble = target.type.kind === "double";
  const isPlain = pair.source.type !== "bool" && pair.source.type !== "bytes" && pair.source.type !== "date";
  return (sink, data, from, to) => {
    const plain = isPlain ? plainNumber(data, from, to) : Number.NaN;
    const value = Number.isNaN(plain) ? slowNumber(pair, data, { from, to }) : plain;
    if (typeof value !== "number") return value;
    const digits = () => data.toString("utf8", from, to);
    if (isDouble) {
      putField(sink, target.number, 1);
      putDouble(sink, value);
    } else {
      const single = Math.fround(value);
      if (!Number.isFinite(single) && Number.isFinite(value))
        return unfit("OUT_OF_RANGE", digits(), "is out of the range of FLOAT");
      putField(sink, target.number, 5);
      putFloat(sink, single);
    }
    return undefined;
  };
}

/** At most 15 digits with a point between them: an integer divided by a power of ten, which is rounded rightly. NaN = look closer. */
function plainNumber(data: Buffer, from: number, to: number): number {
  const start = data[from] === MINUS ? from + 1 : from;
  if (to - start > SAFE_DIGITS + 1 || to === start) return Number.NaN;
  let value = 0;
  let point = -1;
  for (let at = start; at < to; at++) {
    const byte = data[at] as number; // within the cell
    if (byte === POINT && point < 0) point = at;
    else if (byte < ZERO || byte > ZERO + 9) return Number.NaN;
    else value = value * 10 + (byte - ZERO);
  }
  if (point === start || point === to - 1 || (point < 0 && to - start > SAFE_DIGITS)) return Number.NaN;
  if (point >= 0) value /= powers[to - point - 1] as number; // at most 14 digits behind the point
  return start === from ? value : -value;
}

function slowNumber(pair: Pair, data: Buffer, { from, to }: { from: number; to: number }): number | CellRefusal {
  const found = converted(data, pair, { from, to, type: "double" });
  if (isRefusal(found)) return found;
  const text = String(found);
  const value = Number(text);
  if (Number.isNaN(value) && text !== "NaN") return unfit("CONVERSION", text, "is not a number");
  if (!Number.isFinite(value) && /\d/.test(text)) return unfit("OUT_OF_RANGE", text, "is out of the range of DOUBLE");
  return value;
}

/** Writes decimals as plain text. More digits behind the point than the column keeps are refused unless they are zeros. */
export function decimalCell(pair: Pair): CellEncoder {
  const { target } = pair;
  const { type } = target;
  if (type.kind !== "decimal") throw new TypeError(`not a decimal: ${type.kind}`);
  const scale = type.scale;
  const whole = type.precision - scale;
  const isPlain = pair.source.type !== "bool" && pair.source.type !== "bytes" && pair.source.type !== "date";
  return (sink, data, from, to) => {
    if (!isPlain || !fits(data, { from, to, whole, scale })) return slowDecimal(pair, { sink, data, from, to });
    putField(sink, target.number, 2);
    putBytes(sink, data, from, to);
    return undefined;
  };
}

interface Digits {
  readonly from: number;
  readonly to: number;
  /** Most digits before the point, and behind it. */
  readonly whole: number;
  readonly scale: number;
}

/** Plain digits with a point between them, and not too many on either side; without zeros in front that do not belong. */
function fits(data: Buffer, { from, to, whole, scale }: Digits): boolean {
  const start = data[from] === MINUS ? from + 1 : from;
  let point = to;
  for (let at = start; at < to; at++) {
    const byte = data[at] as number; // within the cell
    if (byte === POINT && point === to) point = at;
    else if (byte < ZERO || byte > ZERO + 9) return false;
  }
  const before = point - start;
  const isShort = before === 1 ? whole > 0 || data[start] === ZERO : before <= whole && data[start] !== ZERO;
  return before > 0 && isShort && point !== to - 1 && to - point - 1 <= scale;
}

function slowDecimal(
  pair: Pair,
  { sink, data, from, to }: { sink: Sink; data: Buffer; from: number; to: number },
): ReturnType<CellEncoder> {
  const found = converted(data, pair, { from, to, type: "double" });
  if (isRefusal(found)) return found;
  const text = String(found);
  const made = decimalText(text, pair.target.type as { precision: number; scale: number }); // decimalCell has looked
  if (isRefusal(made)) return made;
  const bytes = Buffer.from(made, "latin1");
  reserve(sink, bytes.length + 64);
  putField(sink, pair.target.number, 2);
  putBytes(sink, bytes, 0, bytes.length);
  return undefined;
}

/** A number as DECIMAL(p,s) takes it, or why it does not. */
export function decimalText(
  text: string,
  { precision, scale }: { precision: number; scale: number },
): string | CellRefusal {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  if (whole + fraction === "") return unfit("CONVERSION", text, "is no number that a DECIMAL can hold");
  const digits = (whole + fraction).replace(/^0+/, "");
  const point = digits.length - fraction.length + Number(exponent);
  if (digits === "") return "0";
  const significant = cutEnd(digits, /0/);
  if (significant.length - point > scale) {
    const why = `has ${significant.length - point} digits behind the point, the column keeps ${scale}; widen it, or round at the source`;
    return unfit("CONVERSION", text, why);
  }
  if (point > precision - scale)
    return unfit(
      "OUT_OF_RANGE",
      text,
      `has ${point} digits before the point, DECIMAL(${precision},${scale}) keeps ${precision - scale}`,
    );
  const padded = point <= 0 ? "0".repeat(-point) + significant : significant.padEnd(point, "0");
  const front = point <= 0 ? "0" : padded.slice(0, point);
  const behind = point <= 0 ? padded : padded.slice(point);
  return `${sign === "-" ? "-" : ""}${front}${behind === "" ? "" : `.${behind}`}`;
}
