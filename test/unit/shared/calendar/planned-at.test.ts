import { expect, it } from "vitest";
import { type HandRun, plannedTimeOf, readingText } from "../../../../shared/calendar/planned-at.js";

const hand = (more: Partial<HandRun> = {}): HandRun => ({
  parameters: {},
  schedule: null,
  workspaceZone: "Asia/Shanghai",
  nowMs: Date.parse("2026-11-28T20:15:30Z"),
  ...more,
});
const plannedLocal = (run: HandRun) => plannedTimeOf(run).plannedLocal;
const nightly = { cron: "0 30 2,14 * * *", timeZone: "Europe/Berlin" };

it("a run by hand is planned for the present, by the clock of its schedule or else of its workspace", () => {
  expect(plannedLocal(hand())).toBe("2026-11-29T04:15:30");
  expect(plannedLocal(hand({ schedule: nightly }))).toBe("2026-11-28T21:15:30");
  expect(plannedLocal(hand({ workspaceZone: "-03:00" }))).toBe("2026-11-28T17:15:30");
  expect(readingText(Date.parse("2026-01-01T00:00Z"), "CTT")).toBe("2026-01-01T08:00:00");
});

it("a given business date plans it for the day after, at the schedule's first time", () => {
  const parameters = { bizdate: "20240228" };
  expect(plannedLocal(hand({ parameters }))).toBe("2024-02-29T00:00:00");
  expect(plannedLocal(hand({ parameters, schedule: nightly }))).toBe("2024-02-29T02:30:00");
});

it("a given cycle time is the planned time", () => {
  expect(plannedLocal(hand({ parameters: { cyctime: "20240229103000", bizdate: "20200101" } }))).toBe(
    "2024-02-29T10:30:00",
  );
});

it("values that are no times plan nothing", () => {
  for (const bizdate of ["20230229", "2024-02-28", "$bizdate", ""])
    expect(plannedLocal(hand({ parameters: { bizdate, cyctime: "20240229256000" } }))).toBe("2026-11-29T04:15:30");
});

it("the instant is that of the clock's reading", () => {
  const at = (bizdate: string) => plannedTimeOf(hand({ parameters: { bizdate }, schedule: nightly })).plannedAt;
  expect(at("20261024")).toBe("2026-10-25T01:30:00.000Z");
  expect(at("20260328")).toBe("2026-03-29T01:00:00.000Z");
  expect(plannedTimeOf(hand()).plannedAt).toBe("2026-11-28T20:15:30.000Z");
  const cyctime = "20240229103007";
  expect(plannedTimeOf(hand({ parameters: { cyctime } })).plannedAt).toBe("2024-02-29T02:30:07.000Z");
});
