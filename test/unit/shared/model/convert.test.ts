import { describe, expect, it } from "vitest";
import type { Cell, ColumnType } from "../../../../shared/model/batch.js";
import { type ConvertOptions, convertCell, isConvertible } from "../../../../shared/model/convert.js";

type Expected = Cell | "✗" | { overflow: true };
const overflow = { overflow: true } as const;

function check(cell: Cell, from: ColumnType, to: ColumnType, expected: Expected, options?: ConvertOptions) {
  const found = convertCell(cell, from, { to, options });
  if (expected === "✗") expect(found).toMatchObject({ ok: false, reason: "CONVERSION" });
  else if (expected === overflow) expect(found).toMatchObject({ ok: false, reason: "OVERFLOW" });
  else expect(found).toEqual({ ok: true, cell: expected });
}

const types: readonly ColumnType[] = ["long", "double", "string", "date", "bool", "bytes"];
const samples: Record<ColumnType, Cell> = {
  long: "1700000000123",
  double: "2.75",
  string: "12",
  date: "2024-05-06 01:02:03.456",
  bool: "true",
  bytes: Buffer.from("né"),
};

describe("the conversion table", () => {
  const rows: Record<ColumnType, readonly Expected[]> = {
    long: ["1700000000123", "1700000000123", "1700000000123", "2023-11-15 06:13:20.123", "true", "✗"],
    double: ["2", "2.75", "2.75", "✗", "✗", "✗"],
    string: ["12", "12", "12", "✗", "✗", Buffer.from("12")],
    date: ["1714928523456", "✗", "2024-05-06 01:02:03.456", "2024-05-06 01:02:03.456", "✗", "✗"],
    bool: ["1", "1", "true", "✗", "true", "✗"],
    bytes: ["✗", "✗", "né", "✗", "✗", Buffer.from("né")],
  };
  for (const from of types) {
    for (const [i, to] of types.entries()) {
      it(`takes ${from} to ${to} as the reference says`, () => check(samples[from], from, to, rows[from][i] ?? null));
      it(`keeps null from ${from} to ${to}`, () => check(null, from, to, null));
    }
  }

  it("knows beforehand which pairs can never be converted", () => {
    const never = types.flatMap((from) => types.filter((to) => !isConvertible(from, to)).map((to) => `${from}>${to}`));
    expect(never).toEqual([
      "long>bytes",
      "double>date",
      "double>bool",
      "double>bytes",
      "date>double",
      "date>bool",
      "date>bytes",
      "bool>date",
      "bool>bytes",
      "bytes>long",
      "bytes>double",
      "bytes>date",
      "bytes>bool",
    ]);
  });

  it("goes by the value where column type and value disagree", () => {
    check(Buffer.from("7"), "string", "string", "7");
    check("7", "bytes", "long", "7");
  });
});

