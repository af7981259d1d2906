import type { Column } from "../../../model/batch.js";
import type { ConvertOptions } from "../../../model/convert.js";
import { UserError } from "../../../model/errors.js";
import { odpsTypeName, type WireType } from "../wire/column-type.js";
import { asNull, type CellEncoder, type EncodeSetting, type OdpsTargetColumn, type Pair } from "./cell-encoder.js";
import { compositeCell } from "./composite-cells.js";
import { dateCell } from "./date-cells.js";
import { booleanCell, decimalCell, floatingCell, integerCell } from "./number-cells.js";
import { jsonCell, textCell } from "./text-cells.js";

const composite = (pair: Pair) => compositeCell(pair, scalarEncoder);

/** By the target's type; null = nothing of ours becomes such a value. */
const makers: Readonly<Record<WireType["kind"], ((pair: Pair) => CellEncoder) | null>> = {
  ...{ bigint: integerCell, int: integerCell, smallint: integerCell, tinyint: integerCell, boolean: booleanCell },
  ...{ double: floatingCell, float: floatingCell, decimal: decimalCell },
  ...{ string: textCell, varchar: textCell, char: textCell, binary: textCell, json: jsonCell },
  ...{ date: dateCell, datetime: dateCell, timestamp: dateCell, timestamp_ntz: dateCell },
  ...{ array: composite, map: composite, struct: composite },
  ...{ vector: null, interval_day_time: null, interval_year_month: null },
};

/** True when values can become that type. */
export function isWritable(type: WireType): boolean {
  return makers[type.kind] !== null;
}

/**
 * Makes the encoder of a pair of columns.
 *
 * @throws UserError UNSUPPORTED for a type that is not written
 */
export function encoderOf(source: Column, target: OdpsTargetColumn, setting: EncodeSetting): CellEncoder {
  const options: ConvertOptions = { timeZone: source.clock ?? setting.clock };
  const encode = scalarEncoder({ source, target, setting, options });
  if (!setting.emptyAsNull || source.type !== "string") return encode;
  return (sink, data, from, to) => (from === to ? asNull : encode(sink, data, from, to));
}

function scalarEncoder(pair: Pair): CellEncoder {
  const make = makers[pair.target.type.kind];
  if (make) return make(pair);
  const { name, type } = pair.target;
  throw new UserError("UNSUPPORTED", `column ${name} is ${odpsTypeName(type)}, which is not written: leave it out`, {
    path: "column",
  });
}
