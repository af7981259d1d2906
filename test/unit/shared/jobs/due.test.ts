import { describe, expect, it } from "vitest";
import { checkSchedule, dueTimes } from "../../../../shared/jobs/due.js";

const times = (cron: string, timeZone: string, after: string, upTo: string) =>
  dueTimes({ cron, timeZone }, new Date(after), new Date(upTo)).map((time) => time.toISOString());

describe("schedules", () => {
  it("fire within the window, its end included and its start not", () => {
    expect(times("0 */5 * * * ?", "UTC", "2026-01-01T00:05:00Z", "2026-01-01T00:15:00Z")).toEqual([
      "2026-01-01T00:10:00.000Z",
      "2026-01-01T00:15:00.000Z",
    ]);
  });

  it("mean their fields in their own zone", () => {
    expect(times("0 0 3 * * ?", "Asia/Shanghai", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")).toEqual([
      "2026-01-01T19:00:00.000Z",
    ]);
  });

  it("take the last day of a month", () => {
    expect(times("0 0 2 L * ?", "UTC", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")).toEqual([
      "2026-02-28T02:00:00.000Z",
    ]);
  });

  it("are refused with the field and the value seen", () => {
    expect(() => checkSchedule({ cron: "*/5 * * * *", timeZone: "UTC" })).toThrow(
      'schedule.cron "*/5 * * * *": expected six fields',
    );
    expect(() => checkSchedule({ cron: "0 99 * * * ?", timeZone: "UTC" })).toThrow('schedule.cron "0 99 * * * ?"');
    expect(() => checkSchedule({ cron: "0 0 3 31 2 ?", timeZone: "UTC" })).toThrow(
      'schedule.cron "0 0 3 31 2 ?": there is no such day, so it would never fire',
    );
    expect(() => checkSchedule({ cron: "0 0 3 29 2 ?", timeZone: "UTC" })).not.toThrow();
    expect(() => checkSchedule({ cron: "0 0 3 * * ?", timeZone: "Mars/Base" })).toThrow('"Mars/Base"');
  });
});
