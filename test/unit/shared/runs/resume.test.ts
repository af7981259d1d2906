import { describe, expect, it } from "vitest";
import { toErrorReport, UserError } from "../../../../shared/model/errors.js";
import type { RunRecord } from "../../../../shared/model/run.js";
import { resumeRun } from "../../../../shared/runs/create/resume-run.js";
import { failRun } from "../../../../shared/runs/end/abort.js";
import { RESUMABLE_MS } from "../../../../shared/runs/end/forget-run.js";
import { reduceRun } from "../../../../shared/runs/end/reduce.js";
import { planRun } from "../../../../shared/runs/plan/plan-run.js";
import { replacePlanner, sweep } from "../../../../shared/runs/sweep.js";
import type { Services } from "../../../../shared/services.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { dying, plannedRun } from "./steps-in-memory.js";

const step = (stepType: string, category: string, parameter: object) => ({
  stepType,
  category,
  name: category,
  parameter,
});
const script = JSON.stringify({
  ...{ type: "job", version: "2.0", setting: {} },
  steps: [
    step("stream", "reader", { column: [{ value: "x" }], sliceRecordCount: 1 }),
    step("stream", "writer", { print: false }),
  ],
});
const error = toErrorReport(new UserError("SOURCE_REFUSED", "the table is full"));

/** A run that was planned, worked on by nobody, and has failed. */
async function failedRun(over: Partial<RunRecord> = {}) {
  const made = await plannedRun("queued", []);
  const { services } = made;
  await services.workspaces.insert({ name: "w", environments: "basic", timeZone: "Asia/Shanghai" } as never);
  await services.runs.update("r1", (run) => ({ ...run, script, plan: null, planAttempts: 0 }));
  await planRun(services, "r1", "planner");
  await services.runs.update("r1", (run) => ({ ...run, ...over }));
  await failRun(services, "r1", error);
  await reduceRun(services, "r1", "reducer");
  expect(await made.run()).toMatchObject({ state: "failed", error });
  return made;
}

const splitsOf = async ({ splits }: Services) =>
  (await splits.all({ run: "r1", generation: 1 })).map(({ value }) => value.state);

describe("a run that is resumed", () => {
  it("stands in the queue again, without its error, until a planner has looked at it", async () => {
    const { services, started, run } = await failedRun();
    await resumeRun(services, "r1");
    expect(await run()).toMatchObject({
      state: "queued",
      error: null,
      endedAt: null,
      resumes: 1,
      resumableUntil: null,
    });
    expect(started.at(-1)).toBe("r1-plan-resume-1");
    expect(await services.runs.active()).toEqual([{ workspace: "w", id: "r1" }]);
    await expect(resumeRun(services, "r1")).rejects.toMatchObject({ code: "CONFLICT", message: /it is queued/ });
  });

  it("is failed anew under another name than the first time, so that the reducer is called", async () => {
    const { services, started } = await failedRun();
    await resumeRun(services, "r1");
    started.length = 0;
    await failRun(services, "r1", error);
    expect(started).toEqual(["r1-reduce-abort-1"]);
  });

  it("goes on with its plan where the target keeps what arrived, else is planned anew", async () => {
    for (const [delivery, generation] of [
      ["atLeastOnce", 1],
      ["publish", 2],
    ] as const) {
      const { services, run } = await failedRun({ delivery });
      await resumeRun(services, "r1");
      await planRun(services, "r1", "next");
      expect(await run()).toMatchObject({ state: "running", plan: { generation } });
    }
  });

  it("gets to work whatever call of our tables its planner dies at", async () => {
    for (let calls = 0; ; calls++) {
      const { services, clock, started, run } = await failedRun();
      await resumeRun(services, "r1");
      const mortal = dying(services, calls, { isStored: true });
      await planRun(mortal.services, "r1", "mortal").catch(() => {});
      if (mortal.isAlive()) break;
      clock.ms += 60_000;
      await replacePlanner(services, "r1", "mortal");
      if (started.includes("r1-plan-lost-mortal")) await planRun(services, "r1", "next");
      expect([calls, (await run()).state, await splitsOf(services)]).toEqual([calls, "running", ["pending"]]);
      expect(started.filter((task) => task.startsWith("r1-g1-0")).length, `call ${calls}`).toBeGreaterThan(0);
    }
  });
});

