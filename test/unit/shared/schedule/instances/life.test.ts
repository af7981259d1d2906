import { describe, expect, it } from "vitest";
import { settleRun } from "../../../../../shared/schedule/instances/settle.js";
import { lookAtGroup } from "../../../../../shared/schedule/slots/look-at-group.js";
import { streamScript, workshop } from "../workshop.js";

const utc = (cron: string) => ({ cron, timeZone: "UTC" });
const on = (job: string) => ({ on: "job", job, cycle: "same" }) as const;
/** Before a day that is made as a whole. */
const evening = "2026-01-02T23:30:00Z";
const at = (time: string) => `2026-01-02T${time}:00Z`;

describe("an instance", () => {
  it("waits for what it depends on, and says so; a failure holds it, and a later success frees it", async () => {
    const { save, tick, end, running, instances, states, services } = await workshop();
    await save("up", { schedule: utc("0 0 4 * * *") });
    await save("down", { schedule: utc("0 0 5 * * *"), dependencies: [on("up")] });
    await tick(at("04:00"));
    await tick(at("05:00"));
    const [waiting] = await instances("down");
    expect(waiting).toMatchObject({ state: "waiting", reason: "waits for up 2026-01-02T04:00" });
    expect(waiting?.waitsFor).toEqual({ job: "up", origin: "s", label: "2026-01-02T04:00", until: "succeeded" });
    const first = await running("up");
    await end(first, "failed");
    expect(await states("down")).toEqual(["02T05:00 waiting"]);
    // A rerun, as by hand.
    await services.instances.update({ workspace: "w", job: "up", origin: "s", label: "2026-01-02T04:00" }, (one) => {
      return { ...one, state: "waiting" };
    });
    await services.due.note({
      at: at("05:00"),
      hint: { kind: "instance", workspace: "w", job: "up", origin: "s", label: "2026-01-02T04:00" },
    });
    await tick(at("05:01"));
    const second = await running("up");
    expect(second).not.toBe(first);
    await end(second);
    expect(await states("down")).toEqual(["02T05:00 running"]);
    expect(await services.waits.ofJob({ workspace: "w", job: "up" }, { limit: 10, after: undefined })).toEqual([]);
  });

  it("of a day waits for all of an hourly job's, then starts; D7 on the machine", async () => {
    const { save, tick, end, running, states } = await workshop({ from: evening });
    await save("hourly", { schedule: utc("0 0 * * * *"), policies: { parallel: 24 } });
    await save("daily", { schedule: utc("0 0 5 * * *"), dependencies: [on("hourly")] });
    for (let hour = 0; hour < 24; hour++) await tick(`2026-01-03T${String(hour).padStart(2, "0")}:00:00Z`);
    for (let left = 44; left > 0 && (await running("hourly")) !== ""; left--) {
      expect((await states("daily")).at(-1)).toBe("03T05:00 waiting");
      await end(await running("hourly"));
    }
    expect(await states("daily")).toEqual(["03T05:00 running"]);
  });

  it("goes by what exists where its upstream was edited at noon; D18 on the machine", async () => {
    const { save, tick, clock, instances, end, running, states } = await workshop({ from: evening });
    await save("up", { schedule: utc("0 0 * * * *"), policies: { parallel: 24 } });
    await save("down", { schedule: utc("0 0 5 * * *"), dependencies: [on("up")] });
    for (let hour = 0; hour < 12; hour++) await tick(`2026-01-03T${String(hour).padStart(2, "0")}:00:00Z`);
    expect((await instances("down")).at(-1)?.waitsFor?.label).toBe("2026-01-03T23:00");
    clock.ms = Date.parse("2026-01-03T11:30:00Z");
    await save("up", { schedule: utc("0 0 2 * * *") });
    await tick("2026-01-03T11:31:00Z");
    expect((await instances("down")).at(-1)?.waitsFor?.label).toBe("2026-01-03T11:00");
    while ((await running("up")) !== "") await end(await running("up"));
    expect(await states("down")).toEqual(["03T05:00 running"]);
  });

  it("is seen through where its job has none that day; D10 on the machine", async () => {
    const { save, tick, states, end, running } = await workshop({ from: evening });
    await save("c", { schedule: utc("0 0 1 * * *") });
    await save("a", { schedule: utc("0 0 3 * * MON"), dependencies: [on("c")] });
    await save("b", { schedule: utc("0 0 4 * * *"), dependencies: [on("a")] });
    for (const time of ["01:00", "03:00", "04:00"]) await tick(`2026-01-03T${time}:00Z`);
    expect(await states("b")).toEqual(["03T04:00 waiting"]);
    await end(await running("c"));
    expect(await states("b")).toEqual(["03T04:00 running"]);
  });

  it("is tried again after a pause, as often as its policy says", async () => {
    const { save, tick, end, running, instances } = await workshop();
    await save("busy", { schedule: utc("0 0 4 * * *"), policies: { retries: 2, retryPauseMinutes: 5 } });
    await tick(at("04:00"));
    for (const [i, time] of ["04:05", "04:10"].entries()) {
      await end(await running("busy"), "failed");
      expect((await instances("busy"))[0]?.reason).toMatch(`tried again (${i + 1} of 2) after`);
      await tick(at(i === 0 ? "04:04" : "04:09"));
      expect((await instances("busy"))[0]?.state).toBe("waiting");
      await tick(at(time));
      expect((await instances("busy"))[0]).toMatchObject({ state: "running", attempt: i + 2 });
    }
    await end(await running("busy"), "failed");
    await tick(at("04:30"));
    expect((await instances("busy"))[0]).toMatchObject({ state: "failed", attempt: 3, retries: 2 });
  });

  it("fails when its run takes longer than its time-out, and not before", async () => {
    const { save, tick, running, runs } = await workshop();
    await save("slow", { schedule: utc("0 0 4 * * *"), policies: { timeoutMinutes: 30 } });
    await tick(at("04:00"));
    const id = await running("slow");
    const run = async () => (await runs()).find((one) => one.id === id);
    await tick(at("04:29"));
    expect((await run())?.state).toBe("queued");
    await tick(at("04:30"));
    expect(await run()).toMatchObject({ state: "aborting", error: { message: expect.stringContaining("30 minutes") } });
  });

  it("is skipped, or ends the one that runs, where its job is busy", async () => {
    const { save, tick, end, running, states, runs } = await workshop();
    await save("skips", { schedule: utc("0 0 * * * *"), policies: { whenBusy: "skip" } });
    await save("cancels", { schedule: utc("0 0 * * * *"), policies: { whenBusy: "cancel" } });
    for (const time of ["04:00", "05:00"]) await tick(at(time));
    expect(await states("skips")).toEqual(["02T04:00 running", "02T05:00 skipped"]);
    const busy = await running("cancels");
    expect((await runs()).find(({ id }) => id === busy)?.state).toBe("aborting");
    await end(busy, "cancelled");
    await end(await running("skips"));
    await tick(at("06:00"));
    expect(await states("skips")).toEqual(["02T04:00 succeeded", "02T05:00 skipped", "02T06:00 running"]);
    expect((await states("cancels")).slice(0, 2)).toEqual(["02T04:00 cancelled", "02T05:00 running"]);
  });

  it("of a dry job succeeds without a run, once what it waits for has, and lets others go on", async () => {
    const { services, save, tick, end, running, states } = await workshop();
    await save("up", { schedule: utc("0 0 4 * * *") });
    await save("dry", { schedule: utc("0 0 4 * * *"), dependencies: [on("up")] });
    await save("down", { schedule: utc("0 0 4 * * *"), dependencies: [on("dry")] });
    await services.schedules.update({ workspace: "w", job: "dry" }, (row) => ({ ...row, mode: "dryRun" }));
    await tick(at("04:00"));
    expect(await states("dry")).toEqual(["02T04:00 waiting"]);
    await end(await running("up"));
    expect(await states("dry")).toEqual(["02T04:00 skipped"]);
    expect(await states("down")).toEqual(["02T04:00 running"]);
  });

  it("that was missed by its policy is one row that tells the range, and holds nobody", async () => {
    const { save, tick, instances, states } = await workshop();
    await save("up", { schedule: utc("0 0 * * * *"), policies: { catchUp: "latest" } });
    await save("down", { schedule: utc("0 30 * * * *"), dependencies: [on("up")], policies: { catchUp: "latest" } });
    await tick(at("09:40"));
    expect(await states("up")).toEqual(["02T04:00 skipped", "02T09:00 running"]);
    expect((await instances("up"))[0]?.reason).toBe("missed to 2026-01-02T08:00: no tick came");
    expect((await states("down")).at(-1)).toBe("02T09:30 waiting");
  });
});

