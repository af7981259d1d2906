import type { Cell } from "../../model/batch.js";
import { shortestFloat } from "../../model/float-text.js";

/** The driver's text of the smallest number there is, which stands for one that is below all. */
const BELOW_ALL = "-1e126";
/** Numbers have at most 126 digits in front of the point; the one above all comes as 127. */
const MOST_DIGITS = 126;

/** A value of the driver as a cell: numbers in full, floats in the shortest digits that tell them apart. */
export function oracleCell(value: unknown, typeName: string): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return typeName === "NUMBER" ? numberText(value) : value;
  if (typeof value === "number") return shortestFloat(value, { isSingle: typeName === "BINARY_FLOAT" });
  return Buffer.isBuffer(value) ? value : String(value);
}

/** The driver leaves out the zero in front of the point. */
function numberText(text: string): string {
  if (text === BELOW_ALL) return "-Infinity";
  if (text.length > MOST_DIGITS && !text.includes(".")) return "Infinity";
  if (text.startsWith(".")) return `0${text}`;
  return text.startsWith("-.") ? `-0${text.slice(1)}` : text;
}
