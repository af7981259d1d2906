import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { allInOrder } from "../../../../shared/model/all-in-order.js";

const fails = async (name: string, ms: number) => {
  await sleep(ms);
  throw new Error(name);
};

describe("allInOrder", () => {
  it("gives every value at its place", async () => {
    expect(await allInOrder([sleep(5).then(() => "slow"), Promise.resolve(2), undefined])).toEqual([
      "slow",
      2,
      undefined,
    ]);
  });

  it("throws the first failure by position, however late it comes", async () => {
    await expect(allInOrder([sleep(1), fails("reader", 20), fails("writer", 0)])).rejects.toThrow("reader");
  });

  it("leaves nothing under way when it throws", async () => {
    let isDone = false;
    const late = sleep(20).then(() => {
      isDone = true;
    });
    await expect(allInOrder([fails("reader", 0), late])).rejects.toThrow("reader");
    expect(isDone).toBe(true);
  });
});
