import { describe, expect, it } from "vitest";
import { openOccurrences } from "../../../../../shared/calendar/occurrences.js";
import type { Cycle } from "../../../../../shared/model/cycle.js";
import {
  type BackfillOptions,
  type Bound,
  datesToBegin,
  instancesToMake,
  planBackfill,
} from "../../../../../shared/schedule/backfill/plan.js";

const free: Bound = { dependsOnItself: false, hasWatermark: false };

function plan(cycle: Cycle, more: Partial<BackfillOptions> = {}, bound: Bound = free) {
  const effective = { from: null, to: null };
  const occurrences = openOccurrences({ cycle, timeZone: "Asia/Shanghai", clock: "wall", effective, spread: null });
  const options: BackfillOptions = { from: "2026-11-20", to: "2026-11-22", order: "asc", parallel: 2, ...more };
  return planBackfill(occurrences, options, bound);
}
const datesOf = (one: ReturnType<typeof plan>) =>
  [...one.dates()].map((labels) => labels.join(" ").replaceAll("2026-", ""));

describe("a backfill", () => {
  it("has the labels of the days after its business dates, by the present schedule", () => {
    const daily = plan({ every: "day", at: "02:00" });
    expect(datesOf(daily)).toEqual(["11-21T02:00", "11-22T02:00", "11-23T02:00"]);
    expect(daily).toMatchObject({ count: 3, first: "2026-11-21T02:00", last: "2026-11-23T02:00", notes: [] });
    expect(datesOf(plan({ every: "hour", step: 12 }, { to: "2026-11-20" }))).toEqual(["11-21T00:00 11-21T12:00"]);
  });

  it("has rarer jobs on their own days only, and may have none", () => {
    const monday: Cycle = { every: "week", days: ["MON"], at: "03:00" };
    expect(datesOf(plan(monday))).toEqual(["11-23T03:00"]);
    expect(plan(monday, { to: "2026-11-20" })).toMatchObject({ count: 0, first: null, last: null });
  });

  it("takes the times that are asked for, and the dates from the end", () => {
    const listed: Cycle = { every: "hour", times: ["08:45", "20:45"] };
    expect(datesOf(plan(listed, { times: ["08:45"], order: "desc" }))).toEqual([
      "11-23T08:45",
      "11-22T08:45",
      "11-21T08:45",
    ]);
    // Within a date in order: what comes later may build on what came before.
    expect(datesOf(plan(listed, { order: "desc", from: "2026-11-22" }))).toEqual(["11-23T08:45 11-23T20:45"]);
    expect(plan(listed, { order: "desc" })).toMatchObject({ first: "2026-11-23T08:45", last: "2026-11-21T20:45" });
  });

  it("goes one by one from the start where dates build on each other, and says so", () => {
    const bound = { dependsOnItself: true, hasWatermark: false };
    const one = plan({ every: "day", at: "02:00" }, { order: "desc", parallel: 5 }, bound);
    expect(one).toMatchObject({ order: "asc", parallel: 1, first: "2026-11-21T02:00" });
    expect(one.notes).toEqual(["dates run one after the other, the earliest first: the job depends on itself"]);
    expect(plan({ every: "day", at: "02:00" }, { parallel: 1 }, { ...bound, hasWatermark: true }).notes).toEqual([]);
  });

  it("of ten years of an hourly job is planned without holding its labels", () => {
    const { count } = plan({ every: "hour" }, { from: "2016-01-01", to: "2025-12-31" });
    expect(count).toBe(3_653 * 24);
  });

  it.each([
    [{ from: "2026-11-31" }, 'from: expected a business date such as 2026-11-27; seen "2026-11-31"'],
    [{ from: "yesterday" }, 'seen "yesterday"'],
    [{ to: "2026-11-19" }, "to: expected a date not before 2026-11-20"],
    [{ parallel: 51 }, "parallel: expected 1 to 50; seen 51"],
    [{ times: ["03:00"] }, "times: the job is not scheduled at 03:00"],
  ])("with %j is refused", (more, message) => {
    expect(() => plan({ every: "day", at: "02:00" }, more)).toThrow(message);
  });
});

describe("what a backfill does next", () => {
  it("begins a date when the one so many before it has ended", () => {
    const next = (ended: string, parallel: number) =>
      datesToBegin(
        [...ended].map((one) => one === "x"),
        parallel,
      );
    expect([next("", 3), next("...", 3), next("x..", 3), next(".xx", 3), next("xxx", 3), next("x.x.", 3)]).toEqual([
      3, 0, 1, 0, 3, 0,
    ]);
    expect(next(".", 1)).toBe(0);
  });

  it("makes at most 200 instances ahead of what has ended", () => {
    expect(instancesToMake({ made: 0, ended: 0 })).toBe(200);
    expect(instancesToMake({ made: 250, ended: 100 })).toBe(50);
    expect(instancesToMake({ made: 400, ended: 100 })).toBe(0);
  });
});
