/** Longer values come in chunks behind this length. */
const LONG = 254;
const NULL = 255;
const CHUNK = 32_767;

/** Reads what the driver writes of Oracle's protocol (TTC): lengths in front of numbers and values. */
export class WireReader {
  private at = 0;

  constructor(private readonly data: Buffer) {}

  get left(): number {
    return this.data.length - this.at;
  }

  bytes(count: number): Buffer {
    if (count > this.left) throw new Error(`the request ends ${count - this.left} bytes too early`);
    this.at += count;
    return this.data.subarray(this.at - count, this.at);
  }

  byte(): number {
    return this.bytes(1).readUInt8();
  }

  skip(...sizes: readonly ("byte" | "number")[]): void {
    for (const size of sizes) size === "byte" ? this.byte() : this.number();
  }

  /** A number with its length in front. */
  number(): number {
    const size = this.byte();
    return size === 0 ? 0 : Number(BigInt(`0x${this.bytes(size).toString("hex")}`));
  }

  /** A value with its length in front; null where there is none. */
  value(): Buffer | null {
    const size = this.byte();
    if (size === 0 || size === NULL) return null;
    if (size !== LONG) return this.bytes(size);
    const chunks: Buffer[] = [];
    for (let length = this.number(); length > 0; length = this.number()) chunks.push(this.bytes(length));
    return Buffer.concat(chunks);
  }

  /** A value that says its length twice. */
  twice(): Buffer | null {
    return this.number() === 0 ? null : this.value();
  }

  text(): string {
    return this.value()?.toString() ?? "";
  }
}

/** Writes answers in the same way. */
export class WireWriter {
  private readonly parts: Buffer[] = [];

  raw(...parts: readonly Buffer[]): this {
    this.parts.push(...parts);
    return this;
  }

  byte(...values: readonly number[]): this {
    return this.raw(Buffer.from(values));
  }

  uint16(value: number): this {
    const part = Buffer.alloc(2);
    part.writeUInt16BE(value);
    return this.raw(part);
  }

  uint16LE(value: number): this {
    const part = Buffer.alloc(2);
    part.writeUInt16LE(value);
    return this.raw(part);
  }

  number(...values: readonly number[]): this {
    for (const value of values) {
      const hex = value === 0 ? "" : value.toString(16);
      const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
      this.byte(digits.length).raw(digits);
    }
    return this;
  }

  value(given: Buffer | string | null): this {
    const bytes = typeof given === "string" ? Buffer.from(given) : given;
    if (bytes === null || bytes.length === 0) return this.byte(0);
    if (bytes.length < 253) return this.byte(bytes.length).raw(bytes);
    this.byte(LONG);
    for (let from = 0; from < bytes.length; from += CHUNK) {
      const chunk = bytes.subarray(from, from + CHUNK);
      this.number(chunk.length).raw(chunk);
    }
    return this.number(0);
  }

  twice(given: Buffer | string | null): this {
    const size = given === null ? 0 : Buffer.byteLength(given);
    this.number(size);
    return size === 0 ? this : this.value(given);
  }

  done(): Buffer {
    return Buffer.concat(this.parts);
  }
}
