import { describe, expect, it } from "vitest";
import { progressLine, progressMeter } from "../../../../infra/cli/progress.js";
import type { Run } from "../../../../shared/model/run.js";
import { sampleRun } from "./fake-api.js";

const running = (read: number, done: number, change: Partial<Run> = {}): Run =>
  sampleRun({
    state: "running",
    splits: { total: 10, done },
    counters: { read, written: read, dirty: 1, bytes: read * 100 },
    ...change,
  });

describe("progress", () => {
  it("measures speeds over the last seconds and the time to go from the share done", () => {
    const meter = progressMeter();
    meter(running(0, 0), 1_000);
    const figures = meter(running(50_000, 2), 3_000);
    expect(figures).toMatchObject({ percent: 25, recordsPerSecond: 25_000, bytesPerSecond: 2_500_000, dirty: 1 });
    expect(figures.etaSeconds).toBeCloseTo(6);
  });

  it("forgets what is older than its window", () => {
    const meter = progressMeter();
    meter(running(0, 0), 0);
    meter(running(100_000, 1), 4_000);
    expect(meter(running(100_000, 1), 9_000).recordsPerSecond).toBe(0);
  });

  it("knows no percentage while planning, and never 100 before the end by an estimate alone", () => {
    const meter = progressMeter();
    const planning = running(0, 0, { state: "planning", splits: { total: 0, done: 0 }, estimatedRows: null });
    expect(meter(planning, 0)).toMatchObject({ percent: null, etaSeconds: null });
    expect(meter(running(900_000, 9), 1_000).percent).toBe(99);
    expect(meter(sampleRun(), 2_000).percent).toBe(100);
  });

  it("never shows a negative speed when a lost shard's counters fall back", () => {
    const meter = progressMeter();
    meter(running(80_000, 4), 0);
    expect(meter(running(60_000, 3), 1_000).recordsPerSecond).toBe(0);
  });

  it("prints one line, with a bar only where it fits", () => {
    const meter = progressMeter();
    meter(running(0, 0), 0);
    const figures = meter(running(100_000, 5), 2_000);
    const text = "50%  100,000 rec  50,000 rec/s  4.77 MB/s  dirty 1  splits 5/10  ETA 0:02";
    expect(progressLine(figures, 120)).toBe(`running  ██████████░░░░░░░░░░  ${text}`);
    expect(progressLine(figures, 79)).toBe(`running  ${text}`);
  });
});
