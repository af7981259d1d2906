import { describe, expect, it } from "vitest";
import { odpsTypeName, parseType, type WireType } from "../../../../../../shared/connectors/odps/wire/column-type.js";
import {
  CRC_START,
  crcBytes,
  crcEnd,
  crcInt32,
  crcInt64,
} from "../../../../../../shared/connectors/odps/wire/crc32c.js";
import { openRecordReader } from "../../../../../../shared/connectors/odps/wire/record-reader.js";
import {
  beginRecord,
  clearRecords,
  dropRecord,
  endRecord,
  footer,
  openRecordWriter,
} from "../../../../../../shared/connectors/odps/wire/record-writer.js";
import { putField, reserve } from "../../../../../../shared/connectors/odps/wire/sink.js";
import {
  encodings,
  passValue,
  putValue,
  takeValue,
  type WireValue,
} from "../../../../../../shared/connectors/odps/wire/values.js";
import { streams, vectors } from "./vectors.js";

type Row = readonly WireValue[];
const typesOf = (names: readonly string[]): WireType[] =>
  names.map((name) => parseType(name) ?? expect.fail(`no type: ${name}`));

function encode(types: readonly WireType[], rows: readonly Row[]): Buffer {
  const writer = openRecordWriter(16);
  for (const row of rows) {
    beginRecord(writer);
    for (const [at, type] of types.entries()) {
      const value = row[at] ?? null;
      if (value === null) continue;
      reserve(writer.sink, 16);
      putField(writer.sink, at + 1, encodings[type.kind].wire);
      putValue(writer.sink, type, value);
    }
    endRecord(writer);
  }
  return Buffer.concat([writer.sink.bytes.subarray(0, writer.sink.at), footer(writer)]);
}

/** @param pieces  how the stream is cut */
function decode(types: readonly WireType[], stream: Buffer, piece = stream.length): Row[] {
  const rows: WireValue[][] = [];
  let row: WireValue[] = [];
  const reader = openRecordReader({
    begin: () => {
      row = types.map(() => null);
    },
    field: (column, intake) => {
      const type = types[column - 1] ?? expect.fail(`no column ${column}`);
      row[column - 1] = takeValue(intake, type);
    },
    end: () => void rows.push(row),
  });
  for (let at = 0; at < stream.length; at += piece) reader.feed(stream.subarray(at, at + piece));
  expect(reader.end()).toBe(rows.length);
  return rows;
}

const hex = (value: number) => value.toString(16).padStart(8, "0");

