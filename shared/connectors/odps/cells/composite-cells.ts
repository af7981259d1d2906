import type { Column, ColumnType } from "../../../model/batch.js";
import { odpsTypeName, type WireType } from "../wire/column-type.js";
import { openIntake, takeVarint } from "../wire/intake.js";
import { openSink, putField, type Sink } from "../wire/sink.js";
import { encodings, putValue, takeValue, type WireValue } from "../wire/values.js";
import { asNull, type CellEncoder, type CellRefusal, converted, isRefusal, type Pair, unfit } from "./cell-encoder.js";
import { type ExactJson, parseExact } from "./exact-json.js";

/** Makes the encoder of a scalar: that of a column of its own. */
type EncoderOf = (pair: Pair) => CellEncoder;

/** Writes ARRAY, MAP and STRUCT from JSON text. */
export function compositeCell(pair: Pair, encoderOf: EncoderOf): CellEncoder {
  const { target } = pair;
  const make = maker(target.type, pair, encoderOf);
  const name = odpsTypeName(target.type).toUpperCase();
  return (sink, data, from, to) => {
    const text = converted(data, pair, { from, to, type: "string" });
    if (isRefusal(text)) return text;
    const json = parseExact(String(text));
    if (json === undefined) return unfit("CONVERSION", String(text), `is not JSON, the column is ${name}`);
    const value = json === null ? null : make(json);
    if (value === null) return asNull;
    if (value instanceof Unfit) return unfit("CONVERSION", String(text), `does not fit ${name}: ${value.why}`);
    put(sink, pair, value);
    return undefined;
  };
}

function put(sink: Sink, { target }: Pair, value: WireValue): void {
  putField(sink, target.number, encodings[target.type.kind].wire);
  putValue(sink, target.type, value);
}

class Unfit {
  constructor(readonly why: string) {}
}

type Made = WireValue | Unfit;
type Maker = (json: ExactJson) => Made;

function maker(type: WireType, pair: Pair, encoderOf: EncoderOf): Maker {
  switch (type.kind) {
    case "array": {
      const inner = nullable(maker(type.element, pair, encoderOf));
      return (json) => (isList(json) ? all(json.map(inner)) : new Unfit(`expected a list, found ${displayText(json)}`));
    }
    case "map": {
      const [key, value] = [maker(type.key, pair, encoderOf), nullable(maker(type.value, pair, encoderOf))];
      return (json) => {
        if (!(json instanceof Map)) return new Unfit(`expected an object, found ${displayText(json)}`);
        const keys = all([...json.keys()].map(key));
        const values = all([...json.values()].map(value));
        if (keys instanceof Unfit) return keys;
        return values instanceof Unfit ? values : { keys: keys as WireValue[], values: values as WireValue[] }; // `all` makes lists
      };
    }
    case "struct": {
      const fields = type.fields.map((field) => ({
        name: field.name,
        make: nullable(maker(field.type, pair, encoderOf)),
      }));
      return (json) => structOf(json, fields);
    }
    default:
      return scalar(type, pair, encoderOf);
  }
}

function structOf(json: ExactJson, fields: readonly { readonly name: string; readonly make: Maker }[]): Made {
  if (!(json instanceof Map)) return new Unfit(`expected an object, found ${displayText(json)}`);
  const given = new Map([...json].map(([name, value]) => [name.toLowerCase(), value]));
  const unknown = [...given.keys()].find((name) => !fields.some((field) => field.name.toLowerCase() === name));
  if (unknown !== undefined) return new Unfit(`there is no field ${unknown}`);
  return all(fields.map(({ name, make }) => make(given.get(name.toLowerCase()) ?? null)));
}

function nullable(make: Maker): Maker {
  return (json) => (json === null ? null : make(json));
}

function all(values: readonly Made[]): Made {
  const odd = values.find((value) => value instanceof Unfit);
  return odd ?? (values as WireValue[]); // none is unfit
}

function isList(json: ExactJson): json is readonly ExactJson[] {
  return Array.isArray(json);
}

function displayText(json: ExactJson): string {
  if (json === null || typeof json !== "object") return String(json);
  return "number" in json ? json.number : isList(json) ? "a list" : "an object";
}

/** A value inside is written as a column of its own would be, and taken from there. */
function scalar(type: WireType, pair: Pair, encoderOf: EncoderOf): Maker {
  const target = { name: pair.target.name, type, number: 1, nullable: true };
  const as = (kind: ColumnType): CellEncoder => {
    const source: Column = { name: pair.source.name, type: type.kind === "binary" ? "bytes" : kind };
    return encoderOf({ ...pair, source, target });
  };
  const encoders = { number: as("double"), text: as("string"), bool: as("bool") };
  const sink = openSink();
  return (json) => {
    const kind = typeof json === "string" ? "text" : typeof json === "boolean" ? "bool" : "number";
    if (json === null || (typeof json === "object" && !("number" in json)))
      return new Unfit(`expected ${odpsTypeName(type)}, found ${displayText(json)}`);
    const text = typeof json === "object" ? json.number : String(json);
    const cell = type.kind === "binary" ? Buffer.from(text, "base64") : Buffer.from(text);
    sink.at = 0;
    const outcome = encoders[kind](growing(sink, cell), cell, 0, cell.length);
    return outcome === undefined
      ? valueIn(sink, type)
      : outcome === asNull
        ? null
        : new Unfit((outcome as CellRefusal).message);
  };
}

function growing(sink: Sink, cell: Buffer): Sink {
  if (sink.bytes.length < cell.length + 64) sink.bytes = Buffer.allocUnsafeSlow(cell.length * 2 + 64);
  return sink;
}

function valueIn(sink: Sink, type: WireType): WireValue {
  const intake = openIntake(sink.bytes.subarray(0, sink.at));
  takeVarint(intake);
  return takeValue(intake, type);
}
