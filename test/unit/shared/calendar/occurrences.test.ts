import { describe, expect, it } from "vitest";
import { timetableOf, withFixedTime } from "../../../../shared/calendar/cycle.js";
import type { Clock } from "../../../../shared/calendar/due-at.js";
import { dueAt } from "../../../../shared/calendar/due-at.js";
import { type Occurrence, openOccurrences, type Recurrence } from "../../../../shared/calendar/occurrences.js";
import { type Cycle, cycleSchema } from "../../../../shared/model/cycle.js";
import { zoneOf } from "../../../../shared/model/zones.js";

const recurrence = (cycle: Cycle, timeZone: string, more: Partial<Recurrence> = {}): Recurrence => ({
  cycle,
  timeZone,
  clock: "wall",
  effective: { from: null, to: null },
  spread: null,
  ...more,
});

function next(count: number, from: string, when: Recurrence): readonly Occurrence[] {
  const found: Occurrence[] = [];
  for (const one of openOccurrences(when).after(Date.parse(from))) {
    if (found.push(one) >= count) break;
  }
  return found;
}

/** `28T02:30→28T01:30Z`, without years and months, which the first one has. */
const occurrenceText = ({ label, at }: Occurrence) => `${label}→${new Date(at).toISOString().slice(5, 16)}Z`;

const day = (at: string): Cycle => ({ every: "day", at });
const [berlin, newYork, shanghai] = ["Europe/Berlin", "America/New_York", "Asia/Shanghai"];
const hours = (...times: string[]): Cycle => ({ every: "hour", times });