describe("the record stream", () => {
  it.each(Object.entries(vectors))("writes and reads vector %s byte for byte", (_, vector) => {
    const types = typesOf(vector.types);
    const stream = encode(types, [vector.values]);
    expect(stream.subarray(0, vector.record.length / 2).toString("hex")).toBe(vector.record);
    const crcs: string[] = [];
    const reader = openRecordReader({
      begin: () => undefined,
      field: (column, intake) => passValue(intake, types[column - 1] ?? expect.fail("no such column")),
      end: ({ crc, data, from, to }) => {
        crcs.push(hex(crc));
        expect(data.subarray(from, to).toString("hex")).toMatch(new RegExp(`^${vector.record}80c0ff7f`));
      },
    });
    reader.feed(stream);
    reader.end();
    expect(crcs).toEqual([vector.crc]);
    expect(hex(crcEnd(crcInt32(CRC_START, Number.parseInt(vector.crc, 16))))).toBe(vector.total);
    for (const piece of [stream.length, 1, 3]) expect(decode(types, stream, piece)).toEqual([vector.values]);
  });

  it("writes and reads whole streams byte for byte", () => {
    const pair = typesOf(["bigint", "string"]);
    const rows: Row[] = [
      [1n, Buffer.from("a")],
      [2n, null],
    ];
    const cases: [keyof typeof streams, WireType[], Row[]][] = [
      ["empty", typesOf(["bigint"]), []],
      ["nulls", pair, [[null, null]]],
      ["one", typesOf(["bigint"]), [[1n]]],
      ["text", typesOf(["string"]), [[Buffer.from("abc")]]],
      ["two", pair, rows],
    ];
    for (const [name, types, values] of cases) {
      expect(encode(types, values).toString("hex")).toBe(streams[name]);
      expect(decode(types, Buffer.from(streams[name], "hex"))).toEqual(values);
    }
    expect(decode(typesOf(["bigint"]), Buffer.from(streams.oneByPyodps, "hex"))).toEqual([[1n]]);
  });

  it.each([
    [streams.wrongChecksum, /record 1: its checksum is/],
    [streams.wrongCount, /says 2 records and holds 1/],
    [streams.noFooter, /ends after 1 records and without the footer/],
    [`${streams.one}00`, /bytes follow the end/],
    [streams.one.replace(/a486b58808$/, "a486b58809"), /the stream's checksum is/],
    ["10021002", /no column 2|column 2/],
    ["08ffffffffffffffffffff01", /more than 10 bytes/],
    ["0802f0ffff7f00f8ffff7f00", /a record of \d+ bytes has no end/],
  ])("refuses %s", (stream, message) => {
    const [bigint] = typesOf(["bigint"]);
    const read = () => {
      const reader = openRecordReader({
        begin: () => undefined,
        field: (column, intake) => {
          if (column !== 1 || !bigint) throw new Error(`no column ${column}`);
          passValue(intake, bigint);
        },
        end: () => undefined,
      });
      reader.feed(Buffer.from(stream, "hex"));
      reader.end();
    };
    expect(read).toThrow(message);
  });

  it("passes the metrics that a download may carry, and refuses damaged ones", () => {
    const json = Buffer.from('{"RecordCount":1}');
    const crc = crcEnd(crcBytes(crcInt32(CRC_START, 1), json, 0, json.length));
    const varint = (value: number): number[] => (value > 127 ? [(value & 127) | 128, ...varint(value >>> 7)] : [value]);
    const metrics = (sum: number) => Buffer.from([0x0a, json.length, ...json, 0x80, 0xf0, 0xff, 0x7f, ...varint(sum)]);
    const stream = Buffer.from(streams.one, "hex");
    const at = stream.length - 9;
    const withMetrics = (sum: number) => Buffer.concat([stream.subarray(0, at), metrics(sum), stream.subarray(at)]);
    expect(decode(typesOf(["bigint"]), withMetrics(crc), 2)).toEqual([[1n]]);
    expect(() => decode(typesOf(["bigint"]), withMetrics(crc ^ 1))).toThrow("metrics are damaged");
  });

  it("takes a record back, and starts anew", () => {
    const writer = openRecordWriter();
    const [bigint] = typesOf(["bigint"]);
    const put = (value: bigint) => {
      beginRecord(writer);
      putField(writer.sink, 1, 0);
      putValue(writer.sink, bigint!, value);
    };
    put(77n);
    dropRecord(writer);
    put(1n);
    endRecord(writer);
    const written = () =>
      Buffer.concat([writer.sink.bytes.subarray(0, writer.sink.at), footer(writer)]).toString("hex");
    expect(written()).toBe(streams.one);
    clearRecords(writer);
    expect(written()).toBe(streams.empty);
  });

  it("reads what it wrote: random schemas and rows, cut anywhere", () => {
    const random = generator(20240229);
    for (let round = 0; round < 50; round++) {
      const types = Array.from({ length: 1 + random.below(20) }, () => randomType(random, 0));
      const rows = Array.from({ length: random.below(8) }, () =>
        types.map((type) => (random.below(4) === 0 ? null : randomValue(random, type))),
      );
      const stream = encode(types, rows);
      expect(decode(types, stream, 1 + random.below(40))).toEqual(rows);
      expect(types.map((type) => parseType(odpsTypeName(type)))).toEqual(types);
    }
  });
});

describe("CRC-32C", () => {
  it("is Castagnoli's, whatever the length and however it is fed", () => {
    const check = Buffer.from("123456789");
    expect(hex(crcEnd(crcBytes(CRC_START, check, 0, 9)))).toBe("e3069283");
    const bytes = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37) & 255));
    const slow = (to: number) => {
      let crc = CRC_START;
      for (let at = 0; at < to; at++) {
        crc ^= bytes[at] ?? 0;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      return crcEnd(crc);
    };
    for (let to = 0; to <= 64; to++) expect(crcEnd(crcBytes(CRC_START, bytes, 0, to))).toBe(slow(to));
    expect(crcEnd(crcInt32(CRC_START, bytes.readInt32LE(0)))).toBe(slow(4));
    expect(crcEnd(crcInt64(CRC_START, bytes.readInt32LE(0), bytes.readInt32LE(4)))).toBe(slow(8));
  });
});

