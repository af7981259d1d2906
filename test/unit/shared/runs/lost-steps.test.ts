import { describe, expect, it } from "vitest";
import { TransientError, toErrorReport, UserError } from "../../../../shared/model/errors.js";
import { interruption } from "../../../../shared/model/overdue.js";
import type { Lease, RunRecord } from "../../../../shared/model/run.js";
import { failRun } from "../../../../shared/runs/end/abort.js";
import { reduceRun } from "../../../../shared/runs/end/reduce.js";
import { planRun } from "../../../../shared/runs/plan/plan-run.js";
import { RUN_LEASE_MS, whileLeased } from "../../../../shared/runs/run-lease.js";
import { sweep } from "../../../../shared/runs/sweep.js";
import { plannedRun } from "./steps-in-memory.js";

const script = JSON.stringify({
  type: "job",
  version: "2.0",
  steps: [
    { stepType: "stream", category: "reader", name: "r", parameter: { column: [{ value: "x" }], sliceRecordCount: 1 } },
    { stepType: "stream", category: "writer", name: "w", parameter: {} },
  ],
  setting: {},
});
const error = toErrorReport(new UserError("SOURCE_REFUSED", "the table is gone"));

describe("a shard that dies between giving up its split and failing the run", () => {
  const broken = { state: "failed", error } as const;

  it("leaves a run that the sweep takes to the reducer, which fails it for the split's reason", async () => {
    const { services, started, run } = await plannedRun("running", [{}, broken]);
    await sweep(services, "t1");
    expect(started).toEqual(["r1-reduce-t1"]);
    await reduceRun(services, "r1", "reducer");
    expect(await run()).toMatchObject({ state: "aborting", outcome: "failed", error });
    await reduceRun(services, "r1", "reducer");
    expect(await run()).toMatchObject({ state: "failed", error });
  });
});

/** Another reducer takes over, as it may when the lease of the first one runs out. */
const other: Lease = { owner: "other", until: Number.MAX_SAFE_INTEGER };

describe("a reducer that lost its lease while it published", () => {
  it.each([
    ["a fault that passes", new TransientError("SOURCE_BUSY", "busy")],
    ["a fault that stays", new UserError("SOURCE_REFUSED", "no such upload")],
  ])("leaves the run to its successor, whatever it meets: %s", async (_, fault) => {
    const { services, hooks, run } = await plannedRun("running");
    hooks.onOpen = async () => {
      await services.runs.update("r1", (current) => ({ ...current, lease: other }));
      throw fault;
    };
    await reduceRun(services, "r1", "first");
    expect(await run()).toMatchObject({ state: "publishing", lease: other });
  });

  it("does not take a run that is yet to be settled off the list of runs at work", async () => {
    const { services, hooks, started, run } = await plannedRun("running");
    hooks.onOpen = async () => {
      hooks.onOpen = async () => {};
      await failRun(services, "r1", error);
    };
    await reduceRun(services, "r1", "first");
    expect((await run()).state).toBe("aborting");
    expect(await services.runs.active()).toEqual([{ workspace: "w", id: "r1" }]);
    await services.runs.update("r1", (current) => ({ ...current, lease: null }));
    started.length = 0;
    await sweep(services, "t1");
    expect(started).toEqual(["r1-reduce-t1"]);
    await reduceRun(services, "r1", "second");
    expect(await run()).toMatchObject({ state: "failed", error });
    expect(await services.runs.active()).toEqual([]);
  });

  it("settles a run that failed to publish without waiting for its own lease", async () => {
    const { services, hooks, run } = await plannedRun("running");
    hooks.onOpen = async () => {
      hooks.onOpen = async () => {};
      throw new UserError("SOURCE_REFUSED", "no such upload");
    };
    await reduceRun(services, "r1", "first");
    await reduceRun(services, "r1", "second");
    expect(await run()).toMatchObject({ state: "failed", error: { message: "no such upload" } });
  });
});