type Vector = readonly [id: string, cycle: Cycle, zone: string, from: string, next: readonly string[], clock?: Clock];
const vectors: readonly Vector[] = [
  [
    "S1",
    day("02:30"),
    berlin,
    "2026-03-28T00:00Z",
    [
      "2026-03-28T02:30→03-28T01:30Z",
      "2026-03-29T02:30→03-29T01:00Z",
      "2026-03-30T02:30→03-30T00:30Z",
      "2026-03-31T02:30→03-31T00:30Z",
      "2026-04-01T02:30→04-01T00:30Z",
    ],
  ],
  [
    "S2",
    day("02:30"),
    berlin,
    "2026-10-24T00:00Z",
    [
      "2026-10-24T02:30→10-24T00:30Z",
      "2026-10-25T02:30→10-25T01:30Z",
      "2026-10-26T02:30→10-26T01:30Z",
      "2026-10-27T02:30→10-27T01:30Z",
      "2026-10-28T02:30→10-28T01:30Z",
    ],
  ],
  [
    "S3",
    { every: "hour" },
    berlin,
    "2026-03-28T23:30Z",
    [
      "2026-03-29T01:00→03-29T00:00Z",
      "2026-03-29T02:00→03-29T01:00Z",
      "2026-03-29T03:00→03-29T01:00Z",
      "2026-03-29T04:00→03-29T02:00Z",
      "2026-03-29T05:00→03-29T03:00Z",
    ],
  ],
  [
    "S4",
    { every: "hour" },
    berlin,
    "2026-10-24T22:30Z",
    [
      "2026-10-25T01:00→10-24T23:00Z",
      "2026-10-25T02:00→10-25T01:00Z",
      "2026-10-25T03:00→10-25T02:00Z",
      "2026-10-25T04:00→10-25T03:00Z",
      "2026-10-25T05:00→10-25T04:00Z",
    ],
  ],
  [
    "S5",
    { every: "hour" },
    berlin,
    "2026-10-24T22:30Z",
    [
      "2026-10-25T01:00→10-24T23:00Z",
      "2026-10-25T02:00→10-25T00:00Z",
      "2026-10-25T02b:00→10-25T01:00Z",
      "2026-10-25T03:00→10-25T02:00Z",
      "2026-10-25T04:00→10-25T03:00Z",
    ],
    "elapsed",
  ],
  [
    "S6",
    { every: "minute", step: 30 },
    berlin,
    "2026-10-24T23:15Z",
    [
      "2026-10-25T01:30→10-24T23:30Z",
      "2026-10-25T02:00→10-25T01:00Z",
      "2026-10-25T02:30→10-25T01:30Z",
      "2026-10-25T03:00→10-25T02:00Z",
      "2026-10-25T03:30→10-25T02:30Z",
    ],
  ],
  [
    "S7",
    hours("01:00", "02:00", "03:00"),
    newYork,
    "2026-03-08T05:00Z",
    [
      "2026-03-08T01:00→03-08T06:00Z",
      "2026-03-08T02:00→03-08T07:00Z",
      "2026-03-08T03:00→03-08T07:00Z",
      "2026-03-09T01:00→03-09T05:00Z",
      "2026-03-09T02:00→03-09T06:00Z",
    ],
  ],
  [
    "S8",
    hours("01:00", "02:00", "03:00"),
    newYork,
    "2026-11-01T03:00Z",
    [
      "2026-11-01T01:00→11-01T06:00Z",
      "2026-11-01T02:00→11-01T07:00Z",
      "2026-11-01T03:00→11-01T08:00Z",
      "2026-11-02T01:00→11-02T06:00Z",
      "2026-11-02T02:00→11-02T07:00Z",
    ],
  ],
  [
    "S9",
    { every: "hour", step: 6 },
    newYork,
    "2026-03-08T00:00Z",
    [
      "2026-03-08T00:00→03-08T05:00Z",
      "2026-03-08T06:00→03-08T10:00Z",
      "2026-03-08T12:00→03-08T16:00Z",
      "2026-03-08T18:00→03-08T22:00Z",
      "2026-03-09T00:00→03-09T04:00Z",
    ],
  ],
  [
    "S10",
    day("00:15"),
    "Asia/Beirut",
    "2026-03-27T00:00Z",
    [
      "2026-03-28T00:15→03-27T22:15Z",
      "2026-03-29T00:15→03-28T22:00Z",
      "2026-03-30T00:15→03-29T21:15Z",
      "2026-03-31T00:15→03-30T21:15Z",
      "2026-04-01T00:15→03-31T21:15Z",
    ],
  ],
  [
    "S11",
    { every: "month", days: ["last"], at: "02:00" },
    shanghai,
    "2026-01-31T00:00Z",
    [
      "2026-02-28T02:00→02-27T18:00Z",
      "2026-03-31T02:00→03-30T18:00Z",
      "2026-04-30T02:00→04-29T18:00Z",
      "2026-05-31T02:00→05-30T18:00Z",
      "2026-06-30T02:00→06-29T18:00Z",
    ],
  ],
  [
    "S12",
    { every: "month", days: [31], at: "02:00" },
    shanghai,
    "2026-01-15T00:00Z",
    [
      "2026-01-31T02:00→01-30T18:00Z",
      "2026-03-31T02:00→03-30T18:00Z",
      "2026-05-31T02:00→05-30T18:00Z",
      "2026-07-31T02:00→07-30T18:00Z",
      "2026-08-31T02:00→08-30T18:00Z",
    ],
  ],
  [
    "S13",
    { every: "year", months: [2], days: [29], at: "02:00" },
    shanghai,
    "2026-01-01T00:00Z",
    [
      "2028-02-29T02:00→02-28T18:00Z",
      "2032-02-29T02:00→02-28T18:00Z",
      "2036-02-29T02:00→02-28T18:00Z",
      "2040-02-29T02:00→02-28T18:00Z",
      "2044-02-29T02:00→02-28T18:00Z",
    ],
  ],
  [
    "S14",
    { every: "week", days: ["MON", "FRI"], at: "03:00" },
    shanghai,
    "2026-11-25T00:00Z",
    [
      "2026-11-27T03:00→11-26T19:00Z",
      "2026-11-30T03:00→11-29T19:00Z",
      "2026-12-04T03:00→12-03T19:00Z",
      "2026-12-07T03:00→12-06T19:00Z",
      "2026-12-11T03:00→12-10T19:00Z",
    ],
  ],
  [
    "S15",
    { every: "quarter", day: "first", at: "02:00" },
    shanghai,
    "2026-11-25T00:00Z",
    [
      "2027-01-01T02:00→12-31T18:00Z",
      "2027-04-01T02:00→03-31T18:00Z",
      "2027-07-01T02:00→06-30T18:00Z",
      "2027-10-01T02:00→09-30T18:00Z",
      "2028-01-01T02:00→12-31T18:00Z",
    ],
  ],
  [
    "S16",
    { every: "minute", step: 20, from: "09:00", to: "10:59" },
    shanghai,
    "2026-11-28T02:00Z",
    [
      "2026-11-28T10:20→11-28T02:20Z",
      "2026-11-28T10:40→11-28T02:40Z",
      "2026-11-29T09:00→11-29T01:00Z",
      "2026-11-29T09:20→11-29T01:20Z",
      "2026-11-29T09:40→11-29T01:40Z",
    ],
  ],
  [
    "S17",
    { every: "cron", cron: "0 0 2 1 * MON" },
    shanghai,
    "2026-11-25T00:00Z",
    [
      "2026-11-30T02:00→11-29T18:00Z",
      "2026-12-01T02:00→11-30T18:00Z",
      "2026-12-07T02:00→12-06T18:00Z",
      "2026-12-14T02:00→12-13T18:00Z",
      "2026-12-21T02:00→12-20T18:00Z",
    ],
  ],
];

