import { describe, expect, it } from "vitest";
import { instantOf, offsetMs, type Zone, zoneOf } from "../../../../shared/model/zones.js";

const HOUR = 3_600_000;

function zone(name: string): Zone {
  const found = zoneOf(name);
  if (!found) throw new Error(`unknown zone ${name}`);
  return found;
}

describe("zoneOf", () => {
  it.each([
    ["GMT+8", 8],
    ["UTC-03:30", -3.5],
    ["+0545", 5.75],
    ["UTC", 0],
    ["GMT", 0],
    ["Z", 0],
    ["Asia/Shanghai", 8],
  ])("knows %s", (name, hours) => expect(zone(name)(Date.parse("2024-01-01T00:00:00Z"))).toBe(hours * HOUR));

  it("follows summer time to the second", () => {
    const berlin = zone("Europe/Berlin");
    expect(berlin(Date.parse("2024-03-31T00:59:59.999Z"))).toBe(HOUR);
    expect(berlin(Date.parse("2024-03-31T01:00:00Z"))).toBe(2 * HOUR);
  });

  it("knows changes that fall inside a quarter of an hour", () => {
    const shanghai = zone("Asia/Shanghai");
    expect(shanghai(Date.parse("1900-12-31T15:54:16Z"))).toBe(8 * HOUR + 343_000);
    expect(shanghai(Date.parse("1900-12-31T15:54:17Z"))).toBe(8 * HOUR);
  });

  it("answers null for unknown names", () => {
    for (const name of ["Mars/Olympus", "", "+25:00", "+01:75"]) expect(zoneOf(name)).toBeNull();
  });
});

describe("instantOf", () => {
  const berlin = zone("Europe/Berlin");
  it.each([
    ["2024-07-01T12:00:00Z", "2024-07-01T10:00:00Z"],
    ["2024-03-31T02:30:00Z", "2024-03-31T01:30:00Z"],
    ["2024-10-27T02:30:00Z", "2024-10-27T01:30:00Z"],
    ["2024-10-27T01:59:59Z", "2024-10-26T23:59:59Z"],
  ])("finds local %s", (local, instant) =>
    expect(new Date(instantOf(Date.parse(local), berlin)).toISOString()).toBe(instant.replace("Z", ".000Z")),
  );
});

describe("offsetMs", () => {
  it("reads written offsets only", () => {
    expect(offsetMs("+08:00")).toBe(8 * HOUR);
    expect(offsetMs("-3")).toBe(-3 * HOUR);
    for (const text of ["8", "+8:0", "UTC", "+123456"]) expect(offsetMs(text)).toBeNull();
  });
});
