import type { ColumnType } from "../../../model/batch.js";
import type { Zone } from "../../../model/zones.js";
import type { WireType } from "../wire/column-type.js";
import {
  type Intake,
  lastBigint,
  lastIsSafe,
  lastNumber,
  takeByte,
  takeBytes,
  takeDouble,
  takeFloat,
  takeInt64,
  takeNanos,
} from "../wire/intake.js";
import { type Moment, takeValue } from "../wire/values.js";
import { jsonText } from "./json-text.js";
import {
  type CellOutput,
  numberText,
  odpsFloatText,
  putDay,
  putMomentText,
  putText,
  room,
  secondsText,
  utc,
} from "./output.js";

/** Takes a value off the stream and adds its canonical text. @returns why it has none; null = written */
export type CellReader = (intake: Intake, output: CellOutput) => string | null;

/** The internal type of a column's cells. */
export const cellTypes: Readonly<Record<WireType["kind"], ColumnType>> = {
  ...{ bigint: "long", int: "long", smallint: "long", tinyint: "long", interval_year_month: "long" },
  ...{ double: "double", float: "double", decimal: "double", boolean: "bool", binary: "bytes" },
  ...{ string: "string", varchar: "string", char: "string", json: "string", interval_day_time: "string" },
  ...{ array: "string", map: "string", struct: "string", vector: "string" },
  ...{ date: "date", datetime: "date", timestamp: "date", timestamp_ntz: "date" },
};

/** Makes the reader of a type. @param zone  of the clock that moments are shown on */
export function cellReader(type: WireType, zone: Zone): CellReader {
  switch (type.kind) {
    case "bigint":
    case "int":
    case "smallint":
    case "tinyint":
    case "interval_year_month":
      return readInteger;
    case "boolean":
      return (intake, output) => putText(output, takeByte(intake) === 0 ? "false" : "true");
    case "double":
      return (intake, output) => putText(output, numberText(takeDouble(intake)));
    case "float":
      return (intake, output) => putText(output, odpsFloatText(takeFloat(intake)));
    case "decimal":
      return readDecimal;
    case "string":
    case "varchar":
    case "char":
    case "json":
    case "binary":
      return readBytes;
    case "date":
      return (intake, output) => {
        takeInt64(intake);
        return putDay(output, lastNumber(intake));
      };
    case "datetime":
      return (intake, output) => {
        takeInt64(intake);
        const ms = lastNumber(intake);
        const second = Math.floor(ms / 1000);
        return putMomentText(output, { second, nanos: (ms - second * 1000) * 1_000_000, zone });
      };
    case "timestamp":
    case "timestamp_ntz":
      return momentReader(type.kind === "timestamp" ? zone : utc);
    case "interval_day_time":
      return (intake, output) => putText(output, secondsText(takeValue(intake, type) as Moment)); // by its type
    default:
      return (intake, output) => putText(output, jsonText(takeValue(intake, type), type, zone));
  }
}

function momentReader(zone: Zone): CellReader {
  return (intake, output) => {
    takeInt64(intake);
    const second = lastNumber(intake);
    return putMomentText(output, { second, nanos: takeNanos(intake), zone });
  };
}

function readInteger(intake: Intake, output: CellOutput): null {
  takeInt64(intake);
  if (!lastIsSafe(intake)) return putText(output, String(lastBigint(intake)));
  let value = lastNumber(intake);
  room(output, 24);
  const { data } = output;
  if (value < 0) {
    data[output.at++] = 0x2d;
    value = -value;
  }
  let end = output.at + digitsOf(value);
  output.at = end;
  // Divisions of small integers are much faster than those of large ones.
  while (value > 0x7fffffff) {
    const rest = Math.floor(value / 10);
    data[--end] = 48 + (value - rest * 10);
    value = rest;
  }
  let small = value | 0;
  do {
    const rest = (small / 10) | 0;
    data[--end] = 48 + (small - rest * 10);
    small = rest;
  } while (small > 0);
  return null;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

function readBytes(intake: Intake, output: CellOutput): null {
  const from = takeBytes(intake);
  const length = intake.at - from;
  room(output, length);
  output.at += intake.data.copy(output.data, output.at, from, intake.at);
  return null;
}

/** The service's `inf` and `nan` are no numbers that a DECIMAL elsewhere can hold. */
function readDecimal(intake: Intake, output: CellOutput): string | null {
  const start = output.at;
  readBytes(intake, output);
  const last = output.data[output.at - 1] ?? 0;
  if (output.at > start && last >= 48 && last <= 57) return null;
  return `"${output.data.toString("latin1", start, output.at)}" is no number`;
}
