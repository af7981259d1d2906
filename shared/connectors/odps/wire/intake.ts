import { CRC_START, crcByte, crcBytes, crcInt32, crcInt64 } from "./crc32c.js";

/** Bytes of a record stream as far as they have come, and the checksum of the record at hand. */
export interface Intake {
  data: Buffer;
  at: number;
  /** How many bytes of `data` have come. */
  end: number;
  /** Running checksum of the record; see crc32c.ts. */
  crc: number;
  /** Halves of the integer that was taken last. */
  low: number;
  high: number;
}

/** Thrown when a value is not complete yet: the record is begun anew when more bytes are there. */
export const needMore = Symbol("more bytes are needed");

/** A stream that breaks its own rules. */
export class MalformedStream extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedStream";
  }
}

/** An intake over bytes that have all come. */
export function openIntake(data: Buffer): Intake {
  return { data, at: 0, end: data.length, crc: CRC_START, low: 0, high: 0 };
}

/** A varint into `low` and `high`, each 32 bits; 10 bytes at most. @throws needMore, MalformedStream */
export function takeVarint64(intake: Intake): void {
  const { data, end } = intake;
  let at = intake.at;
  let low = 0;
  let high = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= end) throw needMore;
    if (shift > 63) throw new MalformedStream("a varint has more than 10 bytes");
    const byte = data[at++] as number; // at < end
    const bits = byte & 127;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 128) break;
  }
  intake.at = at;
  intake.low = low;
  intake.high = high;
}

/** The lower 32 bits of a varint, unsigned: PyODPS writes checksums with ten bytes. @throws needMore, MalformedStream */
export function takeVarint(intake: Intake): number {
  const { data, at } = intake;
  const first = data[at];
  if (first !== undefined && first < 128 && at < intake.end) {
    intake.at = at + 1;
    return first;
  }
  takeVarint64(intake);
  return intake.low >>> 0;
}

/** A zigzag varint into `low` and `high`, both signed. @throws needMore, MalformedStream */
export function takeZigzag(intake: Intake): void {
  takeVarint64(intake);
  const { low, high } = intake;
  const sign = -(low & 1);
  intake.low = (((low >>> 1) | (high << 31)) ^ sign) | 0;
  intake.high = ((high >>> 1) ^ sign) | 0;
}

/** A 64-bit integer as a value. @throws needMore, MalformedStream */
export function takeInt64(intake: Intake): void {
  takeZigzag(intake);
  intake.crc = crcInt64(intake.crc, intake.low, intake.high);
}

/** The integer taken last as a number; exact up to 53 bits. */
export function lastNumber({ low, high }: Intake): number {
  return high * 2 ** 32 + (low >>> 0);
}

/** The integer taken last. */
export function lastBigint({ low, high }: Intake): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** True when a JavaScript number holds the integer taken last. */
export function lastIsSafe({ high }: Intake): boolean {
  return high < 0x200000 && high >= -0x200000;
}

/** One byte as a value. @throws needMore */
export function takeByte(intake: Intake): number {
  if (intake.at >= intake.end) throw needMore;
  const value = intake.data[intake.at++] as number; // at < end
  intake.crc = crcByte(intake.crc, value);
  return value;
}

/** A null flag, a byte outside the checksum. @throws needMore */
export function takeFlag(intake: Intake): boolean {
  if (intake.at >= intake.end) throw needMore;
  return intake.data[intake.at++] !== 0;
}

/** 8 bytes as a number. @throws needMore */
export function takeDouble(intake: Intake): number {
  const { data, at } = intake;
  if (at + 8 > intake.end) throw needMore;
  intake.crc = crcInt64(intake.crc, data.readInt32LE(at), data.readInt32LE(at + 4));
  intake.at = at + 8;
  return data.readDoubleLE(at);
}

/** 4 bytes as a number. @throws needMore */
export function takeFloat(intake: Intake): number {
  const { data, at } = intake;
  if (at + 4 > intake.end) throw needMore;
  intake.crc = crcInt32(intake.crc, data.readInt32LE(at));
  intake.at = at + 4;
  return data.readFloatLE(at);
}

/** Passes bytes behind their number. @returns where they begin; they end at `intake.at` @throws needMore, MalformedStream */
export function takeBytes(intake: Intake): number {
  const length = takeVarint(intake);
  const from = intake.at;
  if (from + length > intake.end) throw needMore;
  intake.at = from + length;
  intake.crc = crcBytes(intake.crc, intake.data, from, intake.at);
  return from;
}

/** The nanoseconds of a moment, whose seconds are taken already. @throws needMore, MalformedStream */
export function takeNanos(intake: Intake): number {
  takeZigzag(intake);
  intake.crc = crcInt32(intake.crc, intake.low);
  return intake.low;
}
