import { describe, expect, it } from "vitest";
import { bytes, clock, groupedCount, groupedCounted, localTime, seconds } from "../../../../infra/cli/numbers.js";

describe("numbers in reports", () => {
  it("separates thousands and names what is counted", () => {
    expect(groupedCount(1234567)).toBe("1,234,567");
    expect(groupedCounted(1, "split")).toBe("1 split");
    expect(groupedCounted(2000, "split")).toBe("2,000 splits");
  });

  it("gives bytes in the largest fitting unit of 1,024", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(1023)).toBe("1,023 B");
    expect(bytes(1536)).toBe("1.50 KB");
    expect(bytes(14 * 1024 * 1024)).toBe("14.00 MB");
    expect(bytes(2 ** 60)).toBe("1048576.00 TB");
  });

  it("gives durations with as many digits as they deserve", () => {
    expect([0.042, 6.24, 95.4].map(seconds)).toEqual(["0.04 s", "6.2 s", "95 s"]);
    expect([6.6, 65, 3725, -3].map(clock)).toEqual(["0:07", "1:05", "1:02:05", "0:00"]);
  });

  it("shows times in the reader's own zone and a dash for none", () => {
    const time = new Date(2026, 10, 5, 4, 3, 2);
    expect(localTime(time.toISOString())).toBe("2026-11-05 04:03:02");
    expect(localTime(null)).toBe("-");
    expect(localTime("soon")).toBe("soon");
  });
});
