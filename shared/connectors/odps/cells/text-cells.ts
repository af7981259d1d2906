import { isUtf8 } from "node:buffer";
import { clockShift } from "../../../model/clock.js";
import { odpsTypeName } from "../wire/column-type.js";
import { putBytes, putField, type Sink } from "../wire/sink.js";
import { asNull, type CellEncoder, converted, isRefusal, type Pair, unfit } from "./cell-encoder.js";

/** The most bytes that the service takes as one value. */
export const MOST_BYTES = 8 * 1024 * 1024;

/** Writes STRING and BINARY, VARCHAR and CHAR. */
export function textCell(pair: Pair): CellEncoder {
  const { type } = pair.target;
  const put = type.kind === "varchar" || type.kind === "char" ? boundedText(pair, type.length) : longText(pair);
  const { source } = pair;
  if (type.kind === "binary" && source.type !== "bytes" && source.type !== "string") return refusing(pair);
  if (source.type === "bytes" && type.kind !== "binary") return checkedText(put);
  const { clock } = pair.setting;
  if (source.type === "date" && source.clock !== undefined && source.clock !== clock)
    return shiftedText(put, source.clock, clock);
  return put;
}

function refusing(pair: Pair): CellEncoder {
  return (_, data, from, to) => {
    const found = converted(data, pair, { from, to, type: "bytes" });
    return isRefusal(found) ? found : unfit("CONVERSION", data.subarray(from, to), "cannot become bytes");
  };
}

/** Bytes that are to be text must be UTF-8. */
function checkedText(put: CellEncoder): CellEncoder {
  return (sink, data, from, to) => {
    const cell = data.subarray(from, to);
    if (!isUtf8(cell))
      return { reason: "CONVERSION", message: `the bytes ${cell.toString("hex", 0, 30)} are not UTF-8` };
    return put(sink, data, from, to);
  };
}

/** Text shows the clock of the reader's zone. */
function shiftedText(put: CellEncoder, from: string, to: string): CellEncoder {
  const shift = clockShift(from, to);
  return (sink, data, start, end) => {
    const text = data.toString("utf8", start, end);
    const bytes = Buffer.from(shift(text) ?? text);
    return put(sink, bytes, 0, bytes.length);
  };
}

function longText({ target, setting }: Pair): CellEncoder {
  const { overLength } = setting;
  const most = overLength === "keepOn" ? MOST_BYTES : Math.min(setting.maxFieldBytes, MOST_BYTES);
  const name = odpsTypeName(target.type).toUpperCase();
  return (sink, data, from, to) => {
    if (to - from <= most) return put(sink, target.number, data.subarray(from, to));
    if (overLength === "setNull") return asNull;
    if (overLength === "truncate")
      return put(sink, target.number, data.subarray(from, endOfText(data, from, from + most)));
    return unfit(
      "TOO_LONG",
      data.subarray(from, from + 120),
      `… has ${to - from} bytes, a ${name} of MaxCompute ${most} at most`,
    );
  };
}

function put(sink: Sink, number: number, cell: Buffer): undefined {
  putField(sink, number, 2);
  putBytes(sink, cell, 0, cell.length);
}

/** No character is cut in the middle. */
function endOfText(data: Buffer, from: number, to: number): number {
  let end = to;
  while (end > from && ((data[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

function boundedText({ target }: Pair, length: number): CellEncoder {
  const name = odpsTypeName(target.type).toUpperCase();
  return (sink, data, from, to) => {
    if (to - from > length) {
      const characters = charactersOf(data, from, to);
      if (characters > length)
        return unfit("TOO_LONG", data.subarray(from, to), `has ${characters} characters, ${name} takes ${length}`);
    }
    return put(sink, target.number, data.subarray(from, to));
  };
}

function charactersOf(data: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (((data[at] as number) & 0xc0) !== 0x80) count++; // within the cell
  return count;
}

/** Writes JSON: text that is JSON. */
export function jsonCell(pair: Pair): CellEncoder {
  const { target } = pair;
  return (sink, data, from, to) => {
    const found = converted(data, pair, { from, to, type: "string" });
    if (isRefusal(found)) return found;
    try {
      JSON.parse(String(found));
    } catch {
      return unfit("CONVERSION", String(found), "is not JSON");
    }
    return put(sink, target.number, data.subarray(from, to));
  };
}
