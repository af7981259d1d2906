import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadConnector } from "../../../../../shared/connectors/registry.js";
import { replaceShard, sweep } from "../../../../../shared/runs/sweep.js";
import type { ShardOrder } from "../../../../../shared/runs/wake.js";
import { callFirstShards } from "../../../../../shared/runs/work/call-shards.js";
import { workOnRun } from "../../../../../shared/runs/work/work.js";
import { createServices } from "../../../../../shared/services.js";
import { delayed, pass, randomFrom, simulateRun, slowReader, type Weather } from "../simulated-run.js";
import { plannedRun } from "../steps-in-memory.js";

// Loading takes real time, of which the tests below have none.
beforeAll(() => loadConnector("stream"));

const MINUTE = 60_000;
const order: ShardOrder = { run: "r1", shard: "r1-g1-0", index: 0, of: 1 };
const limits = { deadline: Number.MAX_SAFE_INTEGER, noteUsage: async () => {} };

/** A run of one shard and two splits that nobody was called for yet. */
async function freshRun() {
  const planned = await plannedRun("running", [{ state: "pending" }, { state: "pending" }]);
  await planned.services.runs.update("r1", (run) => ({ ...run, concurrent: 1 }));
  return planned;
}

describe("a tick while a run's only shard starts", () => {
  /** Starts the shard and works, with a sweep before the `point`th call of the store; false when there are fewer calls. */
  async function tickAt(point: number): Promise<boolean> {
    const { services, started, run } = await freshRun();
    let calls = 0;
    const before = async () => {
      if (calls++ === point) await sweep(services, `t${point}`);
    };
    const slow = delayed(services.documents, before);
    const slowServices = createServices({ ...services, documents: slow });
    await callFirstShards(slowServices, await run());
    await workOnRun(slowServices, order, limits);
    const shards = new Set(started.filter((name) => !name.includes("reduce")));
    expect([...shards], `a tick before call ${point}`).toEqual(["r1-g1-0"]);
    const splits = await services.splits.all({ run: "r1", generation: 1 });
    expect(splits.map(({ value }) => [value.state, value.attempt])).toEqual(Array(2).fill(["done", 2]));
    return calls > point;
  }

  it("starts no other one, at whatever point of the start and of the work it comes", async () => {
    let point = 0;
    while (await tickAt(point)) point++;
    expect(point).toBeGreaterThan(10);
  });
});

describe("a run that waits for a full resource group", () => {
  it("gains no shards with each tick, however long it waits", async () => {
    const { services, started, clock, run } = await freshRun();
    await callFirstShards(services, await run());
    for (let minute = 1; minute <= 200; minute++) {
      clock.ms += MINUTE;
      await sweep(services, `t${minute}`);
    }
    expect(started).toEqual(["r1-g1-0"]);
  });

  it("gains none either where the platform does not tell what became of the call, until it has dropped it for sure", async () => {
    const { services, started, clock, run } = await freshRun();
    const mute = { ...services, invoker: { ...services.invoker, taskState: async () => "untold" as const } };
    await callFirstShards(mute, await run());
    for (let minute = 1; minute <= 60; minute++) {
      clock.ms += MINUTE;
      await sweep(mute, `t${minute}`);
    }
    expect(started).toEqual(["r1-g1-0"]);
    clock.ms += 2 * MINUTE;
    await sweep(mute, "late");
    expect(started).toEqual(["r1-g1-0", "r1-g1-0-n1"]);
  });
});

describe("a shard that ends before its first claim", () => {
  it("is replaced with the next tick when the platform knows of its end, and at once when it reports it", async () => {
    const { services, started, run } = await freshRun();
    const ended = { ...services, invoker: { ...services.invoker, taskState: async () => "ended" as const } };
    await callFirstShards(services, await run());
    await sweep(ended, "t1");
    expect(started).toEqual(["r1-g1-0", "r1-g1-0-n1"]);
    await replaceShard(services, { ...order, shard: "r1-g1-0-n1" });
    expect(started.at(-1)).toBe("r1-g1-0-n2");
  });

  it("is not replaced twice, by its failure record and by a tick", async () => {
    const { services, started, run } = await freshRun();
    await callFirstShards(services, await run());
    await replaceShard(services, order);
    await replaceShard(services, order);
    await sweep(services, "t1");
    expect(started).toEqual(["r1-g1-0", "r1-g1-0-n1"]);
  });

  it("is started under the same name when whoever called it died before the platform knew", async () => {
    const { services, started, run } = await freshRun();
    const dying = { ...services, invoker: { ...services.invoker, start: () => Promise.reject(new Error("killed")) } };
    await expect(callFirstShards(dying, await run())).rejects.toThrow("killed");
    await sweep(services, "t1");
    await sweep(services, "t2");
    expect(started).toEqual(["r1-g1-0"]);
  });
});

