import type { Run } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";

/** The figures of a run report, as `--json` prints them. */
export interface RunFigures {
  /** ISO times, UTC; null before the run started or ended. */
  readonly start: string | null;
  readonly end: string | null;
  readonly totalSeconds: number;
  /** From the first split's start to the last one's end, without planning and publishing; at least 1. */
  readonly transferSeconds: number;
  /** Payload bytes read per transfer second. */
  readonly bytesPerSecond: number;
  /** Records written per transfer second. */
  readonly recordsPerSecond: number;
  readonly read: number;
  readonly written: number;
  readonly dirty: number;
  /** Seconds, summed over the channels, in which writers had nothing to write because the reader was slower. */
  readonly waitOnReaderSeconds: number;
  /** Seconds, summed over the channels, in which readers could not go on because the writer was slower. */
  readonly waitOnWriterSeconds: number;
  /** The side that holds the run up; null when neither waits much for the other. */
  readonly slowSide: "reader" | "writer" | null;
}

/** Waits below this share of all channels' time are no reason to look for a slow side. */
const NOTABLE_WAIT = 0.1;

/** Works out the report of a run, finished or not. */
export function runFigures(run: Run, splits: readonly SplitView[]): RunFigures {
  const transferSeconds = Math.max(1, spanOf(splits, run.endedAt));
  const { reader, writer } = run.waitMs;
  const notableMs = NOTABLE_WAIT * transferSeconds * 1000 * Math.min(run.concurrent, Math.max(1, splits.length));
  const slowSide =
    Math.max(reader, writer) < notableMs || reader === writer ? null : reader > writer ? "reader" : "writer";
  const start = run.startedAt ?? run.createdAt;
  return {
    start,
    end: run.endedAt,
    totalSeconds: run.endedAt === null ? 0 : (Date.parse(run.endedAt) - Date.parse(start)) / 1000,
    transferSeconds,
    bytesPerSecond: Math.round(run.counters.bytes / transferSeconds),
    recordsPerSecond: Math.round(run.counters.written / transferSeconds),
    read: run.counters.read,
    written: run.counters.written,
    dirty: run.counters.dirty,
    waitOnReaderSeconds: reader / 1000,
    waitOnWriterSeconds: writer / 1000,
    slowSide,
  };
}

/** A split that was cancelled or lost has no end of its own: the run's counts. */
function spanOf(splits: readonly SplitView[], runEnd: string | null): number {
  const starts = splits.flatMap(({ startedAt }) => (startedAt === null ? [] : [Date.parse(startedAt)]));
  const ends = splits.flatMap(({ startedAt, endedAt }) => {
    const end = endedAt ?? runEnd;
    return startedAt === null || end === null ? [] : [Date.parse(end)];
  });
  return ends.length === 0 ? 0 : (Math.max(...ends) - Math.min(...starts)) / 1000;
}
