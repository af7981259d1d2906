import { describe, expect, it } from "vitest";
import { type Holders, shareOut } from "../../../../../shared/runs/work/throttle-shares.js";

const all = Number.MAX_SAFE_INTEGER;
const ask = (holders: Holders, shard: string, wanted: number, at = 0) =>
  shareOut(100, holders, { shard, wanted, at, holdMs: 10 });
const held = (holders: Holders) =>
  Object.fromEntries(Object.entries(holders).map(([shard, holder]) => [shard, holder.held]));
const sum = (holders: Holders) => Object.values(holders).reduce((total, holder) => total + holder.held, 0);

describe("sharing out a limit", () => {
  it("gives a lone shard everything", () => {
    expect(held(ask({}, "a", all))).toEqual({ a: 100 });
  });

  it("makes a newcomer wait until the others have let go, so that the limit is never exceeded", () => {
    let holders = ask({}, "a", all);
    holders = ask(holders, "b", all);
    expect(held(holders)).toEqual({ a: 100, b: 0 });
    holders = ask(holders, "a", all);
    holders = ask(holders, "b", all);
    expect(held(holders)).toEqual({ a: 50, b: 50 });
  });

  it("gives who wants little that little, and the rest to the others", () => {
    let holders: Holders = {};
    for (let round = 0; round < 3; round++) {
      holders = ask(holders, "small", 10);
      holders = ask(holders, "b", all);
      holders = ask(holders, "c", all);
    }
    expect(held(holders)).toMatchObject({ small: 10, b: 45, c: 45 });
  });

  it("forgets shards that are not heard of any more", () => {
    const holders = ask({}, "gone", all, 0);
    expect(held(ask(holders, "b", all, 11))).toEqual({ b: 100 });
  });

  it("never hands out more than the limit, whatever the order of requests", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    let holders: Holders = {};
    for (let i = 0; i < 2000; i++) {
      const shard = `s${Math.floor(random() * 6)}`;
      holders = ask(holders, shard, random() < 0.4 ? all : random() * 60, Math.floor(i / 20));
      expect(sum(holders)).toBeLessThanOrEqual(100.000001);
    }
  });
});