describe("work under a lease", () => {
  it("is told to stop when somebody else has taken the lease, or when it cannot be renewed in time", async () => {
    const { services, clock } = await plannedRun("planning");
    const own = (current: RunRecord): RunRecord => ({
      ...current,
      lease: { owner: "me", until: clock.ms + RUN_LEASE_MS },
    });
    const stopped = (signal: AbortSignal) =>
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    await services.runs.update("r1", own);
    const taken = whileLeased(services, { run: "r1", owner: "me", renewMs: 5, sources: [] }, stopped);
    await services.runs.update("r1", (current) => ({ ...current, lease: other }));
    await taken;
    await services.runs.update("r1", own);
    const cut = { ...services, runs: { ...services.runs, update: () => Promise.reject(new Error("no answer")) } };
    const late = whileLeased(cut, { run: "r1", owner: "me", renewMs: 5, sources: [] }, stopped);
    clock.ms += RUN_LEASE_MS + 1;
    await late;
  });
});

describe("work under a lease that does not end in its time", () => {
  const holder = { owner: "me", limitMs: 20, sources: ["shop", "lake"] };

  it("names the server that was waited for, where its connection tells", async () => {
    const { services } = await plannedRun("planning");
    const waiting = (signal: AbortSignal) =>
      new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () =>
          reject(interruption(signal, "db:3306 (SELECT)", () => new UserError("CANCELLED", "cancelled"))),
        ),
      );
    await expect(whileLeased(services, { run: "r1", ...holder }, waiting)).rejects.toMatchObject({
      ...{ code: "SOURCE_UNREACHABLE", recovery: "fix" },
      message: expect.stringMatching(/did not end within 0\.02 s: db:3306 \(SELECT\) did not answer within 0\.02 s/),
    });
  });

  it("names the data sources, where nothing heeds its end", async () => {
    const { services } = await plannedRun("planning");
    const deaf = () => new Promise<never>(() => {});
    await expect(whileLeased(services, { run: "r1", ...holder }, deaf)).rejects.toMatchObject({
      ...{ code: "SOURCE_UNREACHABLE", recovery: "fix" },
      message: expect.stringContaining('the server of data source "shop" or "lake" lets in and then does not answer'),
    });
  });
});

describe("a run that fails while one of its shards is dead", () => {
  const dead = { state: "claimed", owner: "r1-1-0", leaseUntil: 0 } as const;
  const settled = async (delivery: string, splits: Parameters<typeof plannedRun>[1]) => {
    const { services, run } = await plannedRun("running", splits);
    await services.runs.update("r1", (current) => ({ ...current, delivery }));
    await failRun(services, "r1", error);
    await reduceRun(services, "r1", "reducer");
    return run();
  };

  it("says of which splits the target may hold more than it counts", async () => {
    const waiting = { state: "pending", uncertain: true } as const;
    const note =
      "2 of 4 splits ended without a last word (1, 3): the target may hold more of their records than are counted here; " +
      "counting its rows tells the true number";
    const splits = [{}, dead, { state: "pending" } as const, waiting];
    expect(await settled("ledger", splits)).toMatchObject({ state: "failed", notes: [note] });
  });

  it("says nothing where all that was written was told, or where nothing of it is to be seen", async () => {
    expect((await settled("ledger", [{}, { state: "failed", error }])).notes).toEqual([]);
    expect((await settled("publish", [{}, dead])).notes).toEqual([]);
  });
});

describe("one invocation that is delivered twice, with one request id", () => {
  it("publishes once: the second does not take the first for itself", async () => {
    const { services, hooks, run } = await plannedRun("running");
    let opened = 0;
    hooks.onOpen = async () => {
      opened += 1;
      if (opened === 1) await reduceRun(services, "r1", "request");
    };
    await reduceRun(services, "r1", "request");
    expect(opened).toBe(1);
    expect(await run()).toMatchObject({ state: "succeeded", finishAttempts: 1 });
  });

  it("plans once", async () => {
    const { services, run } = await plannedRun("queued");
    await services.runs.update("r1", (current) => ({ ...current, script, planAttempts: 0 }));
    const home = {
      name: "w",
      mode: "basic",
      description: "",
      timeZone: "UTC",
      createdAt: null,
      upgradedAt: null,
    } as const;
    await services.workspaces.insert(home);
    const get: typeof services.workspaces.get = async (name) => {
      await planRun(services, "r1", "request");
      return services.workspaces.get(name);
    };
    await planRun({ ...services, workspaces: { ...services.workspaces, get } }, "r1", "request");
    expect(await run()).toMatchObject({ error: null, state: "running", planAttempts: 1 });
  });
});
