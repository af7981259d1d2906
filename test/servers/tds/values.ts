import { collation, ucs2 } from "./tokens.js";

/** A column of a result, by its declared type such as `decimal(10,2)`. */
export interface TdsColumn {
  readonly name: string;
  readonly declared: string;
}

/** A value: as the engine keeps it, in text where the type's own numbers would not do. */
export type TdsValue = string | number | bigint | Uint8Array | null;

interface ValueType {
  /** TYPE_INFO (MS-TDS 2.2.5.6). */
  readonly info: Buffer;
  encode(value: NonNullable<TdsValue>): Buffer;
  /** How a null is written in a ROW. */
  readonly none: Buffer;
}

const nullPlp = Buffer.alloc(8, 0xff);

/** A value of any length in one chunk (MS-TDS 2.2.5.2.3). */
function plp(bytes: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(bytes.length));
  head.writeUInt32LE(bytes.length, 8);
  return bytes.length === 0 ? Buffer.alloc(12) : Buffer.concat([head, bytes, Buffer.alloc(4)]);
}

const short = (bytes: Buffer) => Buffer.concat([Buffer.of(bytes.length), bytes]);
const noShort = Buffer.of(0);

function integer(size: 1 | 2 | 4 | 8): ValueType {
  const encode = (value: NonNullable<TdsValue>) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value as string));
    return short(bytes.subarray(0, size));
  };
  return { info: Buffer.of(0x26, size), encode, none: noShort };
}

const text: ValueType = {
  info: Buffer.concat([Buffer.of(0xe7, 0xff, 0xff), collation]),
  encode: (value) => plp(ucs2(String(value))),
  none: nullPlp,
};
const bytes: ValueType = {
  info: Buffer.of(0xa5, 0xff, 0xff),
  encode: (value) => plp(Buffer.from(value as Uint8Array)),
  none: nullPlp,
};

function decimal(precision: number, scale: number): ValueType {
  const encode = (value: NonNullable<TdsValue>) => {
    const [whole = "", fraction = ""] = String(value).replace("-", "").split(".");
    const out = Buffer.alloc(17);
    out[0] = String(value).startsWith("-") ? 0 : 1;
    let rest = BigInt(whole + fraction.padEnd(scale, "0"));
    for (let at = 1; at < 17; at++, rest >>= 8n) out[at] = Number(rest & 255n);
    return short(out);
  };
  return { info: Buffer.of(0x6c, 17, precision, scale), encode, none: noShort };
}

function float(size: 4 | 8): ValueType {
  const encode = (value: NonNullable<TdsValue>) => {
    const out = Buffer.alloc(size);
    if (size === 4) out.writeFloatLE(Number(value));
    else out.writeDoubleLE(Number(value));
    return short(out);
  };
  return { info: Buffer.of(0x6d, size), encode, none: noShort };
}

const DAY_MS = 86_400_000;

/** Days since the first of January of the year 1. */
function days(day: string): Buffer {
  const out = Buffer.alloc(3);
  out.writeUIntLE((Date.parse(`${day}T00:00:00Z`) - Date.parse("0001-01-01T00:00:00Z")) / DAY_MS, 0, 3);
  return out;
}

/** Time of the day in units of the scale. */
function timeOf(clock: string, scale: number): Buffer {
  const [hours = "0", minutes = "0", rest = "0"] = clock.split(":");
  const [seconds = "0", fraction = ""] = rest.split(".");
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const units = BigInt(whole) * 10n ** BigInt(scale) + BigInt(fraction.padEnd(scale, "0").slice(0, scale) || "0");
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(units);
  return out.subarray(0, scale < 3 ? 3 : scale < 5 ? 4 : 5);
}

function moment(scale: number): ValueType {
  const encode = (value: NonNullable<TdsValue>) => {
    const [day = "", clock = "00:00:00"] = String(value).split(" ");
    return short(Buffer.concat([timeOf(clock, scale), days(day)]));
  };
  return { info: Buffer.of(0x2a, scale), encode, none: noShort };
}

/** Kept in UTC, with the offset beside it. */
function momentWithOffset(scale: number): ValueType {
  const encode = (value: NonNullable<TdsValue>) => {
    const [, local = "", fraction = "", sign = "+", hours = "0", minutes = "0"] =
      /^(\S+ [\d:]+)(\.\d+)? ([+-])(\d\d):(\d\d)$/.exec(String(value)) ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
    const utc = new Date(Date.parse(`${local.replace(" ", "T")}Z`) - offset * 60_000).toISOString();
    const out = Buffer.alloc(2);
    out.writeInt16LE(offset);
    return short(Buffer.concat([timeOf(utc.slice(11, 19) + fraction, scale), days(utc.slice(0, 10)), out]));
  };
  return { info: Buffer.of(0x2b, scale), encode, none: noShort };
}

