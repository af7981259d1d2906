import { expect, test } from "vitest";
import { crc8, crc8Byte } from "../../../../../infra/local/tablestore/crc8.js";

test("the check value of CRC-8 is 0xf4", () => {
  expect(crc8(0, Buffer.from("123456789"))).toBe(0xf4);
});

test("many bytes at once give what they give one after the other, from any start and place", () => {
  const bytes = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 167 + (i >> 3)) & 0xff));
  for (let length = 0; length < 40; length++)
    for (const [start, from] of [
      [0, 0],
      [0x5a, 3],
      [0xff, 250],
    ] as const) {
      const part = bytes.subarray(from, from + length);
      expect(crc8(start, part)).toBe(part.reduce(crc8Byte, start));
    }
});