describe("slots of a resource group", () => {
  it("are counted in shards, go by priority, and are free again with the run's end", async () => {
    const { services, save, tick, end, running, states } = await workshop();
    const wide = streamScript(["x"], 40);
    for (const [name, priority] of [
      ["a", 1],
      ["b", 8],
      ["c", 1],
    ] as const)
      await save(name, { script: wide, schedule: utc("0 0 4 * * *"), policies: { priority } });
    await tick(at("04:00"));
    const all = async () => [await states("a"), await states("b"), await states("c")].flat();
    expect(await all()).toEqual(["02T04:00 ready", "02T04:00 running", "02T04:00 ready"]);
    await end(await running("b"));
    expect((await all()).filter((one) => one.endsWith("running"))).toHaveLength(1);
    expect((await services.slots.get("default")).holders).toHaveLength(1);
  });

  it("come free where nobody told of a run's end, and a start that broke off is made again", async () => {
    const { services, clock, save, tick, running, states, documents, runs } = await workshop();
    await save("a", { schedule: utc("0 0 4 * * *") });
    await save("b", { schedule: utc("0 0 4 * * *") });
    await tick(at("04:00"));
    await services.runs.update(await running("a"), (run) => ({ ...run, state: "succeeded", endedAt: at("04:00") }));
    await documents.remove({ name: "sluice_runs", key: [] }, [await running("b")]);
    clock.ms += 60_000;
    await lookAtGroup(services, "default");
    expect([await states("a"), await states("b")]).toEqual([["02T04:00 succeeded"], ["02T04:00 running"]]);
    expect((await runs()).filter(({ job }) => job === "b")).toHaveLength(1);
    expect((await services.slots.get("default")).holders.map(({ ready }) => ready.job)).toEqual(["b"]);
  });

  it("are held by nobody for an end that was told twice", async () => {
    const { services, save, tick, end, running } = await workshop();
    await save("a", { schedule: utc("0 0 * * * *") });
    await tick(at("04:00"));
    const id = await running("a");
    await end(id);
    await tick(at("05:00"));
    await settleRun(services, id);
    expect((await services.slots.get("default")).holders).toHaveLength(1);
  });
});
