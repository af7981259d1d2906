/**
 * CRC-32C (Castagnoli) as MaxCompute's record streams have it, eight bytes a step. A running checksum is a signed 32-bit number that starts
 * as {@link CRC_START}; {@link crcEnd} makes the value of it that goes over the wire.
 */
const POLYNOMIAL = 0x82f63b78;

/** A checksum of nothing yet. */
export const CRC_START = -1;

/** The finished checksum, 0 to 2^32 - 1. */
export function crcEnd(state: number): number {
  return ~state >>> 0;
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = makeTables();

/** Adds the bytes from `from` up to `to`. */
export function crcBytes(state: number, data: Uint8Array, from: number, to: number): number {
  let crc = state;
  let at = from;
  for (const last = to - 7; at < last; at += 8) {
    crc ^= byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
    crc =
      entry(t7, crc & 255) ^
      entry(t6, (crc >>> 8) & 255) ^
      entry(t5, (crc >>> 16) & 255) ^
      entry(t4, crc >>> 24) ^
      entry(t3, byte(data, at + 4)) ^
      entry(t2, byte(data, at + 5)) ^
      entry(t1, byte(data, at + 6)) ^
      entry(t0, byte(data, at + 7));
  }
  for (; at < to; at++) crc = entry(t0, (crc ^ byte(data, at)) & 255) ^ (crc >>> 8);
  return crc;
}

/** Adds one byte. */
export function crcByte(state: number, value: number): number {
  return entry(t0, (state ^ value) & 255) ^ (state >>> 8);
}

/** Adds a 32-bit integer, its lowest byte first. */
export function crcInt32(state: number, value: number): number {
  const x = state ^ value;
  return entry(t3, x & 255) ^ entry(t2, (x >>> 8) & 255) ^ entry(t1, (x >>> 16) & 255) ^ entry(t0, x >>> 24);
}

/** Adds a 64-bit integer given in two halves, its lowest byte first. */
export function crcInt64(state: number, low: number, high: number): number {
  const x = state ^ low;
  return (
    entry(t7, x & 255) ^
    entry(t6, (x >>> 8) & 255) ^
    entry(t5, (x >>> 16) & 255) ^
    entry(t4, x >>> 24) ^
    entry(t3, high & 255) ^
    entry(t2, (high >>> 8) & 255) ^
    entry(t1, (high >>> 16) & 255) ^
    entry(t0, high >>> 24)
  );
}

function entry(table: Int32Array, index: number): number {
  return table[index] as number; // 256 entries, index 0 to 255
}

function byte(data: Uint8Array, at: number): number {
  return data[at] as number; // within the caller's bounds
}

type Tables = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

function makeTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, value) => {
    let crc = value;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const next = (previous: Int32Array) => previous.map((value) => (first[value & 255] as number) ^ (value >>> 8)); // 256 entries
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
