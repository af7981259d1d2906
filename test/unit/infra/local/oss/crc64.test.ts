import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createCrc64, joinCrc64 } from "../../../../../infra/local/oss/crc64.js";

function sumOf(...pieces: readonly (string | Uint8Array)[]): string {
  const crc = createCrc64();
  for (const piece of pieces) crc.update(Buffer.from(piece));
  return crc.digest();
}

/** The definition, bit by bit. */
function plainSum(bytes: Uint8Array): string {
  let crc = (1n << 64n) - 1n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  }
  return (crc ^ ((1n << 64n) - 1n)).toString();
}

describe("the CRC-64 of OSS", () => {
  it("gives the check value of CRC-64/XZ, and zero for nothing", () => {
    // Catalogue of parametrised CRC algorithms: CRC-64/XZ, check 0x995dc9bbdf1939fa.
    expect(sumOf("123456789")).toBe(BigInt("0x995dc9bbdf1939fa").toString());
    expect(sumOf("")).toBe("0");
  });

  it("is the same however the bytes are cut, and by the definition", () => {
    const bytes = randomBytes(1003);
    const whole = plainSum(bytes);
    for (const cut of [0, 1, 7, 8, 9, 500, 1003]) {
      expect(sumOf(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(whole);
    }
    expect(sumOf(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3))).toBe(whole);
  });

  it("joins the sums of pieces into that of the whole", () => {
    const pieces = [1, 0, 300, 300, 5].map((size) => randomBytes(size));
    const sums = pieces.map((piece) => ({ size: piece.length, crc64: sumOf(piece) }));
    expect(joinCrc64(sums)).toBe(sumOf(...pieces));
    expect(joinCrc64([])).toBe("0");
  });

  it("has no sum for a whole of which a piece has none", () => {
    expect(joinCrc64([{ size: 1, crc64: "1" }, { size: 2 }])).toBeUndefined();
  });
});
