import { describe, expect, it } from "vitest";
import { checkSchedule, dueLabels, firstTimeAfter, openSchedule } from "../../../../shared/calendar/due.js";

const labels = (cron: string, timeZone: string, after: string, upTo: string) =>
  dueLabels(openSchedule({ cron, timeZone }), { after: new Date(after), upTo: new Date(upTo) });
const times = (...window: Parameters<typeof labels>) => labels(...window).map(({ at }) => new Date(at).toISOString());

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

  it("fire once where the clock shows a time twice, and where it skips one", () => {
    const days = (cron: string) => labels(cron, "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T12:00Z");
    for (const cron of ["0 30 2 * * *", "0 30 2,5 * * *", "0 30 2-3 * * *"])
      expect(days(cron)[0]).toEqual({ label: "2026-10-25T02:30", at: Date.parse("2026-10-25T01:30Z") });
    expect(days("0 0 * * * *").filter(({ label }) => label.startsWith("2026-10-25T02"))).toHaveLength(1);
    const spring = labels("0 0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T12:00Z");
    expect(spring.map(({ label, at }) => [label, at])).toEqual([
      ["2026-03-29T02:00", Date.parse("2026-03-29T01:00Z")],
      ["2026-03-29T03:00", Date.parse("2026-03-29T01:00Z")],
    ]);
  });

  it("leave out labels that were made before, and tell the next instant", () => {
    const schedule = { cron: "0 0 * * * *", timeZone: "Europe/Berlin" };
    const window = { after: new Date("2026-10-25T00:30Z"), upTo: new Date("2026-10-25T03:00Z") };
    const made = (since: string | null) =>
      dueLabels(openSchedule(schedule), { ...window, since }).map(({ label }) => label.slice(11));
    expect(made(null)).toEqual(["02:00", "03:00", "04:00"]);
    expect(made("2026-10-25T02:30")).toEqual(["03:00", "04:00"]);
    expect(dueLabels(openSchedule(schedule), { ...window, limit: 2 })).toHaveLength(2);
    expect(firstTimeAfter(openSchedule(schedule), window.after)).toEqual(new Date("2026-10-25T01:00Z"));
  });

  it("are refused with the field and the value seen", () => {
    const refusal = (cron: string, timeZone = "UTC") => expect(() => checkSchedule({ cron, timeZone }));
    refusal("*/5 * * * *").toThrow('schedule.cron "*/5 * * * *": expected six fields');
    refusal("0 99 * * * ?").toThrow('schedule.cron "0 99 * * * ?"');
    refusal("0 0 3 31 2 ?").toThrow('schedule.cron "0 0 3 31 2 ?": there is no such day, so it would never fire');
    refusal("0 0 3 29 2 ?").not.toThrow();
    refusal("00 00 3 * * ?").not.toThrow();
    refusal("0 0 3 * * ?", "Mars/Base").toThrow('"Mars/Base"');
    refusal("30 0 3 * * ?").toThrow('the second is 30, but jobs start by the minute; write "0 0 3 * * *"');
    refusal("* * * * * ?").toThrow("the second is *");
    refusal("0 5/10 * * * *").toThrow('write "0 5-59/10 * * * *"');
  });

  it("that were stored with other seconds than 0 mean the minute", () => {
    expect(times("*/20 0 3 * * *", "UTC", "2026-01-01T00:00Z", "2026-01-02T00:00Z")).toEqual([
      "2026-01-01T03:00:00.000Z",
    ]);
  });
});
