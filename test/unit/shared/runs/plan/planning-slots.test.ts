import { describe, expect, it } from "vitest";
import { endPlanning, sweepSlots, wakePlanner } from "../../../../../shared/runs/plan/planning-slots.js";
import { createServices } from "../../../../../shared/services.js";
import { PLANNING_SLOTS } from "../../../../../shared/store/planning-store.js";
import { storeTables } from "../../../../../shared/store/tables.js";
import { plannedRun } from "../steps-in-memory.js";

/** An installation whose planners never end by themselves. */
async function installation() {
  const { services, started, clock } = await plannedRun("succeeded");
  const { value: model } = await services.runs.get("r1");
  const ask = async (workspace: string, id: string, minute = 0) => {
    const createdAt = new Date(Date.UTC(2026, 0, 2, 3, minute)).toISOString();
    const run = { ...model, id, workspace, state: "queued" as const, createdAt };
    await services.runs.insert(run);
    await wakePlanner(services, run, "first");
  };
  const planned = () => started.map((task) => task.split("-")[0]);
  const holders = async (workspace: string) =>
    (await services.planning.slots()).filter((slot) => slot.workspace === workspace).length;
  return { services, started, clock, ask, planned, holders };
}

describe("planning", () => {
  it("leaves room for every workspace, however many runs one has asked for", async () => {
    const { ask, holders } = await installation();
    for (let i = 0; i < 50; i++) await ask("greedy", `g${i}`);
    expect(await holders("greedy")).toBe(PLANNING_SLOTS / 2);
    for (let i = 0; i < 50; i++) await ask("second", `s${i}`);
    expect(await holders("second")).toBe(PLANNING_SLOTS / 4);
    await ask("modest", "m0");
    expect(await holders("modest")).toBe(1);
  });

  it("starts a waiting run whenever one ends, in the order they were asked for, until none waits", async () => {
    const { services, ask, planned } = await installation();
    const count = 30;
    for (let i = 0; i < count; i++) await ask("w", `a${i}`, i);
    for (let i = 0; i < count; i++) {
      expect(planned()).toHaveLength(Math.min(count, PLANNING_SLOTS / 2 + i));
      await endPlanning(services, `a${i}`);
    }
    expect(planned()).toEqual(Array.from({ length: count }, (_, i) => `a${i}`));
    expect(await services.planning.slots()).toEqual([]);
    expect(await services.planning.firsts()).toEqual([]);
  });

  it("gives a freed slot to the workspace that has least", async () => {
    const { services, ask, planned } = await installation();
    for (let i = 0; i < 50; i++) await ask("greedy", `g${i}`);
    for (const [i, workspace] of ["b", "b", "b", "b", "c", "c", "d", "e"].entries()) await ask(workspace, `x${i}`);
    await ask("late", "l0", 59);
    expect(planned()).not.toContain("l0");
    await endPlanning(services, "g0");
    expect(planned().at(-1)).toBe("l0");
  });

  it("loses no run when the last slot comes free while one goes to stand in the queue", async () => {
    const { services, ask, planned } = await installation();
    for (let i = 0; i < PLANNING_SLOTS / 2; i++) await ask("w", `a${i}`);
    const { documents } = services;
    const racing: typeof documents = {
      ...documents,
      insert: async (table, row) => {
        // Freed between the look at the slots and the place in the queue: whoever frees it finds nobody waiting.
        if (table.name === storeTables.planningQueue.name) await endPlanning(services, "a0");
        return documents.insert(table, row);
      },
    };
    const { value: model } = await services.runs.get("r1");
    const run = { ...model, id: "late", workspace: "w", state: "queued" as const };
    await services.runs.insert(run);
    await wakePlanner(createServices({ ...services, documents: racing }), run, "first");
    expect(planned()).toContain("late");
    expect(await services.planning.firsts()).toEqual([]);
  });

  it("frees by the sweep what a planner left that died, and no other", async () => {
    const { services, clock, ask, planned } = await installation();
    for (let i = 0; i < PLANNING_SLOTS / 2 + 2; i++) await ask("w", `a${i}`, i);
    const lease = (until: number) => ({ owner: "planner", until });
    await services.runs.update("a0", (run) => ({ ...run, state: "planning", lease: lease(clock.ms + 1000) }));
    await services.runs.update("a1", (run) => ({ ...run, state: "planning", lease: lease(clock.ms + 600_000) }));
    await services.runs.update("a2", (run) => ({ ...run, state: "failed" }));
    const waiting = createServices({ ...services, invoker: { ...services.invoker, taskState: async () => "waiting" } });
    clock.ms += 30_000;
    await sweepSlots(waiting);
    const runs = (await services.planning.slots()).map(({ run }) => run);
    expect(runs.sort()).toEqual(["a1", "a3", "a4", "a5", "a6", "a7", "a8", "a9"]);
    expect(planned().slice(-2)).toEqual(["a8", "a9"]);
  });
});