describe("a run that can not be resumed", () => {
  it.each<[what: string, over: Partial<RunRecord>, why: RegExp]>([
    ["succeeded", { state: "succeeded" }, /it has succeeded/],
    ["is at work", { state: "running" }, /it is running; only what failed or was cancelled/],
    ["ended long ago", { resumableUntil: "2026-01-01T00:00:00.000Z" }, /too long ago/],
    ["is of a job that is gone", { job: "nightly" }, /job "nightly" is not there any more/],
  ])("because it %s", async (_, over, why) => {
    const { services, run } = await failedRun();
    await services.runs.update("r1", (current) => ({ ...current, ...over }));
    const before = await run();
    await expect(resumeRun(services, "r1")).rejects.toMatchObject({ code: "CONFLICT", message: why });
    expect(await run()).toEqual(before);
  });

  it("because a split of it broke off that cannot be repeated", async () => {
    const { services } = await failedRun();
    const prepared = { delivery: "atLeastOnce", state: null, notes: [], repeatable: false };
    await services.runs.update("r1", (run) => ({ ...run, plan: run.plan && { ...run.plan, prepared } }));
    const [split] = await services.splits.all({ run: "r1", generation: 1 });
    if (split) await services.splits.replace({ ...split, value: { ...split.value, uncertain: true } });
    await expect(resumeRun(services, "r1")).rejects.toThrow(/split 0 broke off/);
  });

  it("because its source is read otherwise by now, and then it has failed for that", async () => {
    const { services, run } = await failedRun();
    await services.runs.update("r1", (current) => ({ ...current, script: script.replace('"x"', '"y"') }));
    await resumeRun(services, "r1");
    await planRun(services, "r1", "next");
    await reduceRun(services, "r1", "reducer-2");
    const message = /cannot be resumed: the parameters of the reader are others/;
    expect(await run()).toMatchObject({ state: "failed", error: { code: "CONFLICT", message } });
  });
});

describe("a run that is the attempt of an instance", () => {
  const ref = { workspace: "w", job: "nightly", origin: "s", label: "2026-01-02T02:00" };
  const withInstance = async (over: object) => {
    const made = await failedRun();
    const instance = { origin: ref.origin, label: ref.label };
    await made.services.runs.update("r1", (run) => ({ ...run, job: "nightly", instance }) as RunRecord);
    await made.services.documents.insert(storeTables.jobs, {
      key: ["w", "nightly"],
      value: { script, production: { script } },
    });
    const record = { ...ref, state: "failed", reason: "the table is full", run: "r1", endedAt: "2026-01-02", ...over };
    await made.services.instances.insertMany([record as never]);
    return made;
  };

  it("takes it along: it is at work again", async () => {
    const { services } = await withInstance({});
    await resumeRun(services, "r1");
    expect((await services.instances.get(ref)).value).toMatchObject({ state: "running", reason: null, endedAt: null });
  });

  it.each([
    ["waits to be tried again", { state: "waiting" }],
    ["was rerun", { state: "succeeded", run: "r2" }],
  ])("is refused where that %s by itself: nothing would be written twice", async (_, over) => {
    const { services, run } = await withInstance(over);
    await expect(resumeRun(services, "r1")).rejects.toThrow(/its instance 2026-01-02T02:00 has gone on without it/);
    expect((await run()).state).toBe("failed");
  });
});

describe("what a broken-off run keeps in its target", () => {
  const orders = ({ documents }: Services) => documents.list(storeTables.resumables, { prefix: [], limit: 9 });

  it("is taken away a day later, and the order for it after that", async () => {
    const { services, clock, started, run } = await failedRun({ delivery: "ledger" });
    expect(await orders(services)).toHaveLength(1);
    await sweep(services, "early");
    expect(started.filter((task) => task.includes("forget"))).toEqual([]);
    clock.ms += RESUMABLE_MS;
    await sweep(services, "t1");
    expect(started).toContain("r1-reduce-forget-0");
    await reduceRun(services, "r1", "forgetting");
    expect(await run()).toMatchObject({ state: "failed", resumableUntil: null, lease: null });
    clock.ms += RESUMABLE_MS;
    await sweep(services, "t2");
    expect(await orders(services)).toEqual([]);
  });

  it("stays while the run goes on", async () => {
    const { services, clock, started } = await failedRun({ delivery: "ledger" });
    await resumeRun(services, "r1");
    clock.ms += RESUMABLE_MS;
    await sweep(services, "t1");
    expect(started.filter((task) => task.includes("forget"))).toEqual([]);
    expect(await orders(services)).toEqual([]);
  });

  it("is tried again an hour later where its target cannot be reached", async () => {
    const { services, clock, hooks, started, run } = await failedRun({ delivery: "ledger" });
    const { plan } = await run();
    const sources = [
      {
        name: "main",
        source: { type: "stream", properties: {}, boundTo: "", sealed: { keyId: "", iv: "", tag: "", data: "" } },
      },
    ];
    await services.runs.update("r1", (current) => ({
      ...current,
      plan: plan && { ...plan, writer: { ...plan.writer, sources } },
    }));
    clock.ms += RESUMABLE_MS;
    hooks.onOpen = () => Promise.reject(new UserError("SOURCE_UNREACHABLE", "no route"));
    for (const hour of [0, 1]) {
      await sweep(services, `t${hour}`);
      expect(started).toContain(`r1-reduce-forget-${hour}`);
      await reduceRun(services, "r1", "forgetting");
      expect((await run()).resumableUntil).not.toBeNull();
      clock.ms += 3_600_000;
    }
  });
});
