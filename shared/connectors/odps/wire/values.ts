import type { WireType } from "./column-type.js";
import {
  type Intake,
  lastBigint,
  MalformedStream,
  takeByte,
  takeBytes,
  takeDouble,
  takeFlag,
  takeFloat,
  takeInt64,
  takeNanos,
  takeVarint,
} from "./intake.js";
import {
  putBigint,
  putByte,
  putBytes,
  putDouble,
  putFloat,
  putMoment,
  putVarint,
  reserve,
  type Sink,
  type Wire,
} from "./sink.js";

/** Seconds since 1970, rounded down, and nanoseconds: a timestamp, or an interval of days. */
export interface Moment {
  readonly seconds: bigint;
  readonly nanos: number;
}

/**
 * A value of a record: integers, days, months and milliseconds as bigint, text as bytes (when written, also as text), a map as its
 * keys and its values, a struct as a list of its fields.
 */
export type WireValue =
  | null
  | bigint
  | number
  | boolean
  | string
  | Buffer
  | Moment
  | readonly WireValue[]
  | { readonly keys: readonly WireValue[]; readonly values: readonly WireValue[] };

type Kind = WireType["kind"];

const integer = { wire: 0, form: "integer" } as const;
const text = { wire: 2, form: "bytes" } as const;
const moment = { wire: 2, form: "moment" } as const;

/** How each type travels. */
export const encodings = {
  bigint: integer,
  int: integer,
  smallint: integer,
  tinyint: integer,
  datetime: integer,
  date: integer,
  interval_year_month: integer,
  boolean: { wire: 0, form: "boolean" },
  double: { wire: 1, form: "double" },
  float: { wire: 5, form: "float" },
  string: text,
  char: text,
  varchar: text,
  json: text,
  binary: text,
  decimal: text,
  timestamp: moment,
  timestamp_ntz: moment,
  interval_day_time: moment,
  array: { wire: 2, form: "array" },
  map: { wire: 2, form: "map" },
  struct: { wire: 2, form: "struct" },
  vector: { wire: 2, form: "vector" },
} as const satisfies Record<Kind, { wire: Wire; form: string }>;

/** Room for a value without a length of its own. */
const FIXED_ROOM = 16;

type Form = (typeof encodings)[Kind]["form"];

/** Writes a value that is not null. */
export function putValue(sink: Sink, type: WireType, value: WireValue): void {
  reserve(sink, FIXED_ROOM);
  putters[encodings[type.kind].form](sink, value, type);
}

// A value has the shape that its type says.
const putters: Readonly<Record<Form, (sink: Sink, value: WireValue, type: WireType) => void>> = {
  integer: (sink, value) => putBigint(sink, value as bigint),
  boolean: (sink, value) => putByte(sink, value ? 1 : 0),
  double: (sink, value) => putDouble(sink, value as number),
  float: (sink, value) => putFloat(sink, value as number),
  moment(sink, value) {
    const { seconds, nanos } = value as Moment;
    putMoment(sink, Number(seconds), nanos);
  },
  bytes(sink, value) {
    const bytes = typeof value === "string" ? Buffer.from(value) : (value as Buffer);
    reserve(sink, bytes.length + FIXED_ROOM);
    putBytes(sink, bytes, 0, bytes.length);
  },
  array: putComposite,
  map: putComposite,
  struct: putComposite,
  vector: putComposite,
};

function putComposite(sink: Sink, value: WireValue, type: WireType): void {
  if (type.kind === "map") {
    const { keys, values } = value as { keys: readonly WireValue[]; values: readonly WireValue[] };
    putList(sink, type.key, keys);
    putList(sink, type.value, values);
  }
  if (type.kind === "array") putList(sink, type.element, value as readonly WireValue[]);
  if (type.kind === "vector") {
    putVarint(sink, type.length);
    for (const one of value as readonly WireValue[]) putValue(sink, type.element, one);
  }
  if (type.kind === "struct")
    for (const [at, field] of type.fields.entries())
      putNullable(sink, field.type, (value as readonly WireValue[])[at] ?? null);
}

function putList(sink: Sink, type: WireType, values: readonly WireValue[]): void {
  reserve(sink, FIXED_ROOM);
  putVarint(sink, values.length);
  for (const value of values) putNullable(sink, type, value);
}

/** Flags of nulls are not in the checksum. */
function putNullable(sink: Sink, type: WireType, value: WireValue): void {
  reserve(sink, 1);
  sink.bytes[sink.at++] = value === null ? 1 : 0;
  if (value !== null) putValue(sink, type, value);
}

/** Takes a value that is not null. @throws needMore, MalformedStream */
export function takeValue(intake: Intake, type: WireType): WireValue {
  return takers[encodings[type.kind].form](intake, type);
}

const takers: Readonly<Record<Form, (intake: Intake, type: WireType) => WireValue>> = {
  integer(intake) {
    takeInt64(intake);
    return lastBigint(intake);
  },
  boolean: (intake) => takeByte(intake) !== 0,
  double: takeDouble,
  float: takeFloat,
  moment: takeMoment,
  bytes(intake) {
    const from = takeBytes(intake);
    return Buffer.from(intake.data.subarray(from, intake.at));
  },
  array: takeComposite,
  map: takeComposite,
  struct: takeComposite,
  vector: takeComposite,
};

function takeMoment(intake: Intake): Moment {
  takeInt64(intake);
  const seconds = lastBigint(intake);
  return { seconds, nanos: takeNanos(intake) };
}

function takeComposite(intake: Intake, type: WireType): WireValue {
  if (type.kind === "map") {
    const keys = takeList(intake, type.key);
    return { keys, values: takeList(intake, type.value) };
  }
  if (type.kind === "array") return takeList(intake, type.element);
  if (type.kind === "struct") return type.fields.map((field) => takeNullable(intake, field.type));
  if (type.kind !== "vector") throw new MalformedStream(`no value has the type ${type.kind}`);
  const { element } = type;
  return Array.from({ length: countOf(intake) }, () => takeValue(intake, element));
}

function takeList(intake: Intake, type: WireType): WireValue[] {
  return Array.from({ length: countOf(intake) }, () => takeNullable(intake, type));
}

/** Each element has a byte at least, so a count beyond what is there is either a part or a lie. */
function countOf(intake: Intake): number {
  const count = takeVarint(intake);
  if (count > MOST_ELEMENTS) throw new MalformedStream(`a list claims to have ${count} elements`);
  return count;
}

const MOST_ELEMENTS = 64 * 1024 * 1024;

function takeNullable(intake: Intake, type: WireType): WireValue {
  return takeFlag(intake) ? null : takeValue(intake, type);
}

/** Passes a value without making one. @throws needMore, MalformedStream */
export function passValue(intake: Intake, type: WireType): void {
  passers[encodings[type.kind].form](intake, type);
}

const passers: Readonly<Record<Form, (intake: Intake, type: WireType) => unknown>> = {
  ...takers,
  integer: takeInt64,
  bytes: takeBytes,
  moment(intake) {
    takeInt64(intake);
    takeNanos(intake);
  },
};
