import type { Converted } from "../../model/convert.js";
import { cutEnd } from "../../model/cut-end.js";
import { isRealDateText } from "../../model/dates.js";
import { type CellRule, notConverted, outOfRange, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import { dateRule } from "../sql/write/rules/date-rule.js";
import type { SqlserverTarget } from "./target-column.js";

/**
 * Days, moments and times of day. The server rounds seconds and ends the whole transaction over a day that does not exist, so all of that is
 * looked at here: a `datetime` has thousandths that end in 0, 3 or 7 only, a `smalldatetime` no seconds.
 */
export const sqlserverDateRule: RuleMaker<SqlserverTarget> = (source, target, setting) => {
  const base = dateRule(source, target, setting);
  if (!base || base.isHopeless) return base;
  const fault = faultsOf[target.dataType] ?? (() => null);
  const isWhole: CellRule["isFine"] = (data, from, to) =>
    base.isFine(data, from, to) && faultOf(data.toString("latin1", from, to)) === null;
  const faultOf = (text: string): string | null => (isReal(text) ? fault(text) : "is none that exists");
  return {
    fineBytes: -1,
    isFine: isWhole,
    convert(cell): Converted {
      if (target.dataType === "datetimeoffset" && typeof cell === "string" && source.type !== "long") {
        const own = withOffset(cell, target);
        if (own) return own;
      }
      const found = base.convert(cell);
      if (!found.ok || typeof found.cell !== "string") return found;
      const why = faultOf(found.cell);
      return why === null ? found : outOfRange(found.cell, `${why}, the column is a ${target.declared}`);
    },
  };
};

/** A time of the day before midnight counts as one; 24:00 and durations do not. */
function isReal(text: string): boolean {
  if (/^\d\d:/.test(text)) return text < "24" && isRealDateText(text);
  return !text.startsWith("-") && !text.startsWith("0000") && isRealDateText(text);
}

/** What else a type asks for: null, or what is wrong. */
const faultsOf: Readonly<Record<string, (text: string) => string | null>> = {
  datetime(text) {
    if (text < "1753") return "is before 1753";
    const thousandth = /\.\d\d(\d)/.exec(text)?.[1];
    return thousandth === undefined || /[037]/.test(thousandth)
      ? null
      : "is between two moments that a datetime has (.000, .003, .007); make the column a datetime2";
  },
  smalldatetime(text) {
    if (text < "1900" || text >= "2079-06-07") return "is not from 1900 to 2079-06-06";
    return text.length === 10 || text.endsWith(":00") ? null : "has seconds, which a smalldatetime does not keep";
  },
};

const offset = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))? ?([+-])(\d\d):?(\d\d)$/;

/** A moment that says its own offset, which the column keeps; null = it says none. */
function withOffset(cell: string, { scale, declared }: SqlserverTarget): Converted | null {
  const [, day, time = "", digits = "", sign = "", hours = "", minutes = ""] =
    offset.exec(cell.replace(/Z$/, "+00:00")) ?? [];
  if (day === undefined) return null;
  const fraction = cutEnd(digits, /0/);
  if (fraction.length > (scale ?? 7))
    return notConverted(cell, `has ${fraction.length} digits of a second's fraction, ${declared} keeps ${scale}`);
  const isOffset = Number(minutes) < 60 && Number(hours) * 60 + Number(minutes) <= 14 * 60;
  if (!isOffset || !isReal(`${day} ${time}`)) return notConverted(cell, `is none that a ${declared} can hold`);
  return { ok: true, cell: `${day} ${time}${fraction === "" ? "" : `.${fraction}`} ${sign}${hours}:${minutes}` };
}
