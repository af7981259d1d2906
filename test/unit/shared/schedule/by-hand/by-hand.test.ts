import { describe, expect, it } from "vitest";
import type { Edge } from "../../../../../shared/model/job-schedule.js";
import { changeByHand } from "../../../../../shared/schedule/by-hand/change-instance.js";
import { changeMode } from "../../../../../shared/schedule/by-hand/change-mode.js";
import { listDownstream, rerunDownstream } from "../../../../../shared/schedule/by-hand/rerun-downstream.js";
import { advanceAll } from "../../../../../shared/schedule/instances/wake.js";
import { graphOf } from "../../../../../shared/schedule/view/graph.js";
import { listInstancesOfDay, showInstance } from "../../../../../shared/schedule/view/list-instances.js";
import { workshop } from "../workshop.js";

const utc = (cron: string) => ({ cron, timeZone: "UTC" });
const on = (job: string): Edge => ({ on: "job", job, cycle: "same" });
const at = (time: string) => `2026-01-02T${time}:00Z`;
const ref = (job: string, time = "04:00") => ({ workspace: "w", job, origin: "s", label: `2026-01-02T${time}` });

/** A chain of three jobs, all succeeded. */
async function chain() {
  const bed = await workshop();
  await bed.save("a", { schedule: utc("0 0 4 * * *") });
  await bed.save("b", { schedule: utc("0 0 4 * * *"), dependencies: [on("a")] });
  await bed.save("c", { schedule: utc("0 0 4 * * *"), dependencies: [on("b")] });
  await bed.tick(at("04:00"));
  for (const job of ["a", "b", "c"]) await bed.end(await bed.running(job));
  return bed;
}

describe("by hand", () => {
  it("an instance runs again as another attempt, with the version in force or the one it ran", async () => {
    const { services, save, end, running, runs, clock } = await chain();
    clock.ms += 60_000;
    await save("a", { schedule: utc("0 0 4 * * *"), parameters: { colour: "blue" } });
    const by = "ada";
    await changeByHand(services, ref("a"), { order: { kind: "rerun", version: "same" }, by });
    await advanceAll(services, [ref("a")]);
    const same = await running("a");
    await end(same);
    await changeByHand(services, ref("a"), { order: { kind: "rerun", version: "inForce" }, by });
    await advanceAll(services, [ref("a")]);
    const inForce = await running("a");
    const colourOf = async (id: string) => (await runs()).find((run) => run.id === id)?.parameters.colour;
    expect([await colourOf(same), await colourOf(inForce)]).toEqual([undefined, "blue"]);
    expect((await services.instances.get(ref("a"))).value).toMatchObject({ attempt: 3, version: 2 });
  });

  it("all behind an instance run again once it has, and none before", async () => {
    const { services, states, end, running } = await chain();
    expect((await listDownstream(services, ref("a"))).map(({ job, what }) => `${job} ${what}`)).toEqual([
      "b rerun",
      "c rerun",
    ]);
    await rerunDownstream(services, ref("a"), { by: "ada", version: "inForce", force: false });
    await advanceAll(services, [ref("a"), ref("b"), ref("c")]);
    const all = async () =>
      [...(await states("a")), ...(await states("b")), ...(await states("c"))].map((one) => one.slice(9));
    expect(await all()).toEqual(["running", "waiting", "waiting"]);
    expect((await showInstance(services, ref("b"))).reason).toBe("waits for a 2026-01-02T04:00, which runs");
    for (const job of ["a", "b", "c"]) await end(await running(job));
    expect(await all()).toEqual(["succeeded", "succeeded", "succeeded"]);
  });

  it("what runs behind an instance is cancelled only if that is asked for", async () => {
    const { services, states, end, running } = await chain();
    await changeByHand(services, ref("c"), { order: { kind: "rerun", version: "inForce" }, by: "ada" });
    await advanceAll(services, [ref("c")]);
    const order = { by: "ada", version: "inForce" } as const;
    await expect(rerunDownstream(services, ref("a"), { ...order, force: false })).rejects.toThrow("force cancels it");
    expect(await states("a")).toEqual(["02T04:00 succeeded"]);
    const busy = await running("c");
    await rerunDownstream(services, ref("a"), { ...order, force: true });
    await advanceAll(services, [ref("a"), ref("b"), ref("c")]);
    await end(busy, "cancelled");
    expect(await states("c")).toEqual(["02T04:00 waiting"]);
    for (const job of ["a", "b", "c"]) await end(await running(job));
    expect(await states("c")).toEqual(["02T04:00 succeeded"]);
  });

  it("set succeeded frees those behind it; freezing holds them; what runs can be neither", async () => {
    const { services, save, tick, end, running, states } = await workshop();
    await save("a", { schedule: utc("0 0 4 * * *") });
    await save("b", { schedule: utc("0 0 4 * * *"), dependencies: [on("a")] });
    await tick(at("04:00"));
    const change = async (job: string, kind: "succeed" | "freeze" | "unfreeze" | "cancel") => {
      await changeByHand(services, ref(job), { order: { kind }, by: "ada" });
      await advanceAll(services, [ref(job)]);
    };
    await expect(change("a", "succeed")).rejects.toThrow("cancel it first");
    await expect(change("a", "freeze")).rejects.toThrow("cancel it instead");
    await end(await running("a"), "failed");
    // An order whose answer was lost is sent again.
    for (let times = 0; times < 2; times++) await change("b", "freeze");
    await change("a", "succeed");
    expect(await states("b")).toEqual(["02T04:00 frozen"]);
    await change("b", "unfreeze");
    expect(await states("b")).toEqual(["02T04:00 running"]);
    await change("b", "cancel");
    await end(await running("b"), "cancelled");
    expect(await states("b")).toEqual(["02T04:00 cancelled"]);
  });

  it("a job's policy may forbid to run it again", async () => {
    const { services, save, tick, end, running } = await workshop();
    await save("once", { schedule: utc("0 0 4 * * *"), policies: { rerun: "afterFailure" } });
    await tick(at("04:00"));
    await end(await running("once"));
    const order = { kind: "rerun", version: "inForce" } as const;
    await expect(changeByHand(services, ref("once"), { order, by: "ada" })).rejects.toThrow("after a failure only");
  });

  it("a pause makes nothing, and nobody waits for what falls into it; a frozen job's instances hold", async () => {
    const { services, save, tick, states, clock } = await workshop();
    await save("a", { schedule: utc("0 0 * * * *"), policies: { parallel: 10 } });
    await save("b", { schedule: utc("0 30 * * * *"), dependencies: [on("a")], policies: { parallel: 10 } });
    await changeMode(services, { workspace: "w", job: "a" }, "paused");
    await tick(at("04:30"));
    expect([await states("a"), await states("b")]).toEqual([[], ["02T03:30 running", "02T04:30 running"]]);
    clock.ms = Date.parse(at("05:10"));
    await changeMode(services, { workspace: "w", job: "a" }, "frozen");
    await tick(at("06:00"));
    await tick(at("06:30"));
    expect(await states("a")).toEqual(["02T06:00 frozen"]);
    expect((await states("b")).slice(-2)).toEqual(["02T05:30 running", "02T06:30 waiting"]);
    expect((await showInstance(services, ref("b", "06:30"))).reason).toContain("which is frozen");
  });
});

