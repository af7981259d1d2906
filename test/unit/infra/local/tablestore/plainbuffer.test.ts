import * as TableStore from "tablestore";
import { describe, expect, it } from "vitest";
import { crc8 } from "../../../../../infra/local/tablestore/crc8.js";
import {
  cellOperation,
  decodePlainRow,
  decodeStoredRow,
  decodeVariant,
  PlainBufferError,
  type PlainCell,
  type PlainRow,
  type Variant,
  variantType,
} from "../../../../../infra/local/tablestore/plainbuffer.js";
import {
  encodePlainRow,
  encodeStoredRow,
  withHeader,
} from "../../../../../infra/local/tablestore/plainbuffer-encode.js";
import { integer } from "../../../../../infra/local/tablestore/variant.js";

// The SDK's own coder, which its types do not mention, as an independent opinion.
const builder = (TableStore as unknown as { PlainBufferBuilder: Record<string, (...parts: unknown[]) => Buffer> })
  .PlainBufferBuilder;
const sdk = (name: string, ...parts: unknown[]): Buffer => {
  const build = builder[name];
  if (!build) throw new Error(`The SDK has no ${name}.`);
  return build.apply(builder, parts);
};

const text = (value: string): Variant => {
  const bytes = Buffer.from(value, "utf8");
  const head = Buffer.alloc(5);
  head[0] = variantType.string;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const real = (value: number): Variant => {
  const bytes = Buffer.alloc(9);
  bytes[0] = variantType.double;
  bytes.writeDoubleLE(value, 1);
  return bytes;
};
const row = (key: PlainCell[], attributes: PlainCell[] = [], deleted = false): PlainRow => ({
  key,
  attributes,
  deleted,
});
const long = (value: string) => TableStore.Long.fromString(value);

describe("CRC8", () => {
  it("matches the published check value of its polynomial", () => {
    expect(crc8(0, Buffer.from("123456789"))).toBe(0xf4);
  });
});

describe("Rows", () => {
  const attributes: PlainCell[] = [
    { name: "s", value: text("grüße 😀") },
    { name: "e", value: text("") },
    { name: "i", value: integer(-(2n ** 63n)) },
    { name: "d", value: real(-0.25) },
    { name: "b", value: Buffer.from([variantType.boolean, 1]) },
    { name: "x", value: Buffer.from([variantType.blob, 2, 0, 0, 0, 0, 255]) },
  ];
  const key: PlainCell[] = [
    { name: "p", value: text("k") },
    { name: "n", value: integer(7n) },
  ];

  it("are written byte for byte as the SDK writes them", () => {
    const written = sdk(
      "serializeForPutRow",
      [{ p: "k" }, { n: long("7") }],
      [
        { s: "grüße 😀" },
        { e: "" },
        { i: long("-9223372036854775808") },
        { d: -0.25 },
        { b: true },
        { x: Buffer.from([0, 255]) },
      ],
    );
    const own = encodePlainRow(row(key, attributes));
    expect(written.subarray(0, own.length)).toEqual(own);
    expect(decodePlainRow(written)).toEqual(row(key, attributes));
  });

  it("of updates keep their operations and timestamps", () => {
    const written = sdk(
      "serializeForUpdateRow",
      [{ p: "k" }, { n: long("7") }],
      [
        { PUT: [{ a: "1", timestamp: 1000 }] },
        { DELETE_ALL: ["b"] },
        { DELETE: [{ c: 2000 }] },
        { INCREMENT: [{ d: long("3") }] },
      ],
    );
    const cells: PlainCell[] = [
      { name: "a", value: text("1"), timestamp: 1000n },
      { name: "b", operation: cellOperation.deleteAllVersions },
      { name: "c", operation: cellOperation.deleteOneVersion, timestamp: 2000n },
      { name: "d", value: integer(3n), operation: cellOperation.increment },
    ];
    expect(decodePlainRow(written)).toEqual(row(key, cells));
    const own = encodePlainRow(row(key, cells));
    expect(written.subarray(0, own.length)).toEqual(own);
  });

  it("of deletes carry the marker", () => {
    const written = sdk("serializeForDeleteRow", [{ p: "k" }, { n: long("7") }]);
    expect(decodePlainRow(written)).toEqual(row(key, [], true));
    expect(encodePlainRow(row(key, [], true))).toEqual(written.subarray(0, encodePlainRow(row(key, [], true)).length));
  });

  it("may carry bounds and placeholders in their keys, with padding behind", () => {
    const written = sdk("serializePrimaryKey", [
      { a: TableStore.INF_MIN },
      { b: TableStore.INF_MAX },
      { c: TableStore.PK_AUTO_INCR },
    ]);
    const kinds = decodePlainRow(written).key.map((cell) => cell.value?.[0]);
    expect(kinds).toEqual([variantType.minimum, variantType.maximum, variantType.autoIncrement]);
    expect(decodePlainRow(Buffer.concat([written, Buffer.alloc(20)])).key).toHaveLength(3);
  });

  it("with names outside ASCII survive", () => {
    const odd = row([{ name: "schlüssel", value: text("k") }], [{ name: "größe", value: integer(1n) }]);
    expect(decodePlainRow(encodePlainRow(odd))).toEqual(odd);
  });

  it("without header stand one after the other behind a single one", () => {
    const stored = encodeStoredRow(row(key, attributes));
    expect(decodeStoredRow(stored)).toEqual(row(key, attributes));
    expect(withHeader([stored, stored])).toEqual(Buffer.concat([Buffer.from([0x75, 0, 0, 0]), stored, stored]));
    expect(withHeader([])).toHaveLength(0);
  });

  it("are refused wherever they are cut off", () => {
    const bytes = encodePlainRow(row(key, [{ name: "a", value: text("1"), timestamp: 1n, operation: 3 }]));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodePlainRow(bytes.subarray(0, length))).toThrow(PlainBufferError);
    }
  });

  it("are refused when any byte is flipped, but never read as something else", () => {
    const bytes = encodePlainRow(row(key, [{ name: "a", value: text("12"), timestamp: 1n }]));
    for (let at = 0; at < bytes.length; at++) {
      const spoiled = Buffer.from(bytes);
      spoiled[at] = (spoiled[at] ?? 0) ^ 0x40;
      expect(() => decodePlainRow(spoiled)).toThrow(PlainBufferError);
    }
  });
});

describe("Bare values", () => {
  it("end where their type says, whatever follows", () => {
    expect(decodeVariant(Buffer.concat([text("ab"), Buffer.from([9, 9])]))).toEqual(text("ab"));
    expect(decodeVariant(sdk("serializeColumnValue", long("-1")))).toEqual(integer(-1n));
  });

  it("are refused when empty, cut off or of an unknown type", () => {
    for (const bytes of [Buffer.alloc(0), text("ab").subarray(0, 6), text("ab").subarray(0, 3), Buffer.from([42])]) {
      expect(() => decodeVariant(bytes)).toThrow(PlainBufferError);
    }
  });
});
