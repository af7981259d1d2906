import type { DirtyReason } from "../../model/batch.js";
import type { RowRefusal } from "../sql/write/refusal.js";
import { isRaised, oracleServerErrorOf } from "./server-error.js";

/** Errors that are about a row rather than the statement (Oracle, "Database Error Messages"). */
const reasons = new Map<number, DirtyReason>([
  [1, "DUPLICATE_KEY"],
  ...[1400, 1407].map((number) => [number, "NOT_NULL"] as const),
  ...[1401, 1461, 12_899].map((number) => [number, "TOO_LONG"] as const),
  ...[1426, 1438, 1455, 1873].map((number) => [number, "OUT_OF_RANGE"] as const),
  ...[2290, 2291, 2292, 14_400, 14_401, 14_402].map((number) => [number, "CONSTRAINT"] as const),
  ...[1410, 1465, 1722, 6502, 31_011, 31_061, 40_441, 40_587, 1867, 1882].map(
    (number) => [number, "CONVERSION"] as const,
  ),
]);

/** ORA-01810 to 01863: what a text is not, where a date should be. */
function isDateFault(number: number): boolean {
  return number >= 1810 && number <= 1863;
}

/** The refusal behind a driver's error; null when it is not about a row. */
export function oracleRefusalOf(error: unknown): RowRefusal | null {
  const found = oracleServerErrorOf(error);
  if (!found) return null;
  const { number, message } = found;
  const reason = isRaised(found)
    ? "REFUSED"
    : (reasons.get(number) ?? (isDateFault(number) ? "CONVERSION" : undefined));
  if (!reason) return null;
  const column = columnIn(message);
  return { reason, message, ...(column === undefined ? {} : { column }) };
}

/** The server names a column as `"SCHEMA"."TABLE"."COLUMN"`. */
function columnIn(message: string): string | undefined {
  return /"[^"]+"\."[^"]+"\."([^"]+)"/.exec(message)?.[1];
}

/** The key is there already. */
export function isDuplicate(refusal: RowRefusal): boolean {
  return refusal.reason === "DUPLICATE_KEY";
}
