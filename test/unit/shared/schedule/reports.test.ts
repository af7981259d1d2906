import { describe, expect, it } from "vitest";
import type { Edge } from "../../../../shared/model/job-schedule.js";
import { rerunDownstream } from "../../../../shared/schedule/by-hand/rerun-downstream.js";
import { advanceAll } from "../../../../shared/schedule/instances/wake.js";
import { showInstance } from "../../../../shared/schedule/view/list-instances.js";
import { workshop } from "./workshop.js";

const utc = (cron: string) => ({ cron, timeZone: "UTC" });
const on = (job: string): Edge => ({ on: "job", job, cycle: "same" });
const at = (time: string) => `2026-01-02T${time}:00Z`;
const ref = (job: string, time = "04:00") => ({ workspace: "w", job, origin: "s", label: `2026-01-02T${time}` });

// What users of other schedulers reported: docs/field-reports.md.
describe("an instance that waits", () => {
  it("holds no slot, and names what has not come and how that stands", async () => {
    const { services, save, tick, end, running } = await workshop();
    await save("up", { schedule: utc("0 0 4 * * *") });
    await save("down", { schedule: utc("0 0 4 * * *"), dependencies: [on("up")] });
    await tick(at("04:00"));
    expect((await services.slots.get("default")).holders.map(({ ready }) => ready.job)).toEqual(["up"]);
    expect((await showInstance(services, ref("down"))).reason).toBe("waits for up 2026-01-02T04:00, which runs");
    await end(await running("up"), "failed");
    expect((await services.slots.get("default")).holders).toEqual([]);
    expect((await showInstance(services, ref("down"))).reason).toBe("waits for up 2026-01-02T04:00, which failed");
  });

  it("for its own job's one before never overtakes it, and goes on where that was skipped", async () => {
    const { services, save, tick, end, running, states } = await workshop();
    await save("chain", { schedule: utc("0 0 * * * *"), dependencies: [{ on: "self" }], policies: { parallel: 5 } });
    for (const time of ["04:00", "05:00"]) await tick(at(time));
    await end(await running("chain"), "failed");
    expect(await states("chain")).toEqual(["02T04:00 failed", "02T05:00 waiting"]);
    await services.instances.update(ref("chain"), (one) => ({ ...one, state: "skipped" }));
    await advanceAll(services, [ref("chain")]);
    expect(await states("chain")).toEqual(["02T04:00 skipped", "02T05:00 running"]);
  });

  it("for one that starts days later is freed by it all the same", async () => {
    const { save, tick, end, running, states } = await workshop();
    await save("first", { schedule: utc("0 0 4 * * *") });
    await save("late", { schedule: utc("0 0 4 * * *"), dependencies: [on("first")] });
    await save("down", { schedule: utc("0 0 5 * * *"), dependencies: [on("late")] });
    for (const time of ["04:00", "05:00"]) await tick(at(time));
    await tick("2026-01-05T03:00:00Z");
    await end(await running("first"));
    await end(await running("late"));
    expect((await states("down"))[0]).toBe("02T05:00 running");
  });
});

describe("an instance behind two that wait for one", () => {
  it("runs once, by schedule and when all are run again", async () => {
    const { services, save, tick, end, running, runs } = await workshop();
    await save("a", { schedule: utc("0 0 4 * * *") });
    for (const name of ["b", "c"]) await save(name, { schedule: utc("0 0 4 * * *"), dependencies: [on("a")] });
    await save("d", { schedule: utc("0 0 4 * * *"), dependencies: [on("b"), on("c")] });
    await tick(at("04:00"));
    const all = ["a", "b", "c", "d"];
    const times = async () => (await runs()).filter(({ job }) => job === "d").length;
    for (const job of all) await end(await running(job));
    expect(await times()).toBe(1);
    await rerunDownstream(services, ref("a"), { by: "ada", version: "inForce", force: false });
    await advanceAll(
      services,
      all.map((job) => ref(job)),
    );
    for (const job of all) await end(await running(job));
    expect(await times()).toBe(2);
  });
});
