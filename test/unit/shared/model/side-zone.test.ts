import { expect, test } from "vitest";
import { isFixedZone, sideZone } from "../../../../shared/model/side-zone.js";

test.each([
  ["Asia/Shanghai", "+08:00"],
  ["asia/shanghai", "+08:00"],
  ["PRC", "+08:00"],
  ["CTT", "+08:00"],
  ["GMT+8", "+08:00"],
  ["GMT 8", "+08:00"],
  ["+08:00", "+08:00"],
  ["+8:00", "+08:00"],
  ["UTC", "+00:00"],
  ["GMT", "+00:00"],
  ["Z", "+00:00"],
  ["Asia/Kolkata", "+05:30"],
  ["-03:30", "-03:30"],
  ["Etc/GMT-8", "+08:00"],
  ["america/new_york", "America/New_York"],
  ["EST5EDT", "EST5EDT"],
  ["Europe/Moscow", "Europe/Moscow"],
  ["Asia/Atlantis", null],
  ["CST", null],
  ["", null],
])("The zone %j is %s for a side.", (text, expected) => {
  const zone = sideZone(text);
  if (text === "EST5EDT") expect(["EST5EDT", "America/New_York"]).toContain(zone);
  else expect(zone).toBe(expected);
});

test("Only offsets give every moment a text of its own.", () => {
  expect(["+08:00", "-03:30", "America/New_York"].map(isFixedZone)).toEqual([true, true, false]);
});
