import type { DataType } from "apache-arrow";
import { odpsTypeName, type WireType } from "../../../shared/connectors/odps/wire/column-type.js";
import type { Moment, WireValue } from "../../../shared/connectors/odps/wire/values.js";
import { OdpsError } from "./errors.js";

/** The library, which is loaded when somebody first asks for Arrow. */
export type Arrow = typeof import("apache-arrow");

/** How moments of TIMESTAMP travel: tables have nanoseconds, results of queries a struct of seconds and nanoseconds. */
export type MomentForm = "nanoseconds" | "struct";

/** A column as Arrow lays it out. Types are not sent: clients go by the session's, so what has the same layout will do. */
export interface ArrowColumn {
  readonly type: DataType;
  /** A value that is not null, as the library's builders take it. */
  value(value: WireValue): unknown;
}

/** How a column's values are laid out. Source: PyODPS 0.13.2. @throws OdpsError MethodNotAllowed for what it has no type for */
export function arrowColumn(arrow: Arrow, type: WireType, form: MomentForm): ArrowColumn {
  const scalar = scalars[type.kind]?.(arrow);
  if (scalar) return scalar;
  switch (type.kind) {
    case "timestamp":
    case "timestamp_ntz":
      return form === "struct" ? momentStruct(arrow) : { type: new arrow.Int64(), value: nanoseconds };
    case "interval_day_time":
      return momentStruct(arrow);
    case "decimal":
      return decimal(arrow, type);
    case "array":
    case "vector":
      return list(arrow, arrowColumn(arrow, type.element, form));
    case "map":
      return map(arrow, arrowColumn(arrow, type.key, form), arrowColumn(arrow, type.value, form));
    case "struct":
      return struct(
        arrow,
        type.fields.map((field) => ({ name: field.name, column: arrowColumn(arrow, field.type, form) })),
      );
    default:
      throw new OdpsError("MethodNotAllowed", `The local MaxCompute sends no ${odpsTypeName(type)} as Arrow`);
  }
}

const same = (value: WireValue) => value;
const asNumber = (value: WireValue) => Number(value);
const asText = ({ Utf8 }: Arrow): ArrowColumn => ({ type: new Utf8(), value: String });

const scalars: Readonly<Partial<Record<WireType["kind"], (arrow: Arrow) => ArrowColumn>>> = {
  bigint: ({ Int64 }) => ({ type: new Int64(), value: same }),
  int: ({ Int32 }) => ({ type: new Int32(), value: asNumber }),
  smallint: ({ Int16 }) => ({ type: new Int16(), value: asNumber }),
  tinyint: ({ Int8 }) => ({ type: new Int8(), value: asNumber }),
  boolean: ({ Bool }) => ({ type: new Bool(), value: same }),
  float: ({ Float32 }) => ({ type: new Float32(), value: same }),
  double: ({ Float64 }) => ({ type: new Float64(), value: same }),
  ...{ string: asText, varchar: asText, char: asText, json: asText },
  binary: ({ Binary }) => ({ type: new Binary(), value: same }),
  date: ({ Int32 }) => ({ type: new Int32(), value: asNumber }),
  datetime: ({ Int64 }) => ({ type: new Int64(), value: same }),
};

function nullable({ value }: ArrowColumn): (one: WireValue) => unknown {
  return (one) => (one === null ? null : value(one));
}

/** @throws OdpsError for moments that 64 bits of nanoseconds do not reach: before 1677 and behind 2262 */
function nanoseconds(value: WireValue): bigint {
  const { seconds, nanos } = value as Moment; // by its type
  const total = seconds * 1_000_000_000n + BigInt(nanos);
  if (BigInt.asIntN(64, total) === total) return total;
  throw new OdpsError("InvalidState", `A timestamp ${seconds} seconds from 1970 does not fit Arrow's nanoseconds`);
}

function momentStruct({ Field, Int32, Int64, Struct }: Arrow): ArrowColumn {
  const type = new Struct([new Field("sec", new Int64(), true), new Field("nano", new Int32(), true)]);
  return { type, value: (value) => ({ sec: (value as Moment).seconds, nano: (value as Moment).nanos }) };
}

/** A two's complement of 128 bits, or of 256 where the column has more than 38 digits. */
function decimal({ FixedSizeBinary }: Arrow, { precision, scale }: { precision: number; scale: number }): ArrowColumn {
  const bytes = precision > 38 ? 32 : 16;
  return {
    type: new FixedSizeBinary(bytes),
    value(value) {
      const [, sign = "", whole = "", fraction = "", exponent = "0"] =
        /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(String(value)) ?? [];
      const shift = scale + Number(exponent) - fraction.length;
      const digits = BigInt(whole + fraction);
      let left = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
      if (sign === "-") left = -left;
      const made = Buffer.alloc(bytes);
      for (let at = 0; at < bytes; at += 8, left >>= 64n) made.writeBigInt64LE(BigInt.asIntN(64, left), at);
      return made;
    },
  };
}

function list({ Field, List }: Arrow, element: ArrowColumn): ArrowColumn {
  const one = nullable(element);
  return {
    type: new List(new Field("item", element.type, true)),
    value: (values) => (values as readonly WireValue[]).map(one),
  };
}

function map({ Field, Map_, Struct }: Arrow, key: ArrowColumn, value: ArrowColumn): ArrowColumn {
  const entry = new Struct([new Field("key", key.type, false), new Field("value", value.type, true)]);
  const one = nullable(value);
  return {
    type: new Map_(new Field("entries", entry as never, false)), // its parameters are not inferred
    value(found) {
      const { keys, values } = found as { keys: readonly WireValue[]; values: readonly WireValue[] };
      return new Map(keys.map((name, at) => [key.value(name), one(values[at] ?? null)]));
    },
  };
}

function struct(
  { Field, Struct }: Arrow,
  fields: readonly { readonly name: string; readonly column: ArrowColumn }[],
): ArrowColumn {
  const makers = fields.map(({ name, column }) => ({ name, make: nullable(column) }));
  return {
    type: new Struct(fields.map(({ name, column }) => new Field(name, column.type, true))),
    value: (values) =>
      Object.fromEntries(
        makers.map(({ name, make }, at) => [name, make((values as readonly WireValue[])[at] ?? null)]),
      ),
  };
}
