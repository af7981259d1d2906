import { describe, expect, it } from "vitest";
import { runIdFor } from "../../../../shared/runs/create/create-run.js";
import { fireDue } from "../../../../shared/schedule/tick/tick.js";
import { createServices } from "../../../../shared/services.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { workshop } from "./workshop.js";

const hourly = { cron: "0 0 * * * *", timeZone: "UTC" };
const at = (time: string) => `2026-01-02T${time}Z`;

describe("a tick", () => {
  it("reads the jobs that are due, however many are stored", async () => {
    const { save, read, tick, started } = await workshop();
    for (let i = 0; i < 20; i++) await save(`idle${i}`, { schedule: { ...hourly, cron: "0 0 0 1 1 *" } });
    await save("busy", { schedule: hourly });
    await tick(at("03:30:00"));
    read.length = 0;
    await tick(at("04:00:00"));
    expect([...new Set(read)]).toEqual(["busy"]);
    expect(await started()).toEqual(["busy 2026-01-02T04:00:00.000Z"]);
  });

  it("makes what was missed, each label once, and runs it in order", async () => {
    const { save, tick, end, running, runs, states } = await workshop();
    await save("busy", { schedule: { ...hourly, cron: "0 */20 * * * *" } });
    for (const time of ["05:30:00", "05:30:00", "05:40:00"]) await tick(at(time));
    const labels = ["03:20", "03:40", "04:00", "04:20", "04:40", "05:00", "05:20", "05:40"];
    expect(await states("busy")).toEqual(labels.map((label, i) => `02T${label} ${i === 0 ? "running" : "waiting"}`));
    for (let i = 1; i < labels.length; i++) {
      await end(await running("busy"), i % 2 ? "succeeded" : "failed");
    }
    expect((await states("busy")).at(-1)).toBe("02T05:40 running");
    expect(await runs()).toHaveLength(labels.length);
  });

  it("starts the others when one job cannot be started, and that one by a later tick", async () => {
    const { save, broken, tick, started } = await workshop();
    for (const name of ["a", "b", "c"]) await save(name, { schedule: hourly });
    broken.add("b");
    await tick(at("04:00:00"));
    expect((await started()).map(([name]) => name).sort()).toEqual(["a", "c"]);
    broken.clear();
    await tick(at("04:01:00"));
    await tick(at("04:02:00"));
    expect((await started()).map(([name]) => name).sort()).toEqual(["a", "b", "c"]);
  });

  it("makes nothing when the clock is set back, and nothing twice when two come at once", async () => {
    const { services, save, tick, states } = await workshop();
    await save("busy", { schedule: hourly });
    await tick(at("05:00:00"));
    await tick(at("04:00:00"));
    await Promise.all([fireDue(services, new Date(at("06:00:00"))), fireDue(services, new Date(at("06:00:00")))]);
    expect(await states("busy")).toEqual(["02T04:00 running", "02T05:00 waiting", "02T06:00 waiting"]);
  });

  it("does not lose a job that is published again while it looks at it", async () => {
    const { services, documents, save, states, tick } = await workshop();
    await save("busy", { schedule: { ...hourly, cron: "0 0 4 * * *" } });
    let isFirst = true;
    const racing: typeof documents = {
      ...documents,
      getMany: async (table, keys) => {
        const found = await documents.getMany<never>(table, keys);
        // The new version comes right behind the look at the old one.
        if (table.name === storeTables.schedules.name && isFirst) {
          isFirst = false;
          await save("busy", { schedule: { ...hourly, cron: "0 0,30 4 * * *" } });
        }
        return found;
      },
    };
    await fireDue(createServices({ ...services, documents: racing }), new Date(at("04:00:00")));
    await tick(at("04:30:00"));
    expect(await states("busy")).toEqual(["02T04:00 running", "02T04:30 waiting"]);
  });

  it("makes labels that were due by the schedule before, and none of the new one that lie behind its publication", async () => {
    const { save, tick, states, clock } = await workshop();
    await save("busy", { schedule: { ...hourly, cron: "0 0 4 * * *" } });
    clock.ms = Date.parse(at("05:30:00"));
    await save("busy", { schedule: { ...hourly, cron: "0 30 * * * *" } });
    await tick(at("05:31:00"));
    await tick(at("06:30:00"));
    expect(await states("busy")).toEqual(["02T04:00 running", "02T06:30 waiting"]);
  });

  it("goes by what is published where the publisher died before the schedule was told", async () => {
    const { services, documents, save, tick, states } = await workshop();
    await save("busy", { schedule: { ...hourly, cron: "0 0 5 * * *" } });
    const deadly = createServices({
      ...services,
      documents: {
        ...documents,
        replace: async (table, row) => {
          if (table.name === storeTables.schedules.name) throw new Error("killed");
          return documents.replace(table, row);
        },
      },
    });
    const { saveJob } = await import("../../../../shared/jobs/save-job.js");
    const { value } = await services.jobs.get("w", "busy");
    const { value: home } = await services.workspaces.get("w");
    const draft = { ...value, schedule: { ...hourly, cron: "0 0 4 * * *" } };
    await expect(saveJob(deadly, home, { draft, ifMatch: null, by: "ada", note: "" })).rejects.toThrow("killed");
    await tick(at("03:30:00"));
    await tick(at("04:00:00"));
    expect(await states("busy")).toEqual(["02T04:00 running"]);
  });

  it("keeps the hint of a job that is not stored yet, and forgets it later", async () => {
    const { services, documents, tick } = await workshop();
    const notedAt = at("03:59:59.000");
    await services.due.note({
      at: notedAt,
      hint: { kind: "publish", workspace: "w", job: "late", version: 1, notedAt },
    });
    const hints = async () => (await documents.list(storeTables.due, { prefix: [], limit: 10 })).length;
    await tick(at("04:00:00"));
    expect(await hints()).toBe(1);
    await tick(at("04:10:00"));
    expect(await hints()).toBe(0);
  });

  it("notes a hint anew that was lost, within an hour", async () => {
    const { documents, save, tick, states } = await workshop();
    await save("busy", { schedule: { ...hourly, cron: "0 0 4 * * *" } });
    for (const { key } of await documents.list(storeTables.due, { prefix: [], limit: 10 }))
      await documents.remove(storeTables.due, key);
    for (let minute = 0; minute < 62; minute++)
      await tick(new Date(Date.parse(at("04:00:00")) + minute * 60_000).toISOString());
    expect(await states("busy")).toEqual(["02T04:00 running"]);
  });
});

