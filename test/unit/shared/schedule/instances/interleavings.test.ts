import { describe, expect, it } from "vitest";
import { settleRun } from "../../../../../shared/schedule/instances/settle.js";
import { advanceAll } from "../../../../../shared/schedule/instances/wake.js";
import { fireDue } from "../../../../../shared/schedule/tick/tick.js";
import type { Services } from "../../../../../shared/services.js";
import { workshop } from "../workshop.js";

const utc = (cron: string) => ({ cron, timeZone: "UTC" });
const at = (time: string) => `2026-01-02T${time}:00Z`;
const down = { workspace: "w", job: "down", origin: "s", label: "2026-01-02T05:00" };

type Wrap = (documents: Services["documents"]) => Services["documents"];

/** Documents each of whose calls first goes through `before`. */
function through(before: (name: string) => Promise<void>): Wrap {
  return (documents) =>
    new Proxy(documents, {
      get(target, name: keyof Services["documents"]) {
        const call = target[name] as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          await before(name);
          return call.apply(target, args);
        };
      },
    });
}

describe("a success and a look at who waits for it", () => {
  it("start that one, once, whichever of their steps come first: 1,000 interleavings", async () => {
    let seed = 1;
    const next = () => {
      // A fixed sequence: the same interleavings in each run.
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    let isMixed = false;
    const wrap = through(async () => {
      if (!isMixed) return;
      for (let turns = Math.floor(next() * 4); turns > 0; turns--) await Promise.resolve();
    });
    const orders = new Set<string>();
    for (let bed = 0; bed < 40; bed++) {
      const { services, save, tick, running, runs, end, clock } = await workshop({ wrap });
      await save("up", { schedule: utc("0 0 4 * * *") });
      await save("down", { schedule: utc("0 0 5 * * *"), dependencies: [{ on: "job", job: "up", cycle: "same" }] });
      for (let day = 2; day < 27; day++) {
        const date = `2026-01-${String(day).padStart(2, "0")}`;
        await tick(`${date}T04:00:00Z`);
        const up = await running("up");
        await services.runs.update(up, (run) => ({ ...run, state: "succeeded", endedAt: at("04:30") }));
        clock.ms = Date.parse(`${date}T05:00:00Z`);
        const trace: string[] = [];
        const note = (name: string) => () => void trace.push(name);
        isMixed = true;
        await Promise.all([
          settleRun(services, up).then(note("s")),
          fireDue(services, new Date(clock.ms)).then(note("t")),
          settleRun(services, up).then(note("r")),
        ]);
        isMixed = false;
        orders.add(trace.join(""));
        const label = `${date}T05:00`;
        expect((await services.instances.get({ ...down, label })).value.state, `${bed} ${date}`).toBe("running");
        expect((await runs()).filter((run) => run.job === "down" && run.instance?.label === label)).toHaveLength(1);
        await end(await running("down"));
      }
    }
    expect(orders.size).toBeGreaterThan(1);
  }, 60_000);
});

describe("whoever dies at any call", () => {
  /** What is made and started by a tick and an end that die at their nth call, and are repeated. */
  async function dyingAt(nth: number): Promise<{ readonly died: boolean; readonly seen: object }> {
    let calls = -1;
    const trace: string[] = [];
    const wrap = through(async (name) => {
      if (calls < 0) return;
      trace.push(name);
      calls++;
      if (calls === nth) calls = Number.POSITIVE_INFINITY;
      if (calls === Number.POSITIVE_INFINITY) throw new Error("killed");
    });
    const { services, save, tick, running, end, runs, states, clock } = await workshop({ wrap });
    await save("up", { schedule: utc("0 0 4 * * *") });
    await save("down", { schedule: utc("0 0 4 * * *"), dependencies: [{ on: "job", job: "up", cycle: "same" }] });
    calls = 0;
    // A call that is killed is made again by the platform; a tick also comes again by itself.
    await tick(at("04:00")).catch(() => {});
    const died = calls === Number.POSITIVE_INFINITY;
    calls = died ? -1 : 0;
    for (const time of ["04:01", "04:02", "04:03"]) if (died) await tick(at(time));
    const id = await running("up");
    if (id === "")
      throw new Error(
        `not running after a death at call ${nth}: ${trace.slice(-30)} ${JSON.stringify(await states("up"))} ${JSON.stringify((await services.instances.find({ ...down, job: "up", label: "2026-01-02T04:00" }))?.value)}`,
      );
    if (!died) {
      await services.runs.update(id, (run) => ({ ...run, state: "succeeded", endedAt: at("04:01") })).catch(() => {});
      await settleRun(services, id).catch(() => {});
    }
    const diedLater = calls === Number.POSITIVE_INFINITY;
    calls = -1;
    await end(id);
    clock.ms += 120_000;
    for (const time of ["04:04", "04:05", "04:06"]) await tick(at(time));
    const seen = {
      up: await states("up"),
      down: await states("down"),
      runs: (await runs()).map(({ job }) => job).sort(),
      holders: (await services.slots.get("default")).holders.map(({ ready }) => ready.job),
    };
    return { died: died || diedLater, seen };
  }

  it("leaves nothing undone and nothing done twice", async () => {
    let nth = 1;
    for (; nth < 400; nth++) {
      const { died, seen } = await dyingAt(nth);
      expect(seen, `killed at call ${nth}`).toEqual({
        up: ["02T04:00 succeeded"],
        down: ["02T04:00 running"],
        runs: ["down", "up"],
        holders: ["down"],
      });
      if (!died) break;
    }
    // It went through all steps of a tick and of an end.
    expect(nth).toBeGreaterThan(60);
    expect(nth).toBeLessThan(400);
  }, 60_000);
});

describe("instances that are looked at again", () => {
  it("stay as they are", async () => {
    const { services, save, tick, states, runs } = await workshop();
    await save("down", { schedule: utc("0 0 5 * * *") });
    await tick(at("05:00"));
    for (let i = 0; i < 3; i++) await advanceAll(services, [down]);
    expect(await states("down")).toEqual(["02T05:00 running"]);
    expect(await runs()).toHaveLength(1);
  });
});