describe("instances of a day", () => {
  it("are listed by time and job, by job, by state and by origin, page by page", async () => {
    const { services, save, tick, end, running } = await workshop();
    for (const name of ["a", "b"]) await save(name, { schedule: utc("0 0 * * * *") });
    for (const time of ["04:00", "05:00", "06:00"]) await tick(at(time));
    await end(await running("a"), "failed");
    const list = async (filter: object, limit = 10, page: string | null = null) => {
      const asked = { workspace: "w", date: "2026-01-02", limit, page, ...filter };
      const found = await listInstancesOfDay(services, asked);
      return { ...found, items: found.items.map(({ job, label, state }) => `${job} ${label.slice(11)} ${state}`) };
    };
    const first = await list({}, 4);
    expect(first.items).toEqual(["a 04:00 failed", "b 04:00 running", "a 05:00 running", "b 05:00 waiting"]);
    expect((await list({}, 4, first.nextPage)).items).toEqual(["a 06:00 waiting", "b 06:00 waiting"]);
    expect((await list({ job: "b" })).items).toEqual(["b 04:00 running", "b 05:00 waiting", "b 06:00 waiting"]);
    expect((await list({ state: "failed" })).items).toEqual(["a 04:00 failed"]);
    expect((await list({ state: "waiting", origin: "s" })).items).toHaveLength(3);
    expect((await list({ origin: "b" })).items).toEqual([]);
    expect((await list({ date: "2026-01-03" })).items).toEqual([]);
  });

  it("are a graph of who waits for whom, with what is not made yet", async () => {
    const { services, save, tick } = await workshop();
    await save("a", { schedule: utc("0 0 4 * * *") });
    await save("b", { schedule: utc("0 0 5 * * *"), dependencies: [on("a")] });
    await save("c", { schedule: utc("0 0 5 * * *"), dependencies: [on("b")] });
    await tick(at("05:00"));
    await save("late", { schedule: utc("0 0 23 * * *") });
    await save("b", { schedule: utc("0 0 5 * * *"), dependencies: [on("a"), on("late")] });
    const { nodes, edges } = await graphOf(services, { workspace: "w", job: "b" }, "2026-01-02");
    const name = (place: number) => nodes[place]?.job;
    expect(nodes.map(({ job, level, state }) => `${job} ${level} ${state}`).sort()).toEqual([
      "a -1 running",
      "b 0 waiting",
      "c 1 waiting",
      "late -1 null",
    ]);
    expect(edges.map(({ from, to }) => `${name(from)} ${name(to)}`).sort()).toEqual(["a b", "b c", "late b"]);
  });
});

describe("what a job depends on", () => {
  it("is refused where it could never come, with all that is wrong at once", async () => {
    const { save } = await workshop();
    await save("a", { schedule: utc("0 0 4 * * *") });
    await save("b", { schedule: utc("0 0 4 * * *"), dependencies: [on("a")] });
    await expect(save("a", { schedule: utc("0 0 4 * * *"), dependencies: [on("b"), on("gone")] })).rejects.toThrow(
      'job "gone" has no schedule in production; they wait for each other: a → b → a',
    );
    await expect(save("c", { dependencies: [on("a")] })).rejects.toThrow('job "c" has no schedule');
    await expect(save("c", { schedule: utc("0 0 4 * * *"), dependencies: [on("c")] })).rejects.toThrow("names itself");
    const odd = await save("c", { schedule: { cron: "0 0 4 * * *", timeZone: "Asia/Tokyo" }, dependencies: [on("a")] });
    expect(odd.warnings.map(({ message }) => message).join()).toContain("as the clocks show them");
  });
});