const guid: ValueType = {
  info: Buffer.of(0x24, 16),
  encode(value) {
    const hex = Buffer.from(String(value).replaceAll("-", ""), "hex");
    for (const [from, to] of [
      [0, 4],
      [4, 6],
      [6, 8],
    ] as const)
      hex.subarray(from, to).reverse();
    return short(hex);
  },
  none: noShort,
};
const bit: ValueType = { info: Buffer.of(0x68, 1), encode: (value) => Buffer.of(1, Number(value)), none: noShort };

/** How a type travels; those that the engine keeps as text and the driver has no trouble with travel as text. */
function valueType(declared: string): ValueType {
  const [, name = "", first = "7", second = "0"] =
    /^(\w+)(?:\((\w+)(?:,\s*(\d+))?\))?/.exec(declared.toLowerCase()) ?? [];
  const sizes = { tinyint: 1, smallint: 2, int: 4, bigint: 8 } as const;
  if (name in sizes) return integer(sizes[name as keyof typeof sizes]);
  switch (name) {
    case "bit":
      return bit;
    case "float":
      return float(8);
    case "real":
      return float(4);
    case "decimal":
    case "numeric":
      return decimal(Number(first), Number(second));
    case "datetime2":
      return moment(Number(first));
    case "datetimeoffset":
      return momentWithOffset(Number(first));
    case "uniqueidentifier":
      return guid;
    default:
      return /binary$|^timestamp$|^rowversion$/.test(name) ? bytes : text;
  }
}

/** Writes the rows of a result. */
export interface RowWriter {
  /** COLMETADATA (MS-TDS 2.2.7.4). */
  readonly columns: Buffer;
  /** ROW, or NBCROW where some value is null (MS-TDS 2.2.7.16, 2.2.7.19). */
  row(values: readonly TdsValue[]): Buffer;
}

/** Makes a writer for some columns. */
export function rowWriter(columns: readonly TdsColumn[]): RowWriter {
  const types = columns.map(({ declared }) => valueType(declared));
  const heads = columns.map(({ name }, at) => {
    const [userType, flags] = [Buffer.alloc(4), Buffer.of(9, 0)];
    return Buffer.concat([userType, flags, types[at]?.info ?? Buffer.alloc(0), Buffer.of(name.length), ucs2(name)]);
  });
  const count = Buffer.of(columns.length & 255, columns.length >> 8);
  return {
    columns: Buffer.concat([Buffer.of(0x81), count, ...heads]),
    row(values) {
      if (!values.includes(null))
        return Buffer.concat([Buffer.of(0xd1), ...values.map((value, at) => types[at]!.encode(value!))]);
      const bitmap = Buffer.alloc((values.length + 7) >> 3);
      for (const [at, value] of values.entries()) if (value === null) bitmap[at >> 3]! |= 1 << (at & 7);
      const there = values.flatMap((value, at) => (value === null ? [] : [types[at]!.encode(value)]));
      return Buffer.concat([Buffer.of(0xd2), bitmap, ...there]);
    },
  };
}

/** Rows of a bulk load (MS-TDS 2.2.6.1): COLMETADATA, ROWs, DONE. Integers, and text and bytes of any length. */
export function readBulkRows(body: Buffer): TdsValue[][] {
  if (body.length === 0 || body[0] === 0xfd) return [];
  if (body[0] !== 0x81) throw new Error(`a bulk load begins with token ${body[0]}`);
  const kinds: number[] = [];
  let at = 3;
  for (let left = body.readUInt16LE(1); left > 0; left--) {
    at += 6;
    const kind = body[at] ?? 0;
    kinds.push(kind);
    at += kind === 0x26 ? 2 : kind === 0xe7 ? 8 : kind === 0xa5 ? 3 : unknown(kind);
    at += 1 + (body[at] ?? 0) * 2;
  }
  const rows: TdsValue[][] = [];
  while (body[at] === 0xd1) {
    at++;
    rows.push(
      kinds.map((kind) => {
        if (kind === 0x26) {
          const size = body[at] ?? 0;
          const value = size === 0 ? null : body.readIntLE(at + 1, size);
          at += 1 + size;
          return value;
        }
        const isNull = body.subarray(at, at + 8).equals(nullPlp);
        at += 8;
        if (isNull) return null;
        const chunks: Buffer[] = [];
        for (let size = body.readUInt32LE(at); size > 0; size = body.readUInt32LE(at)) {
          chunks.push(body.subarray(at + 4, at + 4 + size));
          at += 4 + size;
        }
        at += 4;
        const value = Buffer.concat(chunks);
        return kind === 0xe7 ? value.toString("utf16le") : value;
      }),
    );
  }
  if (body[at] !== 0xfd) throw new Error(`token ${body[at]} among the rows of a bulk load`);
  return rows;
}

function unknown(kind: number): never {
  throw new Error(`the stand-in loads no values of type 0x${kind.toString(16)}`);
}
