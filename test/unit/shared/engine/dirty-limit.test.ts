import { describe, expect, it } from "vitest";
import { dirtyGate } from "../../../../shared/engine/dirty-limit.js";
import { noCounters } from "../../../../shared/model/progress.js";

/** The gate of a split that has kept `found` records, in a run that allows `limit`; others leave `room`. */
function gate(limit: number, found: number, room?: number) {
  const meter = { live: noCounters, dirtyBefore: 0 };
  const reported: number[] = [];
  const roomInRun = async () => {
    reported.push(meter.live.dirty);
    return room ?? Infinity;
  };
  const dirty = { found, kept: found, keep: async () => undefined, startFrom: async () => undefined };
  return { reported, ...dirtyGate({ overLimit: (count) => count > limit, roomInRun, meter, dirty }) };
}

describe("the gate for dirty records", () => {
  it("lets through what the limit allows, and no record more", async () => {
    const open = gate(10, 3);
    expect(await open.admit(7)).toBeNull();
    expect(open.isShut()).toBe(false);
    expect(await open.admit(8)).toBe(8);
    expect(open.isShut()).toBe(true);
  });

  it("keeps few of thousands, but so many that their number tells why the run ends", async () => {
    expect(await gate(0, 0).admit(3_750)).toBe(100);
    expect(await gate(0, 0).admit(1)).toBe(1);
    expect(await gate(2_000, 500).admit(3_750)).toBe(1_501);
  });

  it("asks for the sum of the run, having told what it found", async () => {
    const open = gate(50, 4, 10);
    expect(await open.admit(6)).toBeNull();
    expect(open.reported).toEqual([10]);
    expect(await open.admit(7)).toBe(7);
    expect(open.isShut()).toBe(true);
  });

  it("does not ask for the sum when the split alone has too many", async () => {
    const open = gate(5, 0, 100);
    expect(await open.admit(6)).toBe(6);
    expect(open.reported).toEqual([]);
  });
});
