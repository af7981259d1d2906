import { expect, it } from "vitest";
import { timeZoneName } from "../../../../../shared/script/read/time-zone.js";

it.each([
  ["asia/shanghai", "Asia/Shanghai"],
  ["UTC", "UTC"],
  ["GMT+8", "Etc/GMT-8"],
  ["+08:00", "Etc/GMT-8"],
  ["UTC-03", "Etc/GMT+3"],
  ["GMT+0", "UTC"],
  ["CST", undefined],
  ["+05:30", undefined],
  ["GMT+25", undefined],
  ["Moon/Base", undefined],
])("The time zone %s is %s.", (text, expected) => {
  expect(timeZoneName(text)).toBe(expected);
});
