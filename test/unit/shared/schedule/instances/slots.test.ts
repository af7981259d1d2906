import { describe, expect, it } from "vitest";
import { admitQueued, inTurn, type Queued } from "../../../../../shared/schedule/instances/slots.js";

const MINUTE = 60_000;
const queued = (id: string, more: Partial<Queued> = {}): Queued => ({
  ...{ id, priority: 1, at: 0, readySince: 0, weight: 1 },
  ...more,
});
const ids = (queue: readonly Queued[]) => queue.map(({ id }) => id).join("");

describe("the queue for slots", () => {
  it("is served by priority, then by due time", () => {
    const queue = [queued("a"), queued("b", { at: -1 }), queued("c", { priority: 8, at: 5 })];
    expect(ids(inTurn(queue, 0))).toBe("cba");
    const same = Array.from({ length: 20 }, (_, i) => queued(String.fromCharCode(97 + i)));
    expect(ids(inTurn(same, 0))).toBe(ids(inTurn([...same].reverse(), 0)));
  });

  it("lets those that wait rise, up to the highest", () => {
    const first = (readySince: number, nowMs: number) =>
      inTurn([queued("old"), queued("new", { priority: 3, readySince, at: 1 })], nowMs)[0]?.id;
    expect(first(30 * MINUTE, 30 * MINUTE)).toBe("new");
    expect(first(90 * MINUTE, 90 * MINUTE)).toBe("old");
    const late = [queued("x", { priority: 8, at: 5, readySince: 0 }), queued("y", { at: 6 })];
    expect(ids(inTurn(late, 1e9))).toBe("xy");
  });

  it("lets smaller ones pass the head for five minutes, and then no more", () => {
    const queue = [queued("a", { priority: 2, weight: 4 }), queued("b"), queued("c", { weight: 2 })];
    const given = (free: number, since: number | null, nowMs: number) => {
      const { admitted, blocked } = admitQueued(queue, { free, nowMs, blockedSince: () => since });
      return `${ids(admitted)} ${blocked?.id ?? "-"}`;
    };
    expect(given(7, null, 0)).toMatch(/^a(bc|cb) -$/);
    expect(given(3, null, 0)).toMatch(/^(bc|cb) a$/);
    expect(given(3, 0, 4 * MINUTE)).toMatch(/^(bc|cb) a$/);
    expect(given(3, 0, 5 * MINUTE)).toBe(" a");
    expect(given(4, 0, 5 * MINUTE)).toMatch(/^a [bc]$/);
  });
});
