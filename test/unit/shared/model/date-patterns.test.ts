import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { convertCell } from "../../../../shared/model/convert.js";
import { patternFault } from "../../../../shared/model/date-pattern.js";
import { patternAdvice } from "../../../../shared/model/pattern-advice.js";

type JavaCase = [pattern: string, timeZone: string, date: string, printed: string, readBack: string];

/** What SimpleDateFormat of Java 17 printed for a date in a zone, Locale.US, and what it read from that again. */
const java: JavaCase[] = JSON.parse(
  readFileSync(new URL("../../../fixtures/java-date-patterns.json", import.meta.url), "utf8"),
);

/** `2013-07-06 15:30:45.500` without zeros that say nothing. */
const canonical = (date: string) => date.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

const read = (text: string, dateFormat: string, timeZone = "GMT+8") => {
  const found = convertCell(text, "string", { to: "date", options: { dateFormat, timeZone } });
  return found.ok ? found.cell : found.message;
};
const print = (cell: string, dateFormat: string, timeZone = "GMT+8") => {
  const found = convertCell(cell, "date", { to: "string", options: { dateFormat, timeZone } });
  return found.ok ? found.cell : found.message;
};

describe("date patterns", () => {
  it("print what Java's SimpleDateFormat prints", () => {
    expect(java.length).toBeGreaterThan(250);
    const ours = java.map(([pattern, zone, date]) => [pattern, zone, date, print(canonical(date), pattern, zone)]);
    expect(ours).toEqual(java.map((one) => one.slice(0, 4)));
  });

  it("read what Java's SimpleDateFormat printed as Java reads it", () => {
    const differences = java.filter(([pattern, zone, , printed, readBack]) => {
      const found = canonical(String(read(printed, pattern, zone)));
      const whole = canonical(readBack);
      return ![whole, whole.slice(0, 10), whole.slice(11)].includes(found) || found === "";
    });
    expect(differences).toEqual([]);
  });

  it.each([
    ["06-jul-2013", "dd-MMM-yyyy", "2013-07-06"],
    ["6 JULY 2013", "d MMM yyyy", "2013-07-06"],
    ["sat, 06 Jul 2013 03:30:45 pm", "EEE, dd MMM yyyy hh:mm:ss a", "2013-07-06 15:30:45"],
    ["12:00 AM", "hh:mm a", "00:00:00"],
    ["12:00 PM", "hh:mm a", "12:00:00"],
    ["0:30 PM", "K:mm a", "12:30:00"],
    ["24:10", "kk:mm", "00:10:00"],
    ["2013-07-06 15:30:45 +0200", "yyyy-MM-dd HH:mm:ss Z", "2013-07-06 21:30:45"],
    ["2013-07-06T15:30:45Z", "yyyy-MM-dd'T'HH:mm:ssXXX", "2013-07-06 23:30:45"],
    ["2013-07-06 15:30:45 PDT", "yyyy-MM-dd HH:mm:ss z", "2013-07-07 06:30:45"],
    ["2013-07-06 15:30:45 UTC", "yyyy-MM-dd HH:mm:ss z", "2013-07-06 23:30:45"],
    ["2013-07-06 15:30:45 GMT+02:00", "yyyy-MM-dd HH:mm:ss z", "2013-07-06 21:30:45"],
    ["2024366", "yyyyDDD", "2024-12-31"],
    ["2013-07-06 15:30:45.5", "yyyy-MM-dd HH:mm:ss.S", "2013-07-06 15:30:45.5"],
    ["2013-07-06", "YYYY-MM-dd", "2013-07-06"],
  ])("read %s by %s", (text, pattern, expected) => expect(read(text, pattern)).toBe(expected));

  it("read the abbreviation of their own zone, whatever else it may mean, on both sides of the change of clocks", () => {
    const pattern = "yyyy-MM-dd HH:mm:ss z";
    expect(read("2013-07-06 15:30:45 CST", pattern, "Asia/Shanghai")).toBe("2013-07-06 15:30:45");
    expect(read("2024-11-03 01:30:00 EDT", pattern, "UTC")).toBe("2024-11-03 05:30:00");
    expect(read("2024-11-03 01:30:00 EST", pattern, "UTC")).toBe("2024-11-03 06:30:00");
    expect(read("2013-07-06 15:30:45 CST", pattern, "UTC")).toContain("does not fit the pattern");
  });

  it.each([
    ["2013-07-06 15:30:45", "yyyy-MM-dd hh:mm:ss"],
    ["2013-07-06 00:30:45", "yyyy-MM-dd hh:mm:ss"],
    ["2013-07-06 12:30:45", "yyyy-MM-dd hh:mm:ss"],
    ["12:30 AM", "KK:mm a"],
    ["25:00", "kk:mm"],
    ["Sun, 06 Jul 2013", "EEE, dd MMM yyyy"],
    ["06-007-2013", "dd-MMM-yyyy"],
    ["06-Juli-2013", "dd-MMM-yyyy"],
    ["2023366", "yyyyDDD"],
    ["2024-07-06", "yyyy-MM-DD"],
    ["2024-12-30", "YYYY-MM-dd"],
    ["15:30 AM", "HH:mm a"],
    ["2013-07-06 15:30:45 Mars", "yyyy-MM-dd HH:mm:ss z"],
  ])("do not read %s by %s, and the reason names the pattern", (text, pattern) => {
    expect(read(text, pattern)).toBe(`"${text}" does not fit the pattern "${pattern}"`);
  });

  it("do not print another date than the record's: a week year that is not the year, an offset without its minutes", () => {
    expect(print("2024-12-29 10:00:00", "YYYY-MM-dd")).toBe(
      '"2024-12-29 10:00:00" cannot be written by the pattern "YYYY-MM-dd"',
    );
    expect(print("2024-12-28 10:00:00", "YYYY-MM-dd")).toBe("2024-12-28");
    expect(print("2024-12-29 10:00:00", "HH:mmX", "Asia/Kolkata")).toContain("cannot be written");
    expect(print("2024-12-29 10:00:00", "HH:mmXXX", "Asia/Kolkata")).toBe("10:00+05:30");
    expect(print("2024-12-29 10:00:00.007", "ss.S")).toBe("00.007");
    expect(print("0000-00-00", "dd-MMM-yyyy")).toContain('"dd-MMM-yyyy"');
  });

  it("without a pattern of the column, a text that fits none names them all", () => {
    const found = convertCell("12:30", "string", { to: "date", options: { timeZone: "UTC" } });
    expect(found).toMatchObject({
      message: '"12:30" does not fit any of the patterns "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd", "HH:mm:ss", "yyyyMMdd"',
    });
  });

  it.each([
    ["yyyy-MM-ddTHH:mm:ss", "has T, which stands for no part of a date; text stands in quotes: 'T'"],
    ["yyyy-'W'ww", "has ww, the week of the year, which is not supported"],
    ["G yyyy", "has G, the era, which is not supported"],
    ["yyyy-MM-dd'T", "has a quote that is not closed"],
    ["uuuu-MM-dd", "has uuuu, the number of the weekday, which is not supported"],
    ["'today'", "names no part of a date or a time, such as yyyy-MM-dd or HH:mm:ss"],
    ["z", "names no part of a date or a time, such as yyyy-MM-dd or HH:mm:ss"],
    ["", "names no part of a date or a time, such as yyyy-MM-dd or HH:mm:ss"],
  ])("refuse %s", (pattern, fault) => expect(patternFault(pattern)).toBe(fault));

  it.each([
    ["yyyy-mm-dd HH:mm:ss", "MM"],
    ["dd/mm", "MM"],
    ["yyyyMMdd HH:MM:ss", "mm"],
    ["yyyy-MM-dd hh:mm:ss", "HH"],
    ["YYYY-MM-dd", "yyyy"],
    ["yyyy-MM-DD", "dd"],
    ["HH:mm:SS", "ss"],
  ])("that are likely mistaken are told so: %s", (pattern, letter) => {
    expect(patternFault(pattern)).toBeNull();
    expect(patternAdvice(pattern)).toHaveLength(1);
    expect(patternAdvice(pattern)[0]).toContain(`did you mean ${letter}`);
  });

  it.each(["yyyy-MM-dd HH:mm:ss.SSS", "dd HH:mm", "hh:mm a", "HH:mm", "yyyyDDD", "dd-MMM-yyyy", "K a", "kk:mm:ss"])(
    "draw no advice when nothing is odd: %s",
    (pattern) => expect(patternAdvice(pattern)).toEqual([]),
  );
});
