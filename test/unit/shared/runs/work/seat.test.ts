import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SEAT_MS, takeSeat } from "../../../../../shared/runs/work/seat.js";
import { plannedRun } from "../steps-in-memory.js";

const order = { run: "r1", shard: "r1-g1-0", index: 0, of: 1 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A seat that was just taken, in services whose store can fall silent. */
async function takenSeat() {
  const { services } = await plannedRun("running");
  let isSilent = false;
  const replace: typeof services.seats.replace = (seat, version) =>
    isSilent ? new Promise(() => {}) : services.seats.replace(seat, version);
  const flaky = { ...services, now: () => Date.now(), seats: { ...services.seats, replace } };
  const seat = await takeSeat(flaky, order);
  if (!seat) throw new Error("the seat is taken");
  const silence = (): void => {
    isSilent = true;
  };
  return { services: flaky, seat, silence };
}

describe("a seat", () => {
  it("is kept for as long as its shard lives, and lost in time when the store falls silent", async () => {
    const { seat, silence } = await takenSeat();
    await vi.advanceTimersByTimeAsync(10 * SEAT_MS);
    expect([seat.isHeld(), await seat.confirm()]).toEqual([true, true]);
    silence();
    await vi.advanceTimersByTimeAsync(SEAT_MS);
    expect([seat.isHeld(), seat.lost.aborted]).toEqual([false, true]);
  });

  it("is lost with the next word when somebody else was called to it", async () => {
    const { services, seat } = await takenSeat();
    const found = await services.seats.get("r1", 0);
    if (!found) throw new Error("the seat is stored");
    const called = { ...found.value, shard: "r1-g1-0-n1", state: "called", holder: null } as const;
    await services.seats.replace(called, found.version);
    await vi.advanceTimersByTimeAsync(SEAT_MS / 3);
    expect([seat.isHeld(), seat.lost.aborted, await seat.confirm()]).toEqual([false, true, false]);
    expect(await seat.leaveTo("r1-g1-0-n9")).toBe(false);
    expect((await services.seats.get("r1", 0))?.value).toMatchObject(called);
  });

  it("that was left to a successor waits for it, also when its shard then goes", async () => {
    const { services, seat } = await takenSeat();
    expect(await seat.leaveTo("r1-g1-0-n1")).toBe(true);
    await seat.leave();
    expect((await services.seats.get("r1", 0))?.value).toMatchObject({ state: "called", shard: "r1-g1-0-n1" });
  });

  it("whose word was stored although the answer was lost is still held", async () => {
    const { services, seat } = await takenSeat();
    const found = await services.seats.get("r1", 0);
    if (!found) throw new Error("the seat is stored");
    await services.seats.replace(found.value, found.version);
    await vi.advanceTimersByTimeAsync(SEAT_MS / 3);
    expect(seat.isHeld()).toBe(true);
  });
});
