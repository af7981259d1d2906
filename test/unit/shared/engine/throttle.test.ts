import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createThrottle } from "../../../../shared/engine/throttle.js";

const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Seconds that something takes, the machine's own speed left aside. */
async function secondsOf(work: Promise<void>): Promise<number> {
  const since = performance.now();
  let took = 0;
  void work.then(() => {
    took = performance.now() - since;
  });
  while (took === 0) await vi.advanceTimersByTimeAsync(1);
  return took / 1000;
}

describe("the throttle", () => {
  it("lets everything pass at once without limits", async () => {
    const throttle = createThrottle({ bytesPerSecond: null, recordsPerSecond: null });
    for (let i = 0; i < 1000; i++) await throttle.take(1e9, 1e6, never);
    expect(throttle.demand().waited).toBe(false);
  });

  it("never lets more pass than time has earned", async () => {
    const throttle = createThrottle({ bytesPerSecond: 10_000, recordsPerSecond: null });
    const seconds = await secondsOf(
      (async () => {
        for (let i = 0; i < 6; i++) await throttle.take(1000, 1, never);
      })(),
    );
    expect(seconds).toBeGreaterThan(0.59);
    expect(seconds).toBeLessThan(0.62);
    expect(throttle.demand()).toEqual({ bytes: 6000, records: 6, waited: true });
  });

  it("limits records as well as bytes, whichever is slower", async () => {
    const throttle = createThrottle({ bytesPerSecond: 1e9, recordsPerSecond: 100 });
    const seconds = await secondsOf(throttle.take(1, 20, never));
    expect(seconds).toBeGreaterThan(0.19);
    expect(seconds).toBeLessThan(0.22);
  });

  it("makes up for a pause of up to a second", async () => {
    let now = 0;
    const throttle = createThrottle({ bytesPerSecond: 1000, recordsPerSecond: null }, () => now);
    now = 5000;
    await throttle.take(1000, 1, never);
    expect(throttle.demand().waited).toBe(false);
    now = 5001;
    void throttle.take(1000, 1, never);
    await vi.advanceTimersByTimeAsync(60);
    expect(throttle.demand().waited).toBe(true);
    now = 7000;
    await vi.advanceTimersByTimeAsync(60);
  });

  it("stops at a share of nothing until it gets one", async () => {
    const throttle = createThrottle({ bytesPerSecond: 0, recordsPerSecond: null });
    let passed = false;
    const waiting = throttle.take(10, 1, never).then(() => {
      passed = true;
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(passed).toBe(false);
    throttle.setShare({ bytesPerSecond: 1e6, recordsPerSecond: null });
    await vi.advanceTimersByTimeAsync(60);
    await waiting;
  });

  it("gives up waiting when the work is stopped", async () => {
    const throttle = createThrottle({ bytesPerSecond: 0, recordsPerSecond: null });
    const stop = new AbortController();
    const waiting = throttle.take(10, 1, stop.signal);
    await vi.advanceTimersByTimeAsync(20);
    stop.abort();
    await vi.advanceTimersByTimeAsync(60);
    await waiting;
  });
});
