import type { LocalClock } from "../clock.js";
import type { FunctionSpec, TimerSpec } from "../manifest.js";
import { type NextTime, readTimer } from "./cron.js";

/** Called when a timer rings, with the moment it was due: epoch ms, a whole second. */
export type Ring = (spec: FunctionSpec, timer: TimerSpec, atMs: number) => void;

/** The event that a timer gives its function. */
export function timerEvent(timer: TimerSpec, atMs: number): Buffer {
  const triggerTime = `${new Date(Math.floor(atMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
  return Buffer.from(JSON.stringify({ triggerTime, triggerName: timer.name, payload: timer.payload }));
}

/**
 * Starts the enabled timers. Moments that pass while the process is down, or that the clock jumps over, are not made
 * up for: after a jump a timer rings once, for the last moment that it was due.
 *
 * @returns ends them
 * @throws UserError CONFIG_INVALID for an expression that is not FC's
 */
export function startTimers(functions: readonly FunctionSpec[], clock: LocalClock, ring: Ring): () => void {
  const cancels = functions.flatMap((spec) =>
    spec.timers
      .filter((timer) => timer.enabled)
      .map((timer) => startTimer(timer, clock, (atMs) => ring(spec, timer, atMs))),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}

function startTimer(timer: TimerSpec, clock: LocalClock, ring: (atMs: number) => void): () => void {
  const next = readTimer(timer.expression);
  let cancel: () => void = () => undefined;
  const arm = () => {
    const atMs = next(clock.now());
    if (atMs === null) return;
    cancel = clock.alarm(atMs, () => {
      ring(latestDue(next, atMs, clock.now()));
      arm();
    });
  };
  arm();
  return () => cancel();
}

const DAY_MS = 86_400_000;
/** How far to look back from now, nearest first: what rings often is found within a few steps. */
const spansMs = [60_000, 3_600_000, DAY_MS, 32 * DAY_MS, 366 * DAY_MS];

/** The last moment that a timer was due, at or after `dueMs`: later than it only if the clock jumped. */
function latestDue(next: NextTime, dueMs: number, nowMs: number): number {
  let latestMs = dueMs;
  for (const spanMs of spansMs) {
    let momentMs = next(Math.max(dueMs, nowMs - spanMs));
    for (; momentMs !== null && momentMs <= nowMs; momentMs = next(momentMs)) latestMs = momentMs;
    if (latestMs > dueMs || nowMs - spanMs <= dueMs) break;
  }
  return latestMs;
}
