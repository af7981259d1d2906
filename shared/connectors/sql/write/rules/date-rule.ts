import { type Conversion, type Converted, convertCell } from "../../../../model/convert.js";
import { cutEnd } from "../../../../model/cut-end.js";
import type { DateKind } from "../../../../model/date-fields.js";
import { dateKind } from "../../../../model/dates.js";
import type { SqlTargetColumn } from "../target-plan.js";
import { areDigits, type CellRule, neverRule, notConverted, type RuleMaker } from "./cell-rule.js";

const DASH = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;

/**
 * Days, moments and times of day; `dataType` is `date` or `time` for the first and the last. A server would find a date in nearly anything: it adds
 * today to a time of day, takes digits for years, drops a day or a time, and rounds seconds. Here a day becomes its midnight, and nothing else is added, dropped or rounded.
 */
export const dateRule: RuleMaker = (source, target, { options }) => {
  const { type } = source;
  if (type === "double" || type === "bool" || type === "bytes") return neverRule(source, "date", options);
  const toDate: Conversion = { to: "date", options };
  const isFine = type === "long" ? () => false : plainDate(target, { isText: type === "string" });
  return {
    fineBytes: -1,
    isFine,
    convert(cell) {
      // A duration is a TIME as well, though no time of a day.
      if (target.dataType === "time" && isDuration(cell)) return fitted(cell, "time", target);
      const found = convertCell(cell, type, toDate);
      if (!found.ok || typeof found.cell !== "string") return found;
      const kind = dateKind(found.cell);
      return kind ? fitted(found.cell, kind, target) : notConverted(found.cell, "is neither a date nor a time");
    },
  };
};

function isDuration(cell: string | Buffer): cell is string {
  return typeof cell === "string" && /^-?\d{2,3}:[0-5]\d:[0-5]\d(\.\d+)?$/.test(cell);
}

/** A date as the column takes it, if it can without losing anything. */
function fitted(cell: string, kind: DateKind, { dataType, scale }: SqlTargetColumn): Converted {
  const [whole = "", fraction = ""] = cell.split(".");
  const digits = cutEnd(fraction, /0/);
  if (kind === "time" && dataType !== "time")
    return notConverted(cell, `is a time of day without a day, the column is a ${dataType}`);
  if (kind !== "time" && dataType === "time")
    return notConverted(cell, "is more than a time of day, the column is a time");
  if (dataType === "date") {
    if (kind === "date") return { ok: true, cell };
    if (whole.endsWith(" 00:00:00") && digits === "") return { ok: true, cell: whole.slice(0, 10) };
    return notConverted(
      cell,
      "has a time of day, the column is a date; cut it off at the source, or make the column a datetime",
    );
  }
  const kept = scale ?? 0;
  if (digits.length <= kept) return { ok: true, cell: digits === "" ? whole : `${whole}.${digits}` };
  const message = `has ${digits.length} digits of a second's fraction, the column keeps ${kept}; widen it to ${dataType}(${Math.min(digits.length, 6)})`;
  return notConverted(cell, message);
}

/** The shapes that need no conversion; whether the day exists is for the strict server to say. Text may be anything, cells of dates have one of few shapes. */
function plainDate({ dataType, scale }: SqlTargetColumn, { isText }: { readonly isText: boolean }): CellRule["isFine"] {
  if (dataType === "time")
    return (data, from, to) => isTime(data, from, to) && (!isText || areTimeDigits(data, from, to));
  const isDay: CellRule["isFine"] = (data, from, to) =>
    to - from === 10 && data[from + 4] === DASH && (!isText || areDayDigits(data, from));
  if (dataType === "date") return isDay;
  const most = scale ? 20 + scale : 19;
  return (data, from, to) => {
    const length = to - from;
    if (length === 10) return isDay(data, from, to);
    if (length < 19 || length > most || data[from + 4] !== DASH) return false;
    return (
      !isText ||
      (length === 19 && areDayDigits(data, from) && data[from + 10] === 0x20 && areTimeDigits(data, from + 11, to))
    );
  };
}

/** No fraction: those are looked at one by one. */
function isTime(data: Buffer, from: number, to: number): boolean {
  const start = data[from] === DASH ? from + 1 : from;
  const length = to - start;
  return (length === 8 || length === 9) && data[to - 3] === COLON && data[to - 6] === COLON && data[to - 2] !== POINT;
}

function areDayDigits(data: Buffer, from: number): boolean {
  return (
    areDigits(data, from, from + 4) &&
    data[from + 7] === DASH &&
    areDigits(data, from + 5, from + 7) &&
    areDigits(data, from + 8, from + 10)
  );
}

function areTimeDigits(data: Buffer, from: number, to: number): boolean {
  const start = data[from] === DASH ? from + 1 : from;
  return (
    data[to - 3] === COLON &&
    data[to - 6] === COLON &&
    areDigits(data, start, to - 6) &&
    areDigits(data, to - 5, to - 3) &&
    areDigits(data, to - 2, to)
  );
}