describe("the next labels of a cycle", () => {
  const named = vectors.map(([id, cycle, zone, from, expected, clock = "wall"]) => ({
    id,
    cycle,
    zone,
    from,
    expected,
    clock,
  }));
  it.each(named)("$id are due when its zone's clock says so", ({ cycle, zone, from, expected, clock }) => {
    expect(next(5, from, recurrence(cycle, zone, { clock })).map(occurrenceText)).toEqual(expected);
  });

  it("S18: steps that begin at a number are refused with what may be meant", () => {
    expect(() => timetableOf({ every: "cron", cron: "0 0 0/2 * * ?" })).toThrow(
      /numeric prefix.*write "0 0 0-23\/2 \* \* \?"$/,
    );
  });

  it.each([
    ["2026-03-29T02:30", "wall", berlin, "2026-03-29T01:00:00.000Z"],
    ["2026-03-29T02:30", "elapsed", berlin, null],
    ["2026-10-25T02:30", "wall", berlin, "2026-10-25T01:30:00.000Z"],
    ["2026-10-25T02:30", "elapsed", berlin, "2026-10-25T00:30:00.000Z"],
    ["2026-10-25T02b:30", "elapsed", berlin, "2026-10-25T01:30:00.000Z"],
    ["2026-10-25T02b:30", "wall", berlin, null],
    ["2026-10-26T02b:30", "elapsed", berlin, null],
    ["2026-09-06T00:00", "wall", "America/Santiago", "2026-09-06T04:00:00.000Z"],
    ["2026-10-04T02:15", "wall", "Australia/Lord_Howe", "2026-10-03T15:30:00.000Z"],
    ["2026-04-05T01:45", "wall", "Australia/Lord_Howe", "2026-04-04T15:15:00.000Z"],
    ["2026-03-29T02:30", "wall", "+08:00", "2026-03-28T18:30:00.000Z"],
  ] as const)("%s by %s in %s is due at %s", (label, clock, zone, at) => {
    const instant = dueAt(label, zoneOf(zone) ?? (() => Number.NaN), clock);
    expect(instant === null ? null : new Date(instant).toISOString()).toBe(at);
  });

  it("keep to the effective dates, both included, and know what was before", () => {
    const effective = { from: "2026-11-28", to: "2026-11-29" };
    const when = recurrence(day("02:00"), "UTC", { effective });
    expect(next(5, "2026-01-01T00:00Z", when).map(({ label }) => label)).toEqual([
      "2026-11-28T02:00",
      "2026-11-29T02:00",
    ]);
    const { on, before } = openOccurrences(when);
    expect([on("2026-11-27"), on("2026-11-28").length, on("2026-11-30")]).toEqual([[], 1, []]);
    expect(before("2026-11-28T02:00")?.label).toBe("2026-11-27T02:00");
  });

  it("follow one another across midnight, weeks and what an edit left", () => {
    const earlier = (cycle: Cycle, label: string, clock: Clock = "wall") =>
      openOccurrences(recurrence(cycle, berlin, { clock })).before(label)?.label;
    expect(earlier({ every: "hour" }, "2026-11-28T00:00")).toBe("2026-11-27T23:00");
    expect(earlier({ every: "hour" }, "2026-11-28T00:30")).toBe("2026-11-28T00:00");
    expect(earlier({ every: "week", days: ["MON"], at: "03:00" }, "2026-11-30T03:00")).toBe("2026-11-23T03:00");
    expect(earlier({ every: "hour" }, "2026-10-25T03:00", "elapsed")).toBe("2026-10-25T02b:00");
    expect(earlier(hours("02:00"), "2026-03-30T02:00", "elapsed")).toBe("2026-03-28T02:00");
  });

  it("are due later by what the job's hash spreads them, under the same names", () => {
    const spread = { minutes: 30, job: "orders" };
    const [plain] = next(1, "2026-11-28T00:00Z", recurrence(day("02:00"), "UTC"));
    const [late] = next(1, "2026-11-28T00:00Z", recurrence(day("02:00"), "UTC", { spread }));
    const minutes = ((late?.at ?? 0) - (plain?.at ?? 0)) / 60_000;
    expect(late?.label).toBe(plain?.label);
    expect(minutes).toBeGreaterThan(0);
    expect(minutes).toBeLessThan(30);
    // One that is due by its label alone is still to come.
    expect(next(1, "2026-11-28T02:00Z", recurrence(day("02:00"), "UTC", { spread }))[0]).toEqual(late);
  });
});

