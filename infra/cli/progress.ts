import type { Counters } from "../../shared/model/progress.js";
import type { Run } from "../../shared/model/run.js";
import { bytes, clock, groupedCount } from "./numbers.js";

/** What a run is doing at one moment. */
export interface ProgressFigures {
  readonly state: Run["state"];
  /** 0 to 100; null while nothing is known about the size of the work. */
  readonly percent: number | null;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly read: number;
  readonly dirty: number;
  readonly splits: Run["splits"];
  /** Seconds still to go; null when unknown. */
  readonly etaSeconds: number | null;
}

/** How far the speed looks back: long enough to be calm, short enough to show a change. */
const WINDOW_MS = 5_000;

/** Makes a meter: give it each answer of the API with the time it came (epoch ms), and it tells speeds and the time to go. */
export function progressMeter(): (run: Run, atMs: number) => ProgressFigures {
  let samples: { atMs: number; counters: Counters }[] = [];
  let firstMs: number | null = null;
  return (run, atMs) => {
    if (run.state === "running") firstMs ??= atMs;
    samples = [...samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS), { atMs, counters: run.counters }];
    const oldest = samples[0] ?? { atMs, counters: run.counters };
    const spanSeconds = Math.max(0.25, (atMs - oldest.atMs) / 1000);
    const share = shareDone(run);
    return {
      state: run.state,
      percent: share === null ? null : share * 100,
      recordsPerSecond: Math.max(0, run.counters.read - oldest.counters.read) / spanSeconds,
      bytesPerSecond: Math.max(0, run.counters.bytes - oldest.counters.bytes) / spanSeconds,
      read: run.counters.read,
      dirty: run.counters.dirty,
      splits: run.splits,
      etaSeconds: share === null || firstMs === null ? null : timeToGo(share, (atMs - firstMs) / 1000),
    };
  };
}

/** Finished splits are certain, an estimate of records is not: it never claims the last percent. */
function shareDone({ state, splits, counters, estimatedRows }: Run): number | null {
  if (state === "succeeded") return 1;
  const bySplits = splits.total > 0 ? splits.done / splits.total : 0;
  const byRecords = estimatedRows ? Math.min(0.99, counters.read / estimatedRows) : 0;
  if (splits.total === 0 && !estimatedRows) return null;
  return Math.max(bySplits, byRecords);
}

/** Less than one percent says nothing about the rest. */
function timeToGo(share: number, elapsedSeconds: number): number | null {
  return share < 0.01 || share >= 1 ? null : (elapsedSeconds * (1 - share)) / share;
}

const BAR_WIDTH = 20;

/** The progress as one line; with a bar where it fits into the width. */
export function progressLine(figures: ProgressFigures, width: number): string {
  const { percent, splits, etaSeconds } = figures;
  const rest = [
    percent === null ? "-" : `${Math.floor(percent)}%`,
    `${groupedCount(figures.read)} rec`,
    `${groupedCount(figures.recordsPerSecond)} rec/s`,
    `${bytes(figures.bytesPerSecond)}/s`,
    `dirty ${groupedCount(figures.dirty)}`,
    `splits ${splits.done}/${splits.total}`,
    `ETA ${etaSeconds === null ? "-" : clock(etaSeconds)}`,
  ].join("  ");
  const filled = Math.floor(((percent ?? 0) / 100) * BAR_WIDTH);
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
  const line = `${figures.state}  ${bar}  ${rest}`;
  return line.length <= width ? line : `${figures.state}  ${rest}`;
}
