import { describe, expect, it } from "vitest";
import { fitsLong, isDecimal, isInt64, isInteger, truncated } from "../../../../shared/model/numbers.js";

describe("number checks", () => {
  it("take plain integers only", () => {
    for (const text of ["0", "-1", "000", "123456789012345678901"]) expect(isInteger(text)).toBe(true);
    for (const text of ["", "-", "+1", "1.0", " 1", "1e3", "--1"]) expect(isInteger(text)).toBe(false);
  });

  it("know the borders of 64 bits exactly", () => {
    expect(isInt64("9223372036854775807")).toBe(true);
    expect(isInt64("9223372036854775808")).toBe(false);
    expect(isInt64("-9223372036854775808")).toBe(true);
    expect(isInt64("-9223372036854775809")).toBe(false);
    expect(fitsLong("00000000000000000000000", "uint64")).toBe(true);
  });

  it("take decimals in every usual form", () => {
    for (const text of ["1", "-1.5", ".5", "5.", "+1e-3", "1E5"]) expect(isDecimal(text)).toBe(true);
    for (const text of ["", ".", "e5", "1e", "1e+", "1.5.1", "NaN", "1_0"]) expect(isDecimal(text)).toBe(false);
  });
});

describe("truncated", () => {
  it("agrees with exact arithmetic", () => {
    for (const mantissa of ["0", "1", "12.5", "-0.0099", "98765.4321", "-120"]) {
      for (const exponent of [-6, -2, -1, 0, 1, 3, 7]) {
        const exact = Math.trunc(Number((Number(mantissa) * 10 ** exponent).toPrecision(12)));
        expect(truncated(`${mantissa}e${exponent}`, 30)).toBe(String(exact === 0 ? 0 : exact));
      }
    }
  });

  it("does not spell out what is too long", () => expect(truncated("1e30", 30)).toBe("overflow"));
});