describe("a type's name", () => {
  it.each([
    ["BIGINT", "bigint"],
    ["decimal", "decimal"],
    ["Decimal( 38 , 18 )", "decimal(38,18)"],
    [
      "array < map < string , struct < a : int , b : decimal(10,2) > > >",
      "array<map<string,struct<a:int,b:decimal(10,2)>>>",
    ],
    ["VARCHAR(10)", "varchar(10)"],
    ["vector(float,3)", "vector(float,3)"],
  ])("%s is %s", (written, name) => {
    const type = parseType(written);
    expect(type && odpsTypeName(type)).toBe(name);
  });

  it.each(["", "text", "varchar", "varchar(x)", "array<>", "map<string>", "struct<a>", "decimal(1", "char(1,2)"])(
    "%s is none",
    (written) => {
      expect(parseType(written)).toBeNull();
    },
  );
});

interface Random {
  below(limit: number): number;
}

function generator(seed: number): Random {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 8) * limit) >>> 24;
  };
  return { below };
}

const scalars = [
  ...["bigint", "int", "smallint", "tinyint", "boolean", "float", "double", "string", "binary", "json", "date"],
  ...[
    "datetime",
    "timestamp",
    "timestamp_ntz",
    "interval_day_time",
    "interval_year_month",
    "decimal(38,18)",
    "char(9)",
  ],
];

function randomType(random: Random, depth: number): WireType {
  const inner = () => randomType(random, depth + 1);
  const kind = depth > 2 ? 9 : random.below(10);
  if (kind === 0) return { kind: "array", element: inner() };
  if (kind === 1) return { kind: "map", key: inner(), value: inner() };
  if (kind === 2) return { kind: "struct", fields: ["a", "b"].map((name) => ({ name, type: inner() })) };
  return typesOf([scalars[random.below(scalars.length)] ?? "bigint"])[0]!;
}

function randomValue(random: Random, type: WireType): WireValue {
  const bigint = () => {
    const bits = BigInt(random.below(64));
    const value =
      (BigInt(random.below(1 << 24)) << 40n) ^ (BigInt(random.below(1 << 24)) << 16n) ^ BigInt(random.below(65536));
    return BigInt.asIntN(64, value >> bits) * (random.below(2) ? 1n : -1n);
  };
  const maybe = (inner: WireType) => (random.below(3) === 0 ? null : randomValue(random, inner));
  const list = (inner: WireType) => Array.from({ length: random.below(4) }, () => maybe(inner));
  switch (type.kind) {
    case "array":
      return list(type.element);
    case "map": {
      const keys = list(type.key);
      return { keys, values: keys.map(() => maybe(type.value)) };
    }
    case "struct":
      return type.fields.map((field) => maybe(field.type));
    case "boolean":
      return random.below(2) === 1;
    case "double":
      return (random.below(1 << 24) - 1e6) / (1 + random.below(1000));
    case "float":
      return Math.fround(random.below(1 << 24) / 7);
    case "timestamp":
    case "timestamp_ntz":
    case "interval_day_time":
      return { seconds: BigInt(random.below(1 << 24)) * 7000n - 60_000_000_000n, nanos: random.below(1_000) * 999_999 };
    case "string":
    case "binary":
    case "json":
    case "char":
    case "decimal":
      return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
    default:
      return bigint();
  }
}