describe("a shard that ends between giving its seat to a successor and calling that one", () => {
  it("has it called with the record of its failure, once, without waiting for a tick", async () => {
    const { services, started, run } = await freshRun();
    await callFirstShards(services, await run());
    const dying = { ...services, invoker: { ...services.invoker, start: () => Promise.reject(new Error("killed")) } };
    await expect(workOnRun(dying, order, { ...limits, deadline: 0 })).rejects.toThrow("killed");
    expect(started).toEqual(["r1-g1-0"]);
    await replaceShard(services, order);
    await replaceShard(services, order);
    expect(started).toEqual(["r1-g1-0", "r1-g1-0-n1"]);
    await workOnRun(services, { ...order, shard: "r1-g1-0-n1" }, limits);
    const splits = await services.splits.all({ run: "r1", generation: 1 });
    expect(splits.map(({ value }) => value.state)).toEqual(["done", "done"]);
  });
});

describe("a shard that comes to a seat which is not its own any more", () => {
  it("goes again without a claim: after a successor was called, and as a second delivery", async () => {
    const { services, started, run } = await freshRun();
    await callFirstShards(services, await run());
    await replaceShard(services, order);
    await workOnRun(services, order, limits);
    const splits = async () =>
      (await services.splits.all({ run: "r1", generation: 1 })).map(({ value }) => value.state);
    expect(await splits()).toEqual(["pending", "pending"]);
    const next = { ...order, shard: started.at(-1) ?? "" };
    await Promise.all([workOnRun(services, next, limits), workOnRun(services, next, limits)]);
    const all = await services.splits.all({ run: "r1", generation: 1 });
    expect(all.map(({ value }) => [value.state, value.attempt])).toEqual(Array(2).fill(["done", 2]));
  });
});

describe("random schedules of ticks, kills and slow starts", () => {
  beforeAll(slowReader);
  afterAll(() => void vi.restoreAllMocks());
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] }),
  );
  afterEach(() => void vi.useRealTimers());

  async function follow(seed: number, weather: Weather) {
    const random = randomFrom(seed);
    const simulated = await simulateRun(weather, random);
    void callFirstShards(simulated.services, (await simulated.services.runs.get("r1")).value);
    for (let wave = 0; wave < 12; wave++) {
      await pass(Math.ceil(random() * 45) * 1000);
      // Often two at once: timers are delivered at least once.
      void simulated.tick(wave);
      if (random() < 0.3) void simulated.tick(wave + 1000);
    }
    simulated.calm();
    let minutes = 0;
    for (; !(await simulated.isDone()) && minutes < 30; minutes++) {
      void simulated.tick(2000 + minutes);
      await pass(MINUTE);
    }
    return { ...simulated.seen, minutes };
  }
  const between = (random: () => number, from: number, to: number) => from + Math.floor(random() * (to - from + 1));

  it("never start more shards than `concurrent`, and always end, when shards only die and start slowly", async () => {
    let kills = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomFrom(seed + 500);
      const concurrent = between(random, 1, 4);
      const notice = seed % 3 === 0 ? 0 : 0.7;
      const size = { concurrent, splits: between(random, concurrent, 9) };
      const weather = {
        ...size,
        coldMs: seed % 2 ? 90_000 : 5000,
        callMs: 1500,
        readMs: 40_000,
        kill: 0.02,
        notice,
      };
      const seen = await follow(seed, { ...weather, stall: 0, twice: 0, limitMs: 1e12 });
      expect(seen.reading, `seed ${seed}`).toBeLessThanOrEqual(concurrent);
      expect(seen.claiming, `seed ${seed}`).toBeLessThanOrEqual(concurrent);
      expect(seen.present, `seed ${seed}`).toBeLessThanOrEqual(concurrent);
      expect(seen.minutes, `seed ${seed}`).toBeLessThan(15);
      kills += seen.kills;
    }
    expect(kills).toBeGreaterThan(20);
  });

  it("never let more shards read than `concurrent`, whatever stands still, comes twice or hands over", async () => {
    let most = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomFrom(seed + 900);
      const concurrent = between(random, 1, 4);
      const size = { concurrent, splits: between(random, concurrent, 9) };
      const weather = {
        ...size,
        coldMs: 20_000,
        callMs: 1500,
        readMs: 40_000,
        kill: 0.01,
        notice: 0.6,
        stall: 0.03,
        twice: 0.3,
      };
      const seen = await follow(seed, { ...weather, limitMs: seed % 2 ? 40_000 : 1e12 });
      expect(seen.reading, `seed ${seed}`).toBeLessThanOrEqual(concurrent);
      expect(seen.minutes, `seed ${seed}`).toBeLessThan(20);
      most = Math.max(most, seen.present - concurrent);
    }
    // Calls that come for nothing go again: they are few.
    expect(most).toBeLessThanOrEqual(4);
  });
});
