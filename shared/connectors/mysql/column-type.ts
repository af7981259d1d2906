import type { FieldPacket } from "mysql2";
import type { Column, ColumnType } from "../../model/batch.js";
import { own } from "../../model/own.js";

/** Type codes of the wire protocol (MySQL internals manual, "Column Type"), with our type and a name for people. */
const wireTypes: Readonly<Record<number, readonly [type: ColumnType, name: string]>> = {
  0: ["double", "decimal"],
  1: ["long", "tinyint"],
  2: ["long", "smallint"],
  3: ["long", "int"],
  4: ["double", "float"],
  5: ["double", "double"],
  6: ["string", "null"],
  7: ["date", "timestamp"],
  8: ["long", "bigint"],
  9: ["long", "mediumint"],
  10: ["date", "date"],
  11: ["date", "time"],
  12: ["date", "datetime"],
  13: ["long", "year"],
  14: ["date", "date"],
  242: ["bytes", "vector"],
  245: ["string", "json"],
  246: ["double", "decimal"],
  255: ["bytes", "geometry"],
};

const bit = 16;
const blobs: Readonly<Record<number, true>> = { 249: true, 250: true, 251: true, 252: true };
/** The character set number that marks bytes rather than text. */
const binary = 63;
const flags = { unsigned: 32, enum: 256, set: 2048 } as const;

/** The column that a field of a result set is. */
export function columnOfField(field: FieldPacket): Column {
  const code = field.columnType ?? field.type ?? 253;
  const bits = typeof field.flags === "number" ? field.flags : 0;
  const width = field.columnLength ?? field.length ?? 0;
  if (code === bit) return { name: field.name, type: width === 1 ? "bool" : "bytes", nativeType: `bit(${width})` };
  const known = wireTypes[code];
  if (known) {
    const [type, name] = known;
    const isUnsigned = (bits & flags.unsigned) !== 0 && (type === "long" || type === "double") && code !== 13;
    const column: Column = { name: field.name, type, nativeType: isUnsigned ? `${name} unsigned` : name };
    return name === "timestamp" ? { ...column, isMoment: true } : column;
  }
  const isBytes = (field.characterSet ?? field.charsetNr) === binary;
  return { name: field.name, type: isBytes ? "bytes" : "string", nativeType: textName(code, bits, { isBytes }) };
}

function textName(code: number, bits: number, { isBytes }: { readonly isBytes: boolean }): string {
  if (bits & flags.enum) return "enum";
  if (bits & flags.set) return "set";
  if (blobs[code]) return isBytes ? "blob" : "text";
  if (code === 254) return isBytes ? "binary" : "char";
  return isBytes ? "varbinary" : "varchar";
}

const declaredTypes: Readonly<Record<string, ColumnType>> = {
  ...{
    tinyint: "long",
    smallint: "long",
    mediumint: "long",
    int: "long",
    integer: "long",
    bigint: "long",
    year: "long",
  },
  ...{ decimal: "double", numeric: "double", float: "double", double: "double", real: "double" },
  ...{ date: "date", datetime: "date", timestamp: "date", time: "date" },
  ...{ binary: "bytes", varbinary: "bytes", tinyblob: "bytes", blob: "bytes", mediumblob: "bytes", longblob: "bytes" },
  ...{ geometry: "bytes", point: "bytes", linestring: "bytes", polygon: "bytes", multipoint: "bytes" },
  ...{ multilinestring: "bytes", multipolygon: "bytes", geometrycollection: "bytes", geomcollection: "bytes" },
  ...{ vector: "bytes" },
};

/** Our type for a column as `information_schema.columns` declares it. */
export function typeOfDeclared(dataType: string, columnType: string): ColumnType {
  const name = dataType.toLowerCase();
  if (name === "bit") return /^bit\(1\)/i.test(columnType) ? "bool" : "bytes";
  return own(declaredTypes, name) ?? "string";
}
