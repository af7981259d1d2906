import { crc8, crc8Byte } from "./crc8.js";

/**
 * A value as it travels: a type byte and its payload, kept as bytes so that nothing is lost or re-encoded.
 * Integers are i64 little-endian, doubles IEEE little-endian, strings and blobs carry a u32 length first.
 */
export type Variant = Buffer;

/** Type byte of a {@link Variant}; the last three stand for key bounds and values that the server assigns. */
export const variantType = {
  integer: 0,
  double: 1,
  boolean: 2,
  string: 3,
  blob: 7,
  minimum: 9,
  maximum: 10,
  autoIncrement: 11,
} as const;

/** Operation byte of a cell in an update; a cell without one is a put. */
export const cellOperation = { deleteAllVersions: 1, deleteOneVersion: 3, increment: 4 } as const;

/** One field of a row. `timestamp` is in ms since the epoch. */
export interface PlainCell {
  readonly name: string;
  readonly value?: Variant;
  readonly operation?: number;
  readonly timestamp?: bigint;
}

/** A row, a key (no attributes), or a change (cells with operations). */
export interface PlainRow {
  readonly key: readonly PlainCell[];
  readonly attributes: readonly PlainCell[];
  /** True for the row of a DeleteRow. */
  readonly deleted: boolean;
}

/** First four bytes of a buffer of rows, little-endian. */
export const HEADER = 0x75;

/** Marks in front of the parts of a row. */
export const tag = {
  key: 1,
  attributes: 2,
  cell: 3,
  name: 4,
  value: 5,
  operation: 6,
  timestamp: 7,
  deleteMarker: 8,
  rowChecksum: 9,
  cellChecksum: 10,
} as const;

/** The bytes are not what PlainBuffer allows; the message names the place. */
export class PlainBufferError extends Error {}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/**
 * Reads the one row of a buffer with header. Bytes after the row's checksum are ignored: clients over-estimate sizes.
 *
 * @throws PlainBufferError for wrong tags, lengths, types or checksums
 */
export function decodePlainRow(bytes: Buffer): PlainRow {
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== HEADER) throw new PlainBufferError("The header is missing.");
  return readRow({ bytes, at: 4 });
}

/** Reads a row without header, the form in which rows are stored. */
export function decodeStoredRow(bytes: Buffer): PlainRow {
  return readRow({ bytes, at: 0 });
}

/** Reads a bare value as filters and transactions carry it; bytes after it are ignored. */
export function decodeVariant(bytes: Buffer): Variant {
  return bytes.subarray(0, variantLength(bytes, 0, bytes.length));
}

function readRow(cursor: Cursor): PlainRow {
  const key: PlainCell[] = [];
  const attributes: PlainCell[] = [];
  let checksum = 0;
  if (take(cursor, tag.key)) checksum = readCells(cursor, key, checksum);
  if (take(cursor, tag.attributes)) checksum = readCells(cursor, attributes, checksum);
  const deleted = take(cursor, tag.deleteMarker);
  checksum = crc8Byte(checksum, deleted ? 1 : 0);
  expect(cursor, tag.rowChecksum, "a row checksum");
  if (readByte(cursor) !== checksum) throw new PlainBufferError("The checksum of a row does not match.");
  return { key, attributes, deleted };
}

function readCells(cursor: Cursor, into: PlainCell[], rowChecksum: number): number {
  let checksum = rowChecksum;
  while (take(cursor, tag.cell)) checksum = crc8Byte(checksum, readCell(cursor, into));
  return checksum;
}

/** Returns the cell's checksum; it covers name, value, timestamp, operation, in this order and not in the wire's. */
function readCell(cursor: Cursor, into: PlainCell[]): number {
  expect(cursor, tag.name, "a cell name");
  const name = readBytes(cursor, readLength(cursor));
  let checksum = crc8(0, name);
  const cell: { -readonly [K in keyof PlainCell]: PlainCell[K] } = { name: name.toString("utf8") };
  if (take(cursor, tag.value)) {
    const length = readLength(cursor);
    cell.value = readVariant(cursor, length);
    checksum = crc8(checksum, cell.value);
  }
  if (take(cursor, tag.operation)) cell.operation = readByte(cursor);
  if (take(cursor, tag.timestamp)) {
    const time = readBytes(cursor, 8);
    cell.timestamp = time.readBigInt64LE(0);
    checksum = crc8(checksum, time);
  }
  if (cell.operation !== undefined) checksum = crc8Byte(checksum, cell.operation);
  expect(cursor, tag.cellChecksum, "a cell checksum");
  if (readByte(cursor) !== checksum) throw new PlainBufferError(`The checksum of cell "${cell.name}" does not match.`);
  into.push(cell);
  return checksum;
}

function readVariant(cursor: Cursor, declared: number): Variant {
  const length = variantLength(cursor.bytes, cursor.at, cursor.bytes.length);
  if (length !== declared) throw new PlainBufferError(`A value of ${length} bytes is announced with ${declared}.`);
  return readBytes(cursor, length);
}

function variantLength(bytes: Buffer, at: number, end: number): number {
  const length = 1 + payloadLength(bytes, at, end);
  if (at + length > end) throw new PlainBufferError("The buffer ends inside a value.");
  return length;
}

function payloadLength(bytes: Buffer, at: number, end: number): number {
  switch (bytes[at]) {
    case variantType.integer:
    case variantType.double:
      return 8;
    case variantType.boolean:
      return 1;
    case variantType.string:
    case variantType.blob:
      if (at + 5 > end) throw new PlainBufferError("The buffer ends inside a value.");
      return 4 + bytes.readUInt32LE(at + 1);
    case variantType.minimum:
    case variantType.maximum:
    case variantType.autoIncrement:
      return 0;
    default:
      throw new PlainBufferError(`Unknown value type ${bytes[at]}.`);
  }
}

function take(cursor: Cursor, wanted: number): boolean {
  if (cursor.bytes[cursor.at] !== wanted) return false;
  cursor.at += 1;
  return true;
}

function expect(cursor: Cursor, wanted: number, what: string): void {
  if (!take(cursor, wanted)) {
    throw new PlainBufferError(`Expected ${what} at byte ${cursor.at}, found tag ${cursor.bytes[cursor.at]}.`);
  }
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new PlainBufferError("The buffer ends early.");
  cursor.at += 1;
  return byte;
}

function readLength(cursor: Cursor): number {
  return readBytes(cursor, 4).readUInt32LE(0);
}

function readBytes(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new PlainBufferError("The buffer ends early.");
  const slice = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return slice;
}
