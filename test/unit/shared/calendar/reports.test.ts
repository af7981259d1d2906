import { describe, expect, it } from "vitest";
import { openSchedule } from "../../../../shared/calendar/due.js";
import { type Occurrence, openOccurrences } from "../../../../shared/calendar/occurrences.js";
import { plannedTimeOf } from "../../../../shared/calendar/planned-at.js";
import { substitution } from "../../../../shared/script/read/substitute.js";

/** The next labels of a schedule and when they are due: `10T02:00 08:00Z`. */
function next(count: number, from: string, occurrences: { after(instantMs: number): Generator<Occurrence> }) {
  const found: string[] = [];
  for (const { label, at } of occurrences.after(Date.parse(from))) {
    if (found.push(`${label.slice(8)} ${new Date(at).toISOString().slice(11, 16)}Z`) >= count) break;
  }
  return found;
}
const cron = (expression: string, timeZone: string) => openSchedule({ cron: expression, timeZone });

describe("days on which clocks change", () => {
  it("have their job at 2:30 when they skip it, and one at 1:30 when it comes twice", () => {
    const newYork = (expression: string) => cron(expression, "America/New_York");
    expect(next(2, "2021-03-13T12:00Z", newYork("0 30 2 * * *"))).toEqual(["14T02:30 07:00Z", "15T02:30 06:30Z"]);
    expect(next(2, "2021-11-06T12:00Z", newYork("0 30 1 * * *"))).toEqual(["07T01:30 06:30Z", "08T01:30 06:30Z"]);
  });

  it("lose no hour of a list and double none", () => {
    const chicago = (expression: string) => cron(expression, "America/Chicago");
    expect(next(4, "2024-03-09T12:00Z", chicago("0 0 1-3 * * *"))).toEqual([
      ...["10T01:00 07:00Z", "10T02:00 08:00Z", "10T03:00 08:00Z"],
      "11T01:00 06:00Z",
    ]);
    expect(next(3, "2024-11-02T20:00Z", chicago("0 0 1,13 * * *"))).toEqual([
      ...["03T01:00 07:00Z", "03T13:00 19:00Z"],
      "04T01:00 07:00Z",
    ]);
    const eastern = cron("0 30 1,2 * * *", "America/New_York");
    expect(next(2, "2021-03-13T12:00Z", eastern)).toEqual(["14T01:30 06:30Z", "14T02:30 07:00Z"]);
  });

  it("keep lists and ranges of hours where the clock shows them", () => {
    for (const hours of ["7-8", "7,8"])
      expect(next(4, "2020-03-07T00:00Z", cron(`0 0 ${hours} * * *`, "America/Los_Angeles"))).toEqual([
        ...["07T07:00 15:00Z", "07T08:00 16:00Z"],
        ...["08T07:00 14:00Z", "08T08:00 15:00Z"],
      ]);
    const weekly = cron("0 11 7 ? * SUN,MON,SAT", "America/New_York");
    expect(next(3, "2017-11-04T00:00Z", weekly)).toEqual(["04T07:11 11:11Z", "05T07:11 12:11Z", "06T07:11 12:11Z"]);
  });

  it("go on with every second and fourth hour", () => {
    const toronto = cron("0 0 */2 * * *", "America/Toronto");
    expect(next(3, "2023-03-12T04:59Z", toronto)).toEqual(["12T00:00 05:00Z", "12T02:00 07:00Z", "12T04:00 08:00Z"]);
    const pacific = cron("0 20 */4 * * *", "America/Los_Angeles");
    expect(next(3, "2023-03-12T08:00Z", pacific)).toEqual(["12T00:20 08:20Z", "12T04:20 11:20Z", "12T08:20 15:20Z"]);
    const brussels = cron("0 0,15,30,45 6-22 * * *", "Europe/Brussels");
    expect(next(2, "2023-10-28T20:40Z", brussels)).toEqual(["28T22:45 20:45Z", "29T06:00 05:00Z"]);
  });

  it("are none that a daily job leaves out, for years", () => {
    for (const [expression, timeZone] of [
      ["0 0 0 * * *", "America/Santiago"],
      ["0 30 2 * * *", "Europe/Berlin"],
    ] as const) {
      const labels = new Set<string>();
      for (const { label } of cron(expression, timeZone).after(Date.parse("2022-01-01T12:00Z")))
        if (labels.add(label.slice(0, 10)).size >= 1_461) break;
      expect([...labels].at(-1)).toBe("2026-01-01");
    }
  });

  it("have no quiet hour for who follows the time that goes by", () => {
    const effective = { from: null, to: null };
    const cycle = { every: "minute", step: 30 } as const;
    const london = openOccurrences({ cycle, timeZone: "Europe/London", clock: "elapsed", effective, spread: null });
    expect(next(5, "2025-10-26T00:29Z", london)).toEqual([
      ...["26T01:30 00:30Z", "26T01b:00 01:00Z", "26T01b:30 01:30Z"],
      ...["26T02:00 02:00Z", "26T02:30 02:30Z"],
    ]);
  });
});

describe("the dates of a run that is made up for", () => {
  const dates = (parameters: Record<string, string>, plannedLocal: string) =>
    substitution({ mode: "run", parameters, plannedMs: Date.parse(`${plannedLocal}Z`), bareNames: false }).apply(
      "$[yyyy-mm-dd] $[yyyy-mm-dd-1] ${bizdate} $[yyyy-mm-dd hh24:mi:ss-1/24]",
      "p",
    );

  it("are those of its planned time, as if it had run then", () => {
    const schedule = { cron: "0 10 0 * * *", timeZone: "Asia/Shanghai" };
    const parameters = { bizdate: "20220430" };
    const hand = { parameters, schedule, workspaceZone: "UTC", nowMs: Date.parse("2022-05-19T03:00Z") };
    const { plannedLocal } = plannedTimeOf(hand);
    expect(plannedLocal).toBe("2022-05-01T00:10:00");
    const expected = "2022-05-01 2022-04-30 20220430 2022-04-30 23:10:00";
    expect(dates(parameters, plannedLocal)).toBe(expected);
    // What the schedule itself starts for that label has the same.
    expect(dates({}, "2022-05-01T00:10:00")).toBe(expected);
  });
});
