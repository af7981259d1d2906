import { describe, expect, it } from "vitest";
import { type Clock, clockChangeOn, dueAt, readingAt } from "../../../../shared/calendar/due-at.js";
import { addDays, dateOf, labelOf, plainLabel, readingOf } from "../../../../shared/calendar/label.js";
import { openOccurrences } from "../../../../shared/calendar/occurrences.js";
import type { Cycle } from "../../../../shared/model/cycle.js";
import { type Zone, zoneOf } from "../../../../shared/model/zones.js";

// SLUICE_TEST_ALL_ZONES=1 takes every zone of the runtime, every change of its clocks and labels of every fifth minute.
const isWhole = process.env.SLUICE_TEST_ALL_ZONES === "1";
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const [FROM, TO] = [Date.parse("2020-01-01"), Date.parse("2036-01-01")];

/** Gaps and repeats of half an hour, two and three hours, at midnight, and twice around Ramadan. */
const odd = [
  ...["Australia/Lord_Howe", "Antarctica/Troll", "Antarctica/Casey", "Antarctica/Vostok", "America/Santiago"],
  ...["America/Havana", "Asia/Beirut", "Africa/Casablanca", "America/Scoresbysund", "America/Nuuk", "Europe/Dublin"],
];
const all = Intl.supportedValuesOf("timeZone");
const zones = isWhole ? all : [...odd, ...all.filter((_, i) => i % 100 === 50)];

const zoneNamed = (name: string): Zone => zoneOf(name) ?? (() => Number.NaN);

const known = new Map<string, readonly string[]>();

/** Dates on which the clocks of a zone change, as steps of ten days show them. */
function changes(name: string): readonly string[] {
  const dates = known.get(name) ?? changesOf(zoneNamed(name));
  known.set(name, dates);
  return dates;
}

function changesOf(zone: Zone): readonly string[] {
  const dates: string[] = [];
  for (let at = FROM; at < TO; at += 10 * DAY_MS) {
    if (zone(at) === zone(at + 10 * DAY_MS)) continue;
    for (let day = 0; day <= 10; day++) {
      const date = dateOf(labelOf(readingAt(at + day * DAY_MS, zone)));
      if (clockChangeOn(date, zone) && !dates.includes(date)) dates.push(date);
    }
  }
  return dates;
}

/** Labels of three days around a date, as the enumeration gives them. */
function labelsAround(date: string, timeZone: string, { cycle, clock }: { cycle: Cycle; clock: Clock }) {
  const effective = { from: addDays(date, -1), to: addDays(date, 1) };
  const open = openOccurrences({ cycle, timeZone, clock, effective, spread: null });
  return [...open.after(readingOf(`${addDays(date, -3)}T00:00`))];
}

const minutes = isWhole ? 5 : 30;
const cycle: Cycle = { every: "minute", step: minutes };

describe.each(zones)("labels of %s", (name) => {
  const zone = zoneNamed(name);
  const dates = [...changes(name).filter((_, i) => isWhole || i % 10 < 2), "2026-11-28"];

  it("come in order by the wall, none lost and none twice", () => {
    for (const date of dates) {
      const found = labelsAround(date, name, { cycle, clock: "wall" });
      const readings = Array.from({ length: (3 * 1440) / minutes }, (_, i) =>
        labelOf(readingOf(`${addDays(date, -1)}T00:00`) + i * minutes * MINUTE_MS),
      );
      const labels = found.map(({ label }) => label);
      expect(labels.join(), `${name} ${date}`).toBe(readings.join());
      const wrong = found.filter(({ label, at }, i) => {
        const isEarly = readingAt(at, zone) < readingOf(label);
        const isSkipped = readingAt(at, zone) > readingOf(label) && readingAt(at - 1000, zone) < readingOf(label);
        return isEarly || at < (found[i - 1]?.at ?? 0) || (readingAt(at, zone) > readingOf(label) && !isSkipped);
      });
      expect(wrong, `${name} ${date}`).toEqual([]);
    }
  });

  it("come once for each stretch of time that goes by, if they follow that", () => {
    for (const date of dates) {
      const found = labelsAround(date, name, { cycle, clock: "elapsed" });
      const [first, last] = [found[0], found.at(-1)];
      if (!first || !last) throw new Error("no labels");
      const expected: number[] = [];
      for (let at = first.at; at <= last.at; at += MINUTE_MS)
        if (((readingAt(at, zone) / MINUTE_MS) % 1440) % minutes === 0) expected.push(at);
      expect(found.map(({ at }) => at).join(), `${name} ${date}`).toBe(expected.join());
      expect(new Set(found.map(({ label }) => label)).size).toBe(found.length);
      expect(found.filter(({ label, at }) => labelOf(readingAt(at, zone)) !== plainLabel(label))).toEqual([]);
    }
  });
});

it("the sample has gaps and repeats of each kind", () => {
  const sizes = zones.flatMap((name) => {
    const zone = zoneNamed(name);
    return changes(name).map((date) => {
      const change = clockChangeOn(date, zone);
      return change ? (change.to - change.from) / MINUTE_MS : 0;
    });
  });
  expect(new Set(sizes)).toEqual(new Set([30, -30, 60, -60, 120, -120, 180, -180]));
  expect(dueAt("2026-03-29T02:30", zoneNamed("Europe/Berlin"), "elapsed")).toBeNull();
});
