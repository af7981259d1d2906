import { DEFAULT_TIME_ZONE, type Zone, zoneOf } from "../../../model/zones.js";
import { odpsTypeName } from "../wire/column-type.js";
import { putField, putInteger, putMoment, type Sink } from "../wire/sink.js";
import { type CellEncoder, type CellRefusal, converted, isRefusal, type Pair, unfit } from "./cell-encoder.js";
import { type DateParts, type DateReader, dateReader, epochSeconds } from "./date-text.js";

type Put = (sink: Sink, parts: DateParts) => string | undefined;

/** Writes DATE, DATETIME, TIMESTAMP and TIMESTAMP_NTZ. What the column would lose (digits of a second, a time of day) is refused. */
export function dateCell(pair: Pair): CellEncoder {
  const { source, target } = pair;
  if (source.type === "long" && (target.type.kind === "datetime" || target.type.kind === "timestamp"))
    return millisCell(pair);
  const put = putter(pair);
  const name = odpsTypeName(target.type).toUpperCase();
  const read = dateReader();
  return (sink, data, from, to) => {
    const found = source.type === "date" ? read(data, from, to) : null;
    const parts = found ?? readSlowly(pair, read, { data, from, to });
    if ("reason" in parts) return parts;
    const why = parts.kind === "time" ? `is a time of day, the column is ${name}` : put(sink, parts);
    return why === undefined ? undefined : unfit("CONVERSION", data.subarray(from, to), why);
  };
}

/** Milliseconds since 1970 are a moment, whatever clock shows it: an hour that comes twice is no matter. */
function millisCell({ target }: Pair): CellEncoder {
  const isDatetime = target.type.kind === "datetime";
  return (sink, data, from, to) => {
    const ms = Number(data.toString("latin1", from, to));
    if (!Number.isInteger(ms) || ms < LEAST_MS || ms > MOST_MS)
      return unfit("OVERFLOW", data.subarray(from, to), "is out of the range of date");
    putField(sink, target.number, isDatetime ? 0 : 2);
    if (isDatetime) putInteger(sink, ms);
    else putMoment(sink, Math.floor(ms / 1000), (ms - Math.floor(ms / 1000) * 1000) * 1_000_000);
    return undefined;
  };
}

/** The years 1 to 9999. */
const LEAST_MS = Date.parse("0001-01-01T00:00:00Z");
const MOST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Text by the patterns, milliseconds since 1970; both as the type table has them. */
function readSlowly(
  pair: Pair,
  read: DateReader,
  { data, from, to }: { data: Buffer; from: number; to: number },
): DateParts | CellRefusal {
  if (pair.source.type === "date") return unfit("CONVERSION", data.subarray(from, to), "is no date that exists");
  const found = converted(data, pair, { from, to, type: "date" });
  if (isRefusal(found)) return found;
  const bytes = Buffer.from(found as string, "latin1"); // a date is text
  return read(bytes, 0, bytes.length) ?? unfit("CONVERSION", bytes, "is no date that exists");
}

function putter({ source, target, setting }: Pair): Put {
  const { number, type } = target;
  const zone: Zone = zoneOf(source.clock ?? setting.clock) ?? zoneOf(DEFAULT_TIME_ZONE) ?? (() => 0);
  if (type.kind === "date")
    return (sink, { days, seconds, nanos }) => {
      if (seconds !== 0 || nanos !== 0) return "has a time of day, the column is DATE: choose DATETIME";
      putField(sink, number, 0);
      putInteger(sink, days);
      return undefined;
    };
  if (type.kind === "datetime")
    return (sink, parts) => {
      if (parts.nanos % 1_000_000 !== 0)
        return "has finer digits than milliseconds, the column is DATETIME: choose TIMESTAMP";
      putField(sink, number, 0);
      putInteger(sink, epochSeconds(parts, zone) * 1000 + parts.nanos / 1_000_000);
      return undefined;
    };
  const seconds = type.kind === "timestamp" ? (parts: DateParts) => epochSeconds(parts, zone) : wallSeconds;
  return (sink, parts) => {
    putField(sink, number, 2);
    putMoment(sink, seconds(parts), parts.nanos);
    return undefined;
  };
}

/** Without a zone the clock itself is kept. */
function wallSeconds({ days, seconds }: DateParts): number {
  return days * 86_400 + seconds;
}
