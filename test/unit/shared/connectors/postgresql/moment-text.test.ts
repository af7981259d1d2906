import { describe, expect, test } from "vitest";
import { onUtcClock, toUtc, withoutOffset } from "../../../../../shared/connectors/postgresql/moment-text.js";

const inPlace = (text: string, move: typeof toUtc) => {
  const data = Buffer.alloc(80, 0x7a);
  data.write(text, 10);
  return data.toString("latin1", 10, move(data, 10, 10 + text.length));
};

describe("a timestamptz", () => {
  test.each([
    ["2024-02-29 20:34:56.123456+08", "2024-02-29 20:34:56.123456", "2024-02-29 12:34:56.123456"],
    ["2024-02-29 20:34:56+05:30", "2024-02-29 20:34:56", "2024-02-29 15:04:56"],
    ["2023-12-31 23:00:00.5-03:30", "2023-12-31 23:00:00.5", "2024-01-01 02:30:00.5"],
    ["1900-01-01 08:05:43+08:05:43", "1900-01-01 08:05:43", "1900-01-01 00:00:00"],
    ["2024-03-01 00:30:00+01", "2024-03-01 00:30:00", "2024-02-29 23:30:00"],
    ["2023-03-01 00:30:00+01", "2023-03-01 00:30:00", "2023-02-28 23:30:00"],
    ["1900-03-01 00:00:00+00", "1900-03-01 00:00:00", "1900-03-01 00:00:00"],
    ["9999-12-31 23:00:00-08", "9999-12-31 23:00:00", "10000-01-01 07:00:00"],
    ["10000-01-01 07:00:00+08", "10000-01-01 07:00:00", "9999-12-31 23:00:00"],
    ["294276-12-31 23:59:59.999999+00", "294276-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999"],
    ["0044-03-15 08:05:43+08:05:43 BC", "0044-03-15 08:05:43 BC", "0044-03-15 00:00:00 BC"],
    ["0001-01-01 00:00:00+08", "0001-01-01 00:00:00", "0001-12-31 16:00:00 BC"],
    ["0001-12-31 20:00:00-08 BC", "0001-12-31 20:00:00 BC", "0001-01-01 04:00:00"],
    ["infinity", "infinity", "infinity"],
    ["-infinity", "-infinity", "-infinity"],
  ])("%s shows its clock, or that of UTC", (text, own, utc) => {
    expect(inPlace(text, withoutOffset)).toBe(own);
    expect(inPlace(text, toUtc)).toBe(utc);
  });

  test("moves as JavaScript's dates do, on each day of four hundred years", () => {
    const wrong: string[] = [];
    for (let day = Date.UTC(1799, 0, 1); day < Date.UTC(2201, 0, 1); day += 86_400_000) {
      const moment = `${new Date(day).toISOString().slice(0, 10)} 00:00:00+00:30`;
      const before = new Date(day - 1_800_000).toISOString().slice(0, 19).replace("T", " ");
      if (onUtcClock(moment) !== before) wrong.push(moment);
    }
    expect(wrong).toEqual([]);
  });
});
