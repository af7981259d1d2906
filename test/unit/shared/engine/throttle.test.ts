import { describe, expect, it } from "vitest";
import { createThrottle } from "../../../../shared/engine/throttle.js";

const never = new AbortController().signal;

/** Seconds that six waits of a tenth of a second take on this machine now. */
async function sixTenths(): Promise<number> {
  const since = performance.now();
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  return (performance.now() - since) / 1000;
}

describe("the throttle", () => {
  it("lets everything pass at once without limits", async () => {
    const throttle = createThrottle({ bytesPerSecond: null, recordsPerSecond: null });
    for (let i = 0; i < 1000; i++) await throttle.take(1e9, 1e6, never);
    expect(throttle.demand().waited).toBe(false);
  });

  it("never lets more pass than time has earned", async () => {
    const throttle = createThrottle({ bytesPerSecond: 10_000, recordsPerSecond: null });
    const since = performance.now();
    const plain = sixTenths();
    for (let i = 0; i < 6; i++) await throttle.take(1000, 1, never);
    const seconds = (performance.now() - since) / 1000;
    expect(seconds).toBeGreaterThan(0.59);
    expect(seconds).toBeLessThan(2.5 * (await plain));
    expect(throttle.demand()).toEqual({ bytes: 6000, records: 6, waited: true });
  });

  it("limits records as well as bytes, whichever is slower", async () => {
    const throttle = createThrottle({ bytesPerSecond: 1e9, recordsPerSecond: 100 });
    const since = performance.now();
    await throttle.take(1, 20, never);
    expect(performance.now() - since).toBeGreaterThan(150);
  });

  it("makes up for a pause of up to a second", async () => {
    let now = 0;
    const throttle = createThrottle({ bytesPerSecond: 1000, recordsPerSecond: null }, () => now);
    now = 5000;
    await throttle.take(1000, 1, never);
    expect(throttle.demand().waited).toBe(false);
    now = 5001;
    void throttle.take(1000, 1, never);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(throttle.demand().waited).toBe(true);
    now = 7000;
  });

  it("stops at a share of nothing until it gets one", async () => {
    const throttle = createThrottle({ bytesPerSecond: 0, recordsPerSecond: null });
    let passed = false;
    const waiting = throttle.take(10, 1, never).then(() => {
      passed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(passed).toBe(false);
    throttle.setShare({ bytesPerSecond: 1e6, recordsPerSecond: null });
    await waiting;
  });

  it("gives up waiting when the work is stopped", async () => {
    const throttle = createThrottle({ bytesPerSecond: 0, recordsPerSecond: null });
    await throttle.take(10, 1, AbortSignal.timeout(20));
  });
});
