import { CRC_START, crcByte, crcBytes, crcInt32, crcInt64 } from "./crc32c.js";

/**
 * Bytes of a record stream in the making, and the checksum of the record at hand. Whoever writes reserves first: the functions below
 * check no bounds.
 */
export interface Sink {
  bytes: Buffer;
  at: number;
  /** Running checksum of the record; see crc32c.ts. */
  crc: number;
}

/** How a field is encoded, in the words of protocol buffers: varint, 8 bytes, with a length of some kind, 4 bytes. */
export type Wire = 0 | 1 | 2 | 5;

/** An empty sink. */
export function openSink(bytes = 1 << 16): Sink {
  return { bytes: Buffer.allocUnsafeSlow(bytes), at: 0, crc: CRC_START };
}

/** Makes room for so many more bytes. */
export function reserve(sink: Sink, more: number): void {
  const needed = sink.at + more;
  if (needed <= sink.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, sink.bytes.length * 2));
  sink.bytes.copy(larger, 0, 0, sink.at);
  sink.bytes = larger;
}

/** A varint of an unsigned 32-bit number. At most 5 bytes. */
export function putVarint(sink: Sink, value: number): void {
  const { bytes } = sink;
  let at = sink.at;
  let rest = value >>> 0;
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  sink.at = at;
}

/** The tag in front of a field, or one of the stream's own marks. At most 5 bytes. */
export function putTag(sink: Sink, column: number, wire: Wire): void {
  if (column < 16) sink.bytes[sink.at++] = (column << 3) | wire;
  else putVarint(sink, (column << 3) | wire);
}

/** A field's tag, which the checksum has as the column's number. */
export function putField(sink: Sink, column: number, wire: Wire): void {
  putTag(sink, column, wire);
  sink.crc = crcInt32(sink.crc, column);
}

/** A zigzag varint of a 64-bit integer in two signed halves. At most 10 bytes. */
export function putZigzag(sink: Sink, low: number, high: number): void {
  const sign = high >> 31;
  let lowest = ((low << 1) ^ sign) >>> 0;
  let highest = (((high << 1) | (low >>> 31)) ^ sign) >>> 0;
  const { bytes } = sink;
  let at = sink.at;
  while (highest !== 0 || lowest > 127) {
    bytes[at++] = (lowest & 127) | 128;
    lowest = ((lowest >>> 7) | (highest << 25)) >>> 0;
    highest >>>= 7;
  }
  bytes[at++] = lowest;
  sink.at = at;
}

/** A 64-bit integer as a value. At most 10 bytes. */
export function putInt64(sink: Sink, low: number, high: number): void {
  putZigzag(sink, low, high);
  sink.crc = crcInt64(sink.crc, low, high);
}

const TWO_32 = 2 ** 32;

/** The upper half of an integer that a JavaScript number holds exactly. */
export function highHalf(value: number): number {
  return Math.floor(value / TWO_32) | 0;
}

/** An integer of at most 53 bits as a value. At most 10 bytes. */
export function putInteger(sink: Sink, value: number): void {
  putInt64(sink, value | 0, highHalf(value));
}

/** An integer of 64 bits as a value. At most 10 bytes. */
export function putBigint(sink: Sink, value: bigint): void {
  putInt64(sink, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}

/** One byte as a value. */
export function putByte(sink: Sink, value: number): void {
  sink.bytes[sink.at++] = value;
  sink.crc = crcByte(sink.crc, value);
}

const scratch = new DataView(new ArrayBuffer(8));

/** 8 bytes of a number, lowest first. */
export function putDouble(sink: Sink, value: number): void {
  scratch.setFloat64(0, value, true);
  const [low, high] = [scratch.getInt32(0, true), scratch.getInt32(4, true)];
  sink.bytes.writeInt32LE(low, sink.at);
  sink.bytes.writeInt32LE(high, sink.at + 4);
  sink.at += 8;
  sink.crc = crcInt64(sink.crc, low, high);
}

/** 4 bytes of a number, lowest first. */
export function putFloat(sink: Sink, value: number): void {
  scratch.setFloat32(0, value, true);
  const bits = scratch.getInt32(0, true);
  sink.bytes.writeInt32LE(bits, sink.at);
  sink.at += 4;
  sink.crc = crcInt32(sink.crc, bits);
}

/** From this length on a native copy beats the loop. */
const LONG = 64;

/** Bytes behind their number. At most 5 bytes and themselves. */
export function putBytes(sink: Sink, data: Uint8Array, from: number, to: number): void {
  putVarint(sink, to - from);
  const { bytes } = sink;
  if (to - from > LONG) {
    bytes.set(data.subarray(from, to), sink.at);
    sink.at += to - from;
  } else {
    let at = sink.at;
    for (let i = from; i < to; i++) bytes[at++] = data[i] as number; // within the caller's bounds
    sink.at = at;
  }
  sink.crc = crcBytes(sink.crc, data, from, to);
}

/** Seconds, rounded down, and nanoseconds: 0 to 999,999,999. At most 15 bytes. */
export function putMoment(sink: Sink, seconds: number, nanos: number): void {
  putInteger(sink, seconds);
  putZigzag(sink, nanos, 0);
  sink.crc = crcInt32(sink.crc, nanos);
}
