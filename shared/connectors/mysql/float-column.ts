import type { SqlTableColumn } from "../sql/table.js";

/** A FLOAT column and how the server writes it. Plain JSON, part of a split. */
export interface FloatColumn {
  readonly name: string;
  /** Digits behind the point that FLOAT(M,D) always shows; 0 = as many as needed. */
  readonly scale: number;
  /** Characters that ZEROFILL fills with zeros; 0 = none. */
  readonly width: number;
}

const FLOAT_MAX = 3.4028234663852886e38;
/** Below this a float has fewer than the usual digits. */
const FLOAT_MIN_NORMAL = 1.1754943508222875e-38;
/** Digits that every float keeps, and digits that tell any two floats apart. */
const digits = { kept: 6, telling: 9 } as const;
/** The servers write numbers beyond this power of ten with an exponent. */
const PLAIN_POWERS = 15;
/** Room for sign, point and digits of the longest number without an exponent. */
const PLAIN_ROOM = 48;

/** The FLOAT columns of a table. */
export function floatColumns(columns: readonly SqlTableColumn[]): FloatColumn[] {
  return columns
    .filter(({ dataType }) => dataType === "float")
    .map(({ name, declared, precision, scale }) => ({
      name,
      scale: scale ?? 0,
      width: declared.includes("zerofill") ? (precision ?? 0) : 0,
    }));
}

/** Bytes that {@link mysqlFloatText} answers at most. */
export function floatTextRoom({ scale, width }: FloatColumn): number {
  return PLAIN_ROOM + scale + width;
}

/**
 * A float as text: the shortest that makes the same float again, so `0.1` rather than `0.10000000149011612`, laid out as the server
 * would lay it out if it did not stop at six digits.
 *
 * @param exact  the float as the server prints it once it is a double
 */
export function mysqlFloatText(exact: string, { scale, width }: FloatColumn): string {
  const shortest = shortestText(exact);
  const [whole = "", fraction = ""] = shortest.split(".");
  const isPadded = scale > fraction.length && !shortest.includes("e");
  return (isPadded ? `${whole}.${fraction.padEnd(scale, "0")}` : shortest).padStart(width, "0");
}

function shortestText(exact: string): string {
  // So few digits are the shortest there are; and zero keeps its sign.
  if (exact.length <= digits.kept) return exact;
  const float = Math.fround(Number(exact));
  const from = Math.abs(float) < FLOAT_MIN_NORMAL ? 1 : digits.kept;
  for (let count = from; count <= digits.telling; count++) {
    const value = Number(float.toPrecision(count));
    // Servers refuse a number above the largest float, even one that rounds to it.
    if (Math.fround(value) !== float || Math.abs(value) > FLOAT_MAX) continue;
    const text = layOut(value);
    // 1073741824 is no longer than 1073741800, and true.
    return text.length < exact.length ? text : exact;
  }
  return exact;
}

function layOut(value: number): string {
  const [mantissa = "", power = ""] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= PLAIN_POWERS || exponent < -PLAIN_POWERS) return `${mantissa}e${exponent}`;
  const fraction = mantissa.split(".")[1]?.length ?? 0;
  return value.toFixed(Math.max(0, fraction - exponent));
}