describe("a cycle", () => {
  it("has as many labels a day as its window holds, both ends included", () => {
    expect(timetableOf({ every: "hour", from: "00:00", to: "03:00" }).times).toEqual([0, 60, 120, 180]);
    expect(timetableOf({ every: "hour", step: 2, from: "00:10", to: "23:59" }).times).toHaveLength(12);
    expect(timetableOf(hours("05:00", "01:00", "05:00")).times).toEqual([60, 300]);
    expect(timetableOf({ every: "quarter", day: "last", at: "01:00" }).days).toBe("L 3,6,9,12 *");
  });

  it("without a time gets a minute of the first half hour, the same each time", () => {
    const at = (job: string) => (withFixedTime({ every: "day" }, job) as { at: string }).at;
    expect(at("a")).toMatch(/^00:[0-2]\d$/);
    expect(at("a")).toBe(at("a"));
    expect(new Set(["a", "b", "c", "d", "e", "f"].map(at)).size).toBeGreaterThan(2);
    expect(withFixedTime(day("02:30"), "a")).toEqual(day("02:30"));
    expect(withFixedTime({ every: "hour" }, "a")).toEqual({ every: "hour" });
  });

  it("that cannot be is refused with the field and the value seen", () => {
    expect(() => timetableOf({ every: "day" })).toThrow("every day: at: expected a time of day");
    expect(() => timetableOf({ every: "hour", from: "09:00", to: "08:00" })).toThrow("from 09:00 to 08:00");
    expect(() => timetableOf({ every: "year", months: [2], days: [30], at: "02:00" })).toThrow("there is no such day");
    expect(() => openOccurrences(recurrence(day("02:00"), "Mars/Base"))).toThrow('schedule.timeZone "Mars/Base"');
    expect(() => openOccurrences(recurrence(day("02:00"), berlin, { clock: "elapsed" }))).toThrow("minutes and hours");
    expect(cycleSchema.safeParse({ every: "day", at: "24:00" }).success).toBe(false);
    expect(cycleSchema.safeParse({ every: "month", days: [], at: "02:00" }).success).toBe(false);
    expect(cycleSchema.safeParse({ every: "week", days: ["MON"], at: "02:00", hour: 1 }).success).toBe(false);
  });
});
