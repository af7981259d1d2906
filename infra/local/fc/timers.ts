import type { Clock } from "../clock.js";
import type { FunctionSpec, TimerSpec } from "../manifest.js";
import { readTimer } from "./cron.js";

/** Called when a timer rings, with the moment it was due: epoch ms, a whole second. */
export type Ring = (spec: FunctionSpec, timer: TimerSpec, atMs: number) => void;

/** The event that a timer gives its function. */
export function timerEvent(timer: TimerSpec, atMs: number): Buffer {
  const triggerTime = `${new Date(Math.floor(atMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
  return Buffer.from(JSON.stringify({ triggerTime, triggerName: timer.name, payload: timer.payload }));
}

/**
 * Starts the enabled timers. Moments that pass while the process is down, or that the clock jumps over, are not made
 * up for: after a jump a timer rings once.
 *
 * @returns ends them
 * @throws UserError CONFIG_INVALID for an expression that is not FC's
 */
export function startTimers(functions: readonly FunctionSpec[], clock: Clock, ring: Ring): () => void {
  const cancels = functions.flatMap((spec) =>
    spec.timers.filter((timer) => timer.enabled).map((timer) => startTimer(spec, timer, clock, ring)),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}

function startTimer(spec: FunctionSpec, timer: TimerSpec, clock: Clock, ring: Ring): () => void {
  const next = readTimer(timer.expression);
  let cancel: () => void = () => undefined;
  const arm = () => {
    const atMs = next(clock.now());
    if (atMs === null) return;
    cancel = clock.alarm(atMs, () => {
      ring(spec, timer, atMs);
      arm();
    });
  };
  arm();
  return () => cancel();
}
