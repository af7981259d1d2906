/** The polynomial of ECMA-182, bits reversed, as OSS uses it. */
const POLYNOMIAL = 0xc96c5795d7870f42n;
const TOP = 1n << 63n;
/** Bytes taken at a time: one table for each. */
const STRIDE = 8;

/** Low and high halves of the tables: entry `256 * distance + byte`. */
interface Tables {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

const made = new Map<bigint, Tables>();

function tablesOf(polynomial: bigint): Tables {
  const kept = made.get(polynomial) ?? makeTables(polynomial);
  made.set(polynomial, kept);
  return kept;
}

function makeTables(polynomial: bigint): Tables {
  const entries: bigint[] = [];
  for (let byte = 0n; byte < 256n; byte += 1n) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    entries.push(crc);
  }
  for (let index = 256; index < STRIDE * 256; index += 1) {
    const before = entries[index - 256] ?? 0n;
    entries.push((entries[Number(before & 255n)] ?? 0n) ^ (before >> 8n));
  }
  return {
    low: Int32Array.from(entries, (entry) => Number(BigInt.asIntN(32, entry))),
    high: Int32Array.from(entries, (entry) => Number(BigInt.asIntN(32, entry >> 32n))),
  };
}

/** A CRC-64 in the making. */
export interface Crc64 {
  update(bytes: Uint8Array): void;
  /** The sum so far, in decimal digits as the header `x-oss-hash-crc64ecma` has it. */
  digest(): string;
}

/**
 * Begins a CRC-64 (reflected); by default the checksum that clients of OSS compare with their own. In halves, since 64 bits do not fit a number.
 *
 * @param polynomial  bits reversed
 */
export function createCrc64(polynomial = POLYNOMIAL): Crc64 {
  const tables = tablesOf(polynomial);
  let low = -1;
  let high = -1;
  return {
    update(bytes) {
      [low, high] = advance(tables, bytes, [low, high]);
    },
    digest: () => ((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)).toString(),
  };
}

function advance(tables: Tables, bytes: Uint8Array, start: readonly [number, number]): [number, number] {
  const { low: tableLow, high: tableHigh } = tables;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [low, high] = start;
  let at = 0;
  for (const end = bytes.length - (bytes.length % STRIDE); at < end; at += STRIDE) {
    const left = low ^ view.getInt32(at, true);
    const right = high ^ view.getInt32(at + 4, true);
    const i7 = 1792 + (left & 255);
    const i6 = 1536 + ((left >>> 8) & 255);
    const i5 = 1280 + ((left >>> 16) & 255);
    const i4 = 1024 + (left >>> 24);
    const i3 = 768 + (right & 255);
    const i2 = 512 + ((right >>> 8) & 255);
    const i1 = 256 + ((right >>> 16) & 255);
    const i0 = right >>> 24;
    const of = (table: Int32Array) =>
      // Indices are within the tables by construction.
      (table[i7] as number) ^
      (table[i6] as number) ^
      (table[i5] as number) ^
      (table[i4] as number) ^
      (table[i3] as number) ^
      (table[i2] as number) ^
      (table[i1] as number) ^
      (table[i0] as number);
    low = of(tableLow);
    high = of(tableHigh);
  }
  for (; at < bytes.length; at += 1) {
    const index = (low ^ (bytes[at] as number)) & 255;
    low = (tableLow[index] as number) ^ ((low >>> 8) | (high << 24));
    high = (tableHigh[index] as number) ^ (high >>> 8);
  }
  return [low, high];
}

/** Bytes that lie behind one another, by their length and sum. */
export interface Summed {
  readonly size: number;
  /** undefined = was stored before sums were kept */
  readonly crc64?: string | undefined;
}

/** The CRC-64 of pieces joined, without their bytes; undefined when one of them is not known. */
export function joinCrc64(pieces: readonly Summed[]): string | undefined {
  // Parts of an upload mostly have one size, and the power of x belongs to the size.
  const powers = new Map<number, bigint>();
  let sum = 0n;
  for (const { size, crc64 } of pieces) {
    if (crc64 === undefined) return undefined;
    const power = powers.get(size) ?? powerOfX(size);
    powers.set(size, power);
    sum = multiply(power, sum) ^ BigInt(crc64);
  }
  return sum.toString();
}

/** x^(8 * bytes) modulo the polynomial; the top bit is x^0. */
function powerOfX(bytes: number): bigint {
  let power = TOP;
  let square = TOP >> 8n;
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(square, power);
    square = multiply(square, square);
  }
  return power;
}

function multiply(left: bigint, right: bigint): bigint {
  let product = 0n;
  let shifted = right;
  for (let mask = TOP; mask !== 0n; mask >>= 1n) {
    if (left & mask) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ POLYNOMIAL : shifted >> 1n;
  }
  return product;
}