describe("to long", () => {
  it.each<[string, Expected]>([
    ["9223372036854775807", "9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["9223372036854775808", overflow],
    ["-9223372036854775809", overflow],
    ["99999999999999999999999", overflow],
    ["0000000000000000000000012", "0000000000000000000000012"],
    ["12x", "✗"],
    ["", "✗"],
  ])("from long %s", (text, expected) => check(text, "long", "long", expected));

  it.each<[string, Expected]>([
    ["1.9", "1"],
    ["-1.9", "-1"],
    ["-0.5", "0"],
    ["1e3", "1000"],
    ["1.2345E+2", "123"],
    ["5e-1", "0"],
    ["+7", "7"],
    ["007", "7"],
    [".5", "0"],
    ["5.", "5"],
    ["9223372036854775807.99", "9223372036854775807"],
    ["9.223372036854775808e18", overflow],
    ["1e999999999", overflow],
    ["0e999999999", "0"],
    ["1e-999999999", "0"],
    ["NaN", "✗"],
    ["Infinity", "✗"],
    ["-Infinity", "✗"],
    ["", "✗"],
    [" 1", "✗"],
    ["1 ", "✗"],
    ["1,000", "✗"],
    ["0x10", "✗"],
    ["1e", "✗"],
    ["-", "✗"],
    [".", "✗"],
    ["１", "✗"],
  ])("from text %s", (text, expected) => {
    check(text, "string", "long", expected);
    if (text !== "NaN") check(text, "double", "long", expected);
  });

  it("takes the unsigned range where the target has it", () => {
    check("18446744073709551615", "long", "long", "18446744073709551615", { longRange: "uint64" });
    check("18446744073709551616", "long", "long", overflow, { longRange: "uint64" });
    check("-1", "string", "long", overflow, { longRange: "uint64" });
    check("-0", "string", "long", "0", { longRange: "uint64" });
    check("123456789012345678901234567890", "long", "long", "123456789012345678901234567890", { longRange: "any" });
  });
});

describe("to double", () => {
  it.each(["3.14", "-1E-7", "NaN", "Infinity", "-Infinity", "12345678901234567890.123456789012345678"])(
    "keeps %s as it was written",
    (text) => check(text, "string", "double", text),
  );
  it.each(["", "nan", "+Infinity", "1.2.3", "abc", " 1"])("refuses text '%s'", (text) =>
    check(text, "string", "double", "✗"),
  );
});

describe("to bool", () => {
  it.each([
    ["0", "false"],
    ["-3", "true"],
    ["000", "false"],
    ["10", "true"],
  ])("long %s is %s", (text, expected) => check(text, "long", "bool", expected));
  it("takes true and false in any case and nothing else", () => {
    check("TRUE", "string", "bool", "true");
    check("False", "string", "bool", "false");
    for (const text of ["1", "yes", "", "true "]) check(text, "string", "bool", "✗");
  });
});

describe("dates", () => {
  it.each([
    ["2024-05-06 01:02:03", "2024-05-06 01:02:03"],
    ["2024-05-06 01:02:03.123456789", "2024-05-06 01:02:03.123456789"],
    ["2024-05-06T01:02:03.5", "2024-05-06 01:02:03.5"],
    ["2024-05-06T01:02:03Z", "2024-05-06 09:02:03"],
    ["2024-05-06 01:02:03 +09:00", "2024-05-06 00:02:03"],
    ["2024-5-6 1:2:3", "2024-05-06 01:02:03"],
    ["2024-05-06", "2024-05-06"],
    ["2024-02-29", "2024-02-29"],
    ["01:02:03", "01:02:03"],
    ["23:59:59.999999", "23:59:59.999999"],
    ["20240506", "2024-05-06"],
    ["0099-01-02", "0099-01-02"],
  ])("reads text %s as %s", (text, expected) => check(text, "string", "date", expected));

  it.each(["2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31", "2024-05-06 24:00:00", "2024-05-06 00:60:00"])(
    "refuses %s, which does not exist",
    (text) => check(text, "string", "date", "✗"),
  );
  it.each(["", "24-05-06", "2024-05-06x", "2024-05-06 01:02:03abc", "0000-00-00", "202405061", "2024056", "soon"])(
    "refuses text '%s'",
    (text) => check(text, "string", "date", "✗"),
  );

  it("rolls over and takes a prefix when asked to read as DataX does", () => {
    const datax = { dateLeniency: "datax" } as const;
    check("2023-02-29", "string", "date", "2023-03-01", datax);
    check("2024-13-01 25:00:00", "string", "date", "2025-01-02 01:00:00", datax);
    check("2024-05-06 01:02:03abc", "string", "date", "2024-05-06 01:02:03", datax);
    check("soon", "string", "date", "✗", datax);
  });

  it("reads and prints by given patterns", () => {
    const own = { dateFormat: "dd/MM/yyyy HH:mm:ss.SSS" };
    check("06/05/2024 01:02:03.45", "string", "date", "2024-05-06 01:02:03.45", own);
    check("2024-05-06 01:02:03.45", "date", "string", "06/05/2024 01:02:03.450", own);
    check("2024-05-06 01:02:03", "string", "date", "✗", own);
    check("2024年5月6日", "string", "date", "2024-05-06", { dateFormat: "yyyy年M月d日" });
    check("2024-05-06", "date", "string", "20240506", { dateFormats: { date: "yyyyMMdd" } });
    check("2024-05-06 01:02:03.9", "date", "string", "2024-05-06T01:02:03Z", {
      dateFormats: { datetime: "yyyy-MM-dd'T'HH:mm:ss'Z'" },
    });
    check("05.2024", "string", "date", "2024-05-01", { extraDateFormats: ["MM.yyyy"] });
    check("20240506", "string", "date", "✗", { extraDateFormats: ["MM.yyyy"] });
    check("2024-05-06", "string", "date", "✗", { dateFormat: "QQ" });
  });

  it("drops the fraction in print only for those who need the old form", () => {
    check("01:02:03.5", "date", "string", "01:02:03", { dateFraction: "drop" });
    check("01:02:03.5", "date", "string", "01:02:03.5");
  });

  it("carries zero dates between date columns, but gives them no instant", () => {
    check("0000-00-00", "date", "date", "0000-00-00");
    check("0000-00-00 00:00:00", "date", "string", "0000-00-00 00:00:00");
    check("0000-00-00", "date", "long", "✗");
    check("-838:59:59", "date", "string", "-838:59:59");
    check("-838:59:59", "date", "long", "✗");
  });

  it("counts milliseconds in the zone of the job", () => {
    check("1970-01-01", "date", "long", "-28800000");
    check("08:00:00.25", "date", "long", "250");
    check("1970-01-01 00:00:00", "date", "long", "0", { timeZone: "UTC" });
    check("0", "long", "date", "1970-01-01 05:30:00", { timeZone: "Asia/Kolkata" });
    check("-1", "long", "date", "1970-01-01 07:59:59.999");
    check("-62135600400000", "long", "date", "0001-01-01 00:00:00", { timeZone: "UTC+1" });
    check("99999999999999999", "long", "date", overflow);
    check("0", "long", "date", "✗", { timeZone: "Mars/Olympus" });
  });
});

describe("bytes", () => {
  it("does not turn bytes into other text than they hold", () =>
    check(Buffer.from([0xff, 0xfe]), "bytes", "string", "✗"));
  it("uses the codec it is given", () => {
    const codec = {
      name: "latin1",
      encode: (text: string) => Buffer.from(text, "latin1"),
      decode: (bytes: Buffer) => bytes.toString("latin1"),
    };
    check("né", "string", "bytes", Buffer.from([0x6e, 0xe9]), { codec });
    check(Buffer.from([0x6e, 0xe9]), "bytes", "string", "né", { codec });
  });
});

describe("messages", () => {
  it("show the value and what was expected", () => {
    expect(convertCell("abc", "string", { to: "long" })).toMatchObject({ message: '"abc" is not an integer' });
    expect(convertCell("1e30", "double", { to: "long" })).toMatchObject({
      message: '"1e30" is out of the range of long',
    });
    expect(convertCell("true", "bool", { to: "date" })).toMatchObject({
      message: 'bool cannot be converted to date: "true"',
    });
    expect(convertCell("x".repeat(100), "string", { to: "bool" })).toMatchObject({
      message: `"${"x".repeat(60)}…" is not true or false`,
    });
  });
});
