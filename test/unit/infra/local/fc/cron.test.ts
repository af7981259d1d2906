import { describe, expect, test } from "vitest";
import { readTimer } from "../../../../../infra/local/fc/cron.js";

const nextAfter = (expression: string, from: string) => {
  const nextMs = readTimer(expression)(Date.parse(from));
  return nextMs === null ? null : new Date(nextMs).toISOString();
};

describe("timer expressions", () => {
  test.each([
    ["@every 1m", "2030-01-01T00:00:00Z", "2030-01-01T00:01:00.000Z"],
    ["@every 4m", "2030-01-01T00:01:30Z", "2030-01-01T00:04:00.000Z"],
    ["@every 90s", "2030-01-01T00:00:00Z", "2030-01-01T00:01:30.000Z"],
    ["@every 1h30m", "2030-01-01T00:00:00Z", "2030-01-01T01:30:00.000Z"],
    ["0 0 4 * * *", "2030-01-01T05:00:00Z", "2030-01-02T04:00:00.000Z"],
    ["30 */5 * * * *", "2030-01-01T00:00:31Z", "2030-01-01T00:05:30.000Z"],
    ["0 15,45 8-10 * * MON-FRI", "2030-01-04T10:45:00Z", "2030-01-07T08:15:00.000Z"],
    ["0 0 0 1 JAN,JUL ?", "2030-01-01T00:00:00Z", "2030-07-01T00:00:00.000Z"],
    ["0 0 0 ? * 1", "2030-01-01T00:00:00Z", "2030-01-07T00:00:00.000Z"],
    ["CRON_TZ=Asia/Shanghai 0 0 4 1 * *", "2030-01-01T00:00:00Z", "2030-01-31T20:00:00.000Z"],
    ["CRON_TZ=America/New_York 0 30 4 * * *", "2030-03-09T10:00:00Z", "2030-03-10T08:30:00.000Z"],
  ])("%s after %s rings at %s", (expression, from, expected) => {
    expect(nextAfter(expression, from)).toBe(expected);
  });

  test("always ring later than asked from, on a whole second", () => {
    expect(nextAfter("@every 1m", "2030-01-01T00:00:59.999Z")).toBe("2030-01-01T00:01:00.000Z");
    expect(nextAfter("0 * * * * *", "2030-01-01T00:00:00.500Z")).toBe("2030-01-01T00:01:00.000Z");
  });

  test.each([
    "@every 1d",
    "@every 0m",
    "@every",
    "0 4 * * *",
    "0 0 4 * * * 2030",
    "* * * * * *",
    "*/5 * * * * *",
    "0 60 * * * *",
    "0 0 4 L * *",
    "0 0 4 * * 0",
    "0 0 4 * FOO *",
    "CRON_TZ=Nowhere/Land 0 0 4 * * *",
  ])("%s is refused", (expression) => {
    expect(() => readTimer(expression)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
