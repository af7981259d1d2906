import { describe, expect, it } from "vitest";
import { toErrorReport, UserError } from "../../../../../shared/model/errors.js";
import { failRun } from "../../../../../shared/runs/end/abort.js";
import { reduceRun } from "../../../../../shared/runs/end/reduce.js";
import { sweep } from "../../../../../shared/runs/sweep.js";
import { createServices, type RunEndListener, type Services } from "../../../../../shared/services.js";
import { storeTables } from "../../../../../shared/store/tables.js";
import { dying, plannedRun } from "../steps-in-memory.js";

/** A run whose splits are done, listeners that remember, and a reducer that dies at its n-th call of our tables. */
async function workshop(listeners: readonly Partial<RunEndListener>[] = [{}]) {
  const made = await plannedRun("running");
  const heard: string[] = [];
  const runEndListeners = listeners.map((one, i) => ({
    name: one.name ?? `listener-${i}`,
    async hear(services: Services, run: Parameters<RunEndListener["hear"]>[1]) {
      heard.push(`${one.name ?? `listener-${i}`}: ${run.state}`);
      await one.hear?.(services, run);
    },
  }));
  const services = createServices({ ...made.services, runEndListeners });
  const orders = () => services.documents.list(storeTables.runEnds, { prefix: [], limit: 100 });
  /** What happens in the next minute: a sweep, and the reducers that it wakes. */
  const aMinuteLater = async (wave: string) => {
    made.clock.ms += 60_000;
    await sweep(services, wave);
    if ((await services.runs.active()).length > 0) await reduceRun(services, "r1", `reducer-${wave}`);
  };
  return { ...made, services, heard, orders, aMinuteLater };
}

describe("the end of a run", () => {
  it("is told to each listener, and then the order is gone", async () => {
    const { services, heard, orders } = await workshop([{}, {}]);
    await reduceRun(services, "r1", "reducer");
    expect(heard).toEqual(["listener-0: succeeded", "listener-1: succeeded"]);
    expect(await orders()).toEqual([]);
  });

  it.each([
    ["published", "succeeded"],
    ["failed", "failed"],
  ])("is told whatever call of our tables its reducer dies at: %s", async (kind, state) => {
    let isThrough = false;
    for (let calls = 0; !isThrough; calls++)
      for (const isStored of [false, true]) {
        const { services, heard, orders, aMinuteLater, run } = await workshop();
        if (kind === "failed") await failRun(services, "r1", toErrorReport(new UserError("SOURCE_REFUSED", "gone")));
        const instance = dying(services, calls, { isStored });
        await reduceRun(instance.services, "r1", "reducer").catch(() => undefined);
        isThrough = instance.isAlive();
        for (const wave of ["a", "b", "c"]) await aMinuteLater(wave);
        const ending = { calls, state: (await run()).state, heard: new Set(heard), orders: (await orders()).length };
        expect(ending).toEqual({ calls, state, heard: new Set([`listener-0: ${state}`]), orders: 0 });
        expect(await services.runs.active()).toEqual([]);
      }
  });

  it("is told again to the listener that failed, and to no other, later and later", async () => {
    let failures = 3;
    const hear = async () => {
      if (failures-- > 0) throw new Error("no answer");
    };
    const { services, heard, orders, clock } = await workshop([{ name: "deaf", hear }, { name: "keen" }]);
    await reduceRun(services, "r1", "reducer");
    const waits: number[] = [];
    for (let minutes = 0; (await orders()).length > 0 && minutes < 60; minutes++) {
      const before = heard.length;
      clock.ms += 60_000;
      await sweep(services, `t${minutes}`);
      if (heard.length > before) waits.push(minutes + 1);
    }
    expect(heard.filter((one) => one === "keen: succeeded")).toHaveLength(1);
    expect(heard.filter((one) => one === "deaf: succeeded")).toHaveLength(4);
    expect(waits).toEqual([1, 3, 7]);
  });

  it("is given up after three days, so that a listener that is gone for good costs no tick for ever", async () => {
    const hear = () => Promise.reject(new Error("gone for good"));
    const { services, orders, clock } = await workshop([{ hear }]);
    await reduceRun(services, "r1", "reducer");
    clock.ms += 4 * 86_400_000;
    await sweep(services, "t1");
    expect(await orders()).toEqual([]);
  });

  it("is not told while the run goes on: an order may have been given in vain", async () => {
    const { services, heard, orders, clock, hooks } = await workshop();
    hooks.onOpen = async () => {
      throw new Error("publishing broke off");
    };
    const at = new Date(clock.ms).toISOString();
    await services.runEnds.order({ run: "r1", orderedAt: at, left: null, attempts: 0 }, at);
    await sweep(services, "t1");
    expect(heard).toEqual([]);
    expect(await orders()).toHaveLength(1);
  });
});
