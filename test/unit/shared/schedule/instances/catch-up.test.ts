import { describe, expect, it } from "vitest";
import type { Clock } from "../../../../../shared/calendar/due-at.js";
import { openOccurrences } from "../../../../../shared/calendar/occurrences.js";
import {
  type CatchUpRule,
  catchUp,
  defaultCatchUp,
  heldInOrderBy,
} from "../../../../../shared/schedule/instances/catch-up.js";

const open = (step: number, timeZone = "UTC") =>
  openOccurrences({
    cycle: { every: "minute", step },
    timeZone,
    clock: "wall" as Clock,
    effective: { from: null, to: null },
    spread: null,
  });

function made(after: string, tick: string, rule: Partial<CatchUpRule> = {}, occurrences = open(30)) {
  const window = { afterMs: Date.parse(`2026-11-${after}Z`), tickMs: Date.parse(`2026-11-${tick}Z`) };
  const { make, skipped } = catchUp(occurrences, window, { ...defaultCatchUp({ usesBusinessTime: true }), ...rule });
  const short = (label: string) => label.replace("2026-11-", "");
  return {
    make: make.map(({ label }) => short(label)),
    skipped: skipped && `${short(skipped.from)} to ${short(skipped.to)}`,
  };
}

describe("labels that were missed", () => {
  it("are all made in order by default", () => {
    expect(made("28T00:00", "28T02:00")).toEqual({
      make: ["28T00:30", "28T01:00", "28T01:30", "28T02:00"],
      skipped: null,
    });
    expect(made("28T00:00", "28T00:29")).toEqual({ make: [], skipped: null });
  });

  it("are left out but for the latest, or but for what is due now, if the job says so", () => {
    expect(made("28T00:00", "28T01:40", { policy: "latest" })).toEqual({
      make: ["28T01:30"],
      skipped: "28T00:30 to 28T01:00",
    });
    expect(made("28T00:00", "28T01:30", { policy: "skip" })).toEqual({
      make: ["28T01:30"],
      skipped: "28T00:30 to 28T01:00",
    });
    expect(made("28T00:00", "28T01:31", { policy: "skip" })).toEqual({ make: [], skipped: "28T00:30 to 28T01:30" });
    expect(defaultCatchUp({ usesBusinessTime: false }).policy).toBe("latest");
  });

  it("are made up within the window and up to the limit, and what is not is told", () => {
    expect(made("20T00:00", "28T01:00", { windowMs: 3_600_000 })).toEqual({
      make: ["28T00:30", "28T01:00"],
      skipped: "20T00:30 to 28T00:00",
    });
    expect(made("28T00:00", "28T02:00", { most: 2 })).toEqual({
      make: ["28T01:30", "28T02:00"],
      skipped: "28T00:30 to 28T01:00",
    });
    const { make, skipped } = made("01T00:00", "28T00:00", {}, open(1));
    expect([make.length, make[0], skipped]).toEqual([1_000, "27T07:21", "01T00:01 to 27T07:20"]);
  });

  it("make nothing at a tick that is older than what was made", () => {
    expect(made("28T02:00", "28T01:00")).toEqual({ make: [], skipped: null });
  });
});

describe("instances of one job", () => {
  it("wait for the one so many before them", () => {
    const labels = ["00", "01", "02", "03"].map((hour) => `2026-11-28T${hour}:00`);
    const held = (hour: string, parallel: number) =>
      heldInOrderBy(labels, `2026-11-28T${hour}:00`, parallel)?.slice(11, 13);
    expect([held("03", 1), held("03", 2), held("03", 3), held("03", 4), held("00", 1)]).toEqual([
      "02",
      "01",
      "00",
      undefined,
      undefined,
    ]);
  });
});
