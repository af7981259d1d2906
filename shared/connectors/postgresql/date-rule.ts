import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { cutEnd } from "../../model/cut-end.js";
import { neverRule, notConverted, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import type { PostgresqlTarget } from "./target-column.js";

/**
 * A date as PostgreSQL prints it, which may be of any year, before Christ, or at no end of time; and a time of day, of which `24:00:00`
 * is the last. Of all that its input takes (`now`, `tomorrow`, `1/2/03`) nothing else goes there.
 */
const shape =
  /^(?:(?<infinity>-?infinity)|(?:(?<day>\d{4,7}-\d\d-\d\d)(?: (?<time>\d\d:\d\d:\d\d)(?:\.(?<digits>\d+))?)?(?<era> BC)?)|(?<only>\d\d:\d\d:\d\d)(?:\.(?<behind>\d+))?)$/;

/** `date`, `time`, `timestamp` and `timestamptz`. The server would drop a time, and round seconds. */
export const postgresqlDateRule: RuleMaker<PostgresqlTarget> = (source, target, { options }) => {
  const { type } = source;
  if (type === "double" || type === "bool" || type === "bytes") return neverRule(source, "date", options);
  const toDate: Conversion = { to: "date", options };
  const isUsual = type === "date" ? usualDate(target) : () => false;
  return {
    fineBytes: -1,
    isFine: isUsual,
    convert(cell) {
      if (typeof cell === "string" && type !== "long" && shape.test(cell)) return fitted(cell, target);
      const found = convertCell(cell, type, toDate);
      return found.ok && typeof found.cell === "string" ? fitted(found.cell, target) : found;
    },
  };
};

/** A date as the column takes it, if it can without losing anything. */
function fitted(cell: string, { dataType, scale }: PostgresqlTarget): Converted {
  const parts = shape.exec(cell)?.groups;
  if (!parts) return notConverted(cell, `is no ${dataType}`);
  const { infinity, day, time, digits = "", era = "", only, behind = "" } = parts;
  if (dataType === "time" && only === undefined)
    return notConverted(cell, "is more than a time of day, the column is a time");
  if (dataType !== "time" && only !== undefined)
    return notConverted(cell, `is a time of day without a day, the column is a ${dataType}`);
  if (infinity !== undefined) return { ok: true, cell };
  const fraction = cutEnd(only === undefined ? digits : behind, /0/);
  if (dataType === "date") {
    if ((time === undefined || time === "00:00:00") && fraction === "") return { ok: true, cell: `${day}${era}` };
    return notConverted(
      cell,
      "has a time of day, the column is a date; cut it off at the source, or make the column a timestamp",
    );
  }
  const kept = scale ?? 6;
  if (fraction.length <= kept) return { ok: true, cell };
  const message = `has ${fraction.length} digits of a second's fraction, the column keeps ${kept}`;
  return notConverted(cell, message);
}

const DASH = 0x2d;

/** The shapes that dates of readers have for the most part; whether the day exists is for the server to say. */
function usualDate({ dataType, scale }: PostgresqlTarget): (data: Buffer, from: number, to: number) => boolean {
  if (dataType === "time") return (_data, from, to) => to - from === 8;
  const isDay = (data: Buffer, from: number, to: number) => to - from === 10 && data[from + 4] === DASH;
  if (dataType === "date") return isDay;
  const most = scale ? 20 + scale : 19;
  return (data, from, to) => {
    const length = to - from;
    return length === 10 ? isDay(data, from, to) : length >= 19 && length <= most && data[from + 4] === DASH;
  };
}
