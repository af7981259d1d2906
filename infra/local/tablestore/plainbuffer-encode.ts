import { crc8, crc8Byte } from "./crc8.js";
import { HEADER, type PlainCell, type PlainRow, tag } from "./plainbuffer.js";

/** A row as bytes with header, ready for a response. */
export function encodePlainRow(row: PlainRow): Buffer {
  return withHeader([encodeStoredRow(row)]);
}

/** Rows without header, one after the other, made into a response; no rows are no bytes at all. */
export function withHeader(rows: readonly Buffer[]): Buffer {
  return rows.length === 0 ? Buffer.alloc(0) : Buffer.concat([headerBytes, ...rows]);
}

const headerBytes = Buffer.from([HEADER, 0, 0, 0]);

/** A row as bytes without header. */
export function encodeStoredRow(row: PlainRow): Buffer {
  const bytes = Buffer.allocUnsafe(sizeOf(row));
  let checksum = 0;
  let at = 0;
  for (const [section, cells] of [
    [tag.key, row.key],
    [tag.attributes, row.attributes],
  ] as const) {
    if (cells.length === 0) continue;
    bytes[at++] = section;
    for (const cell of cells) {
      at = writeCell(bytes, at, cell);
      checksum = crc8Byte(checksum, bytes.readUInt8(at - 1));
    }
  }
  if (row.deleted) bytes[at++] = tag.deleteMarker;
  bytes[at++] = tag.rowChecksum;
  bytes[at++] = crc8Byte(checksum, row.deleted ? 1 : 0);
  return bytes;
}

function sizeOf(row: PlainRow): number {
  let size = 2 + (row.key.length > 0 ? 1 : 0) + (row.attributes.length > 0 ? 1 : 0) + (row.deleted ? 1 : 0);
  for (const cells of [row.key, row.attributes]) {
    for (const cell of cells) {
      size += 1 + 5 + Buffer.byteLength(cell.name) + 2;
      if (cell.value !== undefined) size += 5 + cell.value.length;
      if (cell.operation !== undefined) size += 2;
      if (cell.timestamp !== undefined) size += 9;
    }
  }
  return size;
}

/** Returns the place after the cell; the byte before it is the cell's checksum. */
function writeCell(bytes: Buffer, start: number, cell: PlainCell): number {
  let at = start;
  bytes[at++] = tag.cell;
  bytes[at++] = tag.name;
  const nameLength = bytes.write(cell.name, at + 4, "utf8");
  bytes.writeUInt32LE(nameLength, at);
  at += 4 + nameLength;
  let checksum = crc8(0, bytes.subarray(at - nameLength, at));
  if (cell.value !== undefined) {
    bytes[at++] = tag.value;
    at = bytes.writeUInt32LE(cell.value.length, at);
    at += cell.value.copy(bytes, at);
    checksum = crc8(checksum, cell.value);
  }
  if (cell.operation !== undefined) {
    bytes[at++] = tag.operation;
    bytes[at++] = cell.operation;
  }
  if (cell.timestamp !== undefined) {
    bytes[at++] = tag.timestamp;
    bytes.writeBigInt64LE(cell.timestamp, at);
    checksum = crc8(checksum, bytes.subarray(at, at + 8));
    at += 8;
  }
  if (cell.operation !== undefined) checksum = crc8Byte(checksum, cell.operation);
  bytes[at++] = tag.cellChecksum;
  bytes[at++] = checksum;
  return at;
}
