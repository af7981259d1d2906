import { describe, expect, it } from "vitest";
import { runFigures } from "../../../../infra/cli/run-figures.js";
import { slowSideText } from "../../../../infra/cli/run-report.js";
import { sampleRun, sampleSplit } from "./fake-api.js";

describe("the figures of a run", () => {
  it("divides by the transfer time, which leaves out planning and publishing", () => {
    const figures = runFigures(sampleRun(), [
      sampleSplit(),
      sampleSplit({ number: 1, startedAt: "2026-11-20T10:00:01.200Z" }),
    ]);
    expect(figures).toMatchObject({
      totalSeconds: 5,
      transferSeconds: 4,
      recordsPerSecond: 49_998,
      bytesPerSecond: 3 * 1024 * 1024,
      read: 200_000,
      written: 199_993,
      dirty: 7,
    });
  });

  it("never divides by less than a second", () => {
    const quick = runFigures(sampleRun(), [sampleSplit({ endedAt: "2026-11-20T10:00:01.100Z" })]);
    expect(quick.transferSeconds).toBe(1);
    expect(runFigures(sampleRun(), []).transferSeconds).toBe(1);
  });

  it("takes the run's end for splits that have none, as after a cancel", () => {
    const cancelled = runFigures(sampleRun({ state: "cancelled" }), [sampleSplit({ endedAt: null })]);
    expect(cancelled.transferSeconds).toBe(4.5);
  });

  it("names the side that the other one waited for, unless neither waited much", () => {
    const slow = (reader: number, writer: number) =>
      runFigures(sampleRun({ waitMs: { reader, writer } }), [sampleSplit(), sampleSplit({ number: 1 })]);
    expect(slow(200, 3_000).slowSide).toBe("writer");
    expect(slowSideText(slow(200, 3_000))).toContain("The writer is the slow side: readers waited 3.0 s");
    expect(slow(2_500, 300).slowSide).toBe("reader");
    expect(slowSideText(slow(2_500, 300))).toContain("The reader is the slow side: writers waited 2.5 s");
    expect(slow(100, 300).slowSide).toBeNull();
  });
});