describe("what versions before had stored", () => {
  /** Takes away what they did not keep. */
  async function forgotten(set: Awaited<ReturnType<typeof workshop>>): Promise<void> {
    const { documents } = set;
    for (const table of [storeTables.schedules, storeTables.due])
      for (const { key } of await documents.list(table, { prefix: [], limit: 100 })) await documents.remove(table, key);
  }

  it("are jobs without a hint: their last hour is made up for", async () => {
    const set = await workshop();
    await set.save("old", { schedule: hourly });
    await forgotten(set);
    for (const time of ["04:00:00", "04:01:00"]) await set.tick(at(time));
    expect(await set.states("old")).toEqual(["02T04:00 running"]);
  });

  it("are hints that tell the last label: nothing is started twice, and nothing is lost", async () => {
    const set = await workshop();
    await set.save("old", { schedule: hourly });
    await forgotten(set);
    const hint = { workspace: "w", job: "old", after: at("04:00:00.000"), cursor: "2026-01-02T04:00", notedAt: "" };
    await set.services.due.note({ at: at("05:00:00.000"), hint });
    // It had started the next one, and died before it noted so.
    const { items } = await set.services.runs.list("w", { limit: 1, page: null, maxBytes: 1e6 });
    const id = runIdFor("w", "schedule/old/2026-01-02T05:00");
    await set.services.runs.insert({ ...(await set.services.runs.get(items[0]?.id ?? "")).value, id, job: "old" });
    for (const time of ["06:00:00", "06:01:00"]) await set.tick(at(time));
    expect(await set.states("old")).toEqual(["02T06:00 running"]);
  });

  it("are hints that go by instants: what these had started is not started again", async () => {
    const set = await workshop();
    await set.save("old", { schedule: { cron: "0 30 2 * * *", timeZone: "Europe/Berlin" } });
    await forgotten(set);
    // It had fired at the first 02:30, noted so, and looks again before the second.
    const hint = { workspace: "w", job: "old", after: "2026-10-25T00:30:00.000Z", notedAt: "" };
    await set.services.due.note({ at: "2026-10-25T01:00:00.000Z", hint });
    await set.tick("2026-10-25T01:30:00Z");
    await set.tick("2026-10-25T01:31:00Z");
    expect(await set.states("old")).toEqual([]);
    await set.tick("2026-10-26T01:30:00Z");
    expect(await set.states("old")).toEqual(["26T02:30 running"]);
  });
});

describe("labels", () => {
  /** Ticks each quarter of an hour, and what was made by them: label and due time without the date. */
  async function night(cron: string, [from, to]: readonly [string, string]) {
    const { save, clock, tick, instances } = await workshop();
    clock.ms = Date.parse(from);
    await save("busy", { schedule: { cron, timeZone: "Europe/Berlin" } });
    for (let time = Date.parse(from); time <= Date.parse(to); time += 900_000)
      for (let twice = 0; twice < 2; twice++) await tick(new Date(time).toISOString());
    return (await instances("busy")).map(({ label, dueAt }) => `${label.slice(11)} ${dueAt.slice(11, 16)}Z`);
  }
  const autumn = ["2026-10-24T22:50:00Z", "2026-10-25T02:30:00Z"] as const;
  const spring = ["2026-03-28T23:50:00Z", "2026-03-29T02:30:00Z"] as const;

  it("of an hour that comes twice are one instance, the second time", async () => {
    expect(await night("0 0 * * * *", autumn)).toEqual(["01:00 23:00Z", "02:00 01:00Z", "03:00 02:00Z"]);
    expect(await night("0 30 1,2 * * *", autumn)).toEqual(["01:30 23:30Z", "02:30 01:30Z"]);
  });

  it("that the clock skips are due after the gap", async () => {
    expect(await night("0 0 * * * *", spring)).toEqual([
      "01:00 00:00Z",
      "02:00 01:00Z",
      "03:00 01:00Z",
      "04:00 02:00Z",
    ]);
    expect(await night("0 30 2 * * *", spring)).toEqual(["02:30 01:00Z"]);
  });

  it("give runs the time between them", async () => {
    const { save, tick, runs } = await workshop();
    await save("busy", { schedule: hourly });
    await tick(at("04:00:00"));
    const [run] = await runs();
    expect(run?.parameters).toEqual({
      "data.start": "2026-01-02T03:00:00+00:00",
      "data.end": "2026-01-02T04:00:00+00:00",
    });
    expect(run?.instance).toEqual({ origin: "s", label: "2026-01-02T04:00", attempt: 1 });
  });
});
