import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClock } from "../../../../infra/local/clock.js";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe("the clock", () => {
  test("shows the machine's time, moved or stopped on demand", () => {
    const clock = createClock();
    expect(clock.now()).toBe(1_000_000);
    clock.advance(500);
    vi.advanceTimersByTime(100);
    expect(clock.now()).toBe(1_000_600);
    clock.set(5);
    vi.advanceTimersByTime(100);
    clock.advance(2);
    expect(clock.now()).toBe(7);
    clock.real();
    expect(clock.now()).toBe(1_000_200);
  });

  test("rings alarms when their moment comes, by waiting or by being moved", () => {
    const clock = createClock();
    const rung: string[] = [];
    clock.alarm(1_000_100, () => rung.push("waited"));
    clock.alarm(1_005_000, () => rung.push("moved"));
    const cancel = clock.alarm(1_000_050, () => rung.push("cancelled"));
    cancel();
    vi.advanceTimersByTime(99);
    expect(rung).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(rung).toEqual(["waited"]);
    clock.advance(10_000);
    vi.advanceTimersByTime(1);
    expect(rung).toEqual(["waited", "moved"]);
  });

  test("rings nothing while it stands, however long that is", () => {
    const clock = createClock();
    const rung = vi.fn();
    clock.set(0);
    clock.alarm(10, rung);
    vi.advanceTimersByTime(1_000_000);
    expect(rung).not.toHaveBeenCalled();
    clock.advance(10);
    vi.advanceTimersByTime(0);
    expect(rung).toHaveBeenCalledOnce();
  });

  test("waits longer than one timer can", () => {
    const clock = createClock();
    const rung = vi.fn();
    const distance = 40 * 86_400_000;
    clock.alarm(1_000_000 + distance, rung);
    vi.advanceTimersByTime(distance - 1);
    expect(rung).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(rung).toHaveBeenCalledOnce();
  });
});
