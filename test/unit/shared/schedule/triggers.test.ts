import { describe, expect, it } from "vitest";
import { type Draft, saveJob } from "../../../../shared/jobs/save-job.js";
import { TransientError } from "../../../../shared/model/errors.js";
import { runIdFor } from "../../../../shared/runs/create/create-run.js";
import { fireSchedules, fireUpload } from "../../../../shared/schedule/triggers.js";
import { createServices } from "../../../../shared/services.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { plannedRun } from "../runs/steps-in-memory.js";

const script = JSON.stringify({
  type: "job",
  version: "2.0",
  steps: [
    { stepType: "stream", category: "reader", name: "r", parameter: { column: ["x"], sliceRecordCount: 1 } },
    { stepType: "stream", category: "writer", name: "w", parameter: {} },
  ],
  setting: {},
});

/** It may hear of uploads anywhere in two buckets. */
const uploadGrants = ["lake", "pond"].map((bucket) => ({ bucket, prefix: "" }));
const basic = {
  name: "w",
  mode: "basic",
  description: "",
  timeZone: "Asia/Shanghai",
  createdAt: null,
  upgradedAt: null,
  uploadGrants,
} as const;
const anybody = { ifMatch: null, by: "ada", note: "" };
const bare = {
  ...{ script, inlineSources: { reader: [], writer: [] }, schedule: null, subscription: null, parameters: {} },
  ...{ folder: "", owner: null, description: "" },
};
const hourly = { cron: "0 0 * * * *", timeZone: "UTC" };
const at = (time: string) => new Date(`2026-01-02T${time}Z`);

/** A basic workspace at 03:04:05, whose documents count what is read of jobs and can be made to fail. */
async function workshop() {
  const { services: plain, clock } = await plannedRun("succeeded");
  const read: string[] = [];
  const broken = new Set<string>();
  const documents: typeof plain.documents = {
    ...plain.documents,
    get: (table, key) => {
      if (table.name === storeTables.jobs.name) read.push(String(key[1]));
      return plain.documents.get(table, key);
    },
    insert: (table, row) => {
      const job = table.name === storeTables.runs.name ? (row.value as { job: string }).job : "";
      if (broken.has(job)) throw new TransientError("SOURCE_BUSY", "throttled");
      return plain.documents.insert(table, row);
    },
  };
  await plain.workspaces.insert(basic);
  const services = createServices({ ...plain, documents });
  const save = (name: string, starts: Partial<Draft>) => {
    return saveJob(services, basic, { draft: { ...bare, name, ...starts }, ...anybody });
  };
  const started = async () => {
    const { items } = await services.runs.list("w", { limit: 100, page: null, maxBytes: 1e6 });
    return items
      .filter(({ job }) => job !== null)
      .map(({ job, trigger }) => `${job} ${Object.values(trigger)[trigger.kind === "upload" ? 3 : 1]}`);
  };
  return { services, documents, clock, read, broken, save, started };
}

describe("a tick", () => {
  it("reads the jobs that are due, however many are stored", async () => {
    const { services, save, read, started } = await workshop();
    for (let i = 0; i < 20; i++) await save(`idle${i}`, { schedule: { ...hourly, cron: "0 0 0 1 1 *" } });
    await save("busy", { schedule: hourly });
    await fireSchedules(services, at("03:30:00"));
    read.length = 0;
    await fireSchedules(services, at("04:00:00"));
    expect(read).toEqual(["busy"]);
    expect(await started()).toEqual(["busy 2026-01-02T04:00:00.000Z"]);
  });

  it("starts what was missed for an hour, each firing once, and goes on", async () => {
    const { services, save, started } = await workshop();
    await save("busy", { schedule: { ...hourly, cron: "0 */20 * * * *" } });
    for (const time of ["05:30:00", "05:30:00", "05:40:00"]) await fireSchedules(services, at(time));
    const times = (await started()).map((one) => one.slice(-13, -5)).sort();
    expect(times).toEqual(["04:40:00", "05:00:00", "05:20:00", "05:40:00"]);
  });

  it("starts the others when one job cannot be started, and that one by the next tick", async () => {
    const { services, save, broken, started } = await workshop();
    for (const name of ["a", "b", "c"]) await save(name, { schedule: hourly });
    broken.add("b");
    await fireSchedules(services, at("04:00:00"));
    expect((await started()).map(([name]) => name).sort()).toEqual(["a", "c"]);
    broken.clear();
    await fireSchedules(services, at("04:01:00"));
    expect((await started()).map(([name]) => name).sort()).toEqual(["a", "b", "c"]);
  });

  it("does not lose a job that is published again while it looks at it", async () => {
    const { services, documents, save, started } = await workshop();
    await save("busy", { schedule: { ...hourly, cron: "0 0 4 * * *" } });
    let isFirst = true;
    const racing: typeof documents = {
      ...documents,
      get: async (table, key) => {
        const found = await documents.get<never>(table, key);
        // The new version comes right behind the look at the old one.
        if (table.name === storeTables.jobs.name && isFirst) {
          isFirst = false;
          await save("busy", { schedule: { ...hourly, cron: "0 0,30 4 * * *" } });
        }
        return found;
      },
    };
    await fireSchedules(createServices({ ...services, documents: racing }), at("04:00:00"));
    await fireSchedules(services, at("04:30:00"));
    expect(await started()).toContain("busy 2026-01-02T04:30:00.000Z");
  });

  it("finds jobs that were stored before there were hints", async () => {
    const { services, documents, save, started } = await workshop();
    await save("old", { schedule: hourly });
    for (const { key } of await documents.list(storeTables.due, { prefix: [], limit: 10 }))
      await documents.remove(storeTables.due, key);
    await fireSchedules(services, at("04:00:00"));
    expect(await started()).toEqual(["old 2026-01-02T04:00:00.000Z"]);
  });

  it("keeps a hint whose job is not stored yet, and forgets it later", async () => {
    const { services, documents } = await workshop();
    const notedAt = at("03:59:59").toISOString();
    await services.starts.noteDue(at("04:00:00").toISOString(), {
      workspace: "w",
      job: "late",
      after: notedAt,
      notedAt,
    });
    const hints = async () => (await documents.list(storeTables.due, { prefix: [], limit: 10 })).length;
    await fireSchedules(services, at("04:00:00"));
    expect(await hints()).toBe(1);
    await fireSchedules(services, at("04:10:00"));
    expect(await hints()).toBe(0);
  });
});

describe("labels", () => {
  /** Ticks each quarter of an hour, and what was started by them: label and due time without the date. */
  async function night(cron: string, [from, to]: readonly [string, string]) {
    const { services, save } = await workshop();
    const moved = createServices({ ...services, now: () => Date.parse(from) });
    await saveJob(moved, basic, {
      draft: { ...bare, name: "busy", schedule: { cron, timeZone: "Europe/Berlin" } },
      ...anybody,
    });
    await save("idle", {});
    for (let at = Date.parse(from); at <= Date.parse(to); at += 900_000)
      for (let twice = 0; twice < 2; twice++) await fireSchedules(moved, new Date(at));
    const { items } = await services.runs.list("w", { limit: 100, page: null, maxBytes: 1e6 });
    const timed = items.flatMap(({ trigger }) => (trigger.kind === "timer" ? [trigger] : []));
    return timed.map(({ label = "", scheduledAt }) => `${label.slice(11)} ${scheduledAt.slice(11, 16)}Z`).sort();
  }
  const autumn = ["2026-10-24T22:50:00Z", "2026-10-25T02:30:00Z"] as const;
  const spring = ["2026-03-28T23:50:00Z", "2026-03-29T02:30:00Z"] as const;

  it("of an hour that comes twice start one run, the second time", async () => {
    expect(await night("0 0 * * * *", autumn)).toEqual(["01:00 23:00Z", "02:00 01:00Z", "03:00 02:00Z"]);
    expect(await night("0 30 1,2 * * *", autumn)).toEqual(["01:30 23:30Z", "02:30 01:30Z"]);
  });

  it("that the clock skips start their runs after the gap", async () => {
    expect(await night("0 0 * * * *", spring)).toEqual([
      "01:00 00:00Z",
      "02:00 01:00Z",
      "03:00 01:00Z",
      "04:00 02:00Z",
    ]);
    expect(await night("0 30 2 * * *", spring)).toEqual(["02:30 01:00Z"]);
  });

  it("give runs the time between them", async () => {
    const { services, save } = await workshop();
    await save("busy", { schedule: hourly });
    await fireSchedules(services, at("04:00:00"));
    const [run] = (await services.runs.list("w", { limit: 1, page: null, maxBytes: 1e6 })).items;
    expect(run?.parameters).toEqual({
      "data.start": "2026-01-02T03:00:00+00:00",
      "data.end": "2026-01-02T04:00:00+00:00",
    });
  });

  it("are not started again after those of a version that went by instants", async () => {
    const { services, save, started } = await workshop();
    await save("busy", { schedule: { cron: "0 30 2 * * *", timeZone: "Europe/Berlin" } });
    await fireSchedules(services, at("03:30:00"));
    for await (const hint of services.starts.due("2027")) await services.starts.forgetDue(hint);
    const note = (after: string) =>
      services.starts.noteDue("2026-10-25T01:00:00.000Z", { workspace: "w", job: "busy", after, notedAt: after });
    // It had fired at the first 02:30, noted so, and looks again before the second.
    await note("2026-10-25T00:30:00.000Z");
    await fireSchedules(services, new Date("2026-10-25T01:30:00Z"));
    expect(await started()).toEqual([]);
    // It had started the run, and died before it noted so.
    const { items } = await services.runs.list("w", { limit: 1, page: null, maxBytes: 1e6 });
    const [model] = items;
    if (!model) throw new Error("no run");
    const id = runIdFor("w", "schedule/busy/2026-10-26T01:30:00.000Z");
    await services.runs.insert({ ...(await services.runs.get(model.id)).value, id, job: "busy" });
    for await (const hint of services.starts.due("2027")) await services.starts.forgetDue(hint);
    await note("2026-10-26T01:00:00.000Z");
    await fireSchedules(services, new Date("2026-10-26T01:30:00Z"));
    expect(await started()).toHaveLength(1);
  });
});

describe("an upload", () => {
  const object = { bucket: "lake", key: "in/2026/a.csv", eTag: "1" };

  it("starts the jobs that wait for it, once, and reads no others", async () => {
    const { services, save, read, started } = await workshop();
    const waits = (prefix: string, suffix = "", bucket = "lake") => ({ subscription: { bucket, prefix, suffix } });
    await save("whole", waits(""));
    await save("half", waits("in/20"));
    await save("csv", waits("in/2026/", ".csv"));
    for (const [i, other] of [waits("out/"), waits("in/2025/"), waits("", ".json"), waits("", "", "pond")].entries())
      await save(`other${i}`, other);
    read.length = 0;
    for (let i = 0; i < 2; i++) await fireUpload(services, object);
    expect([...new Set(read)]).toEqual(["whole", "half", "csv"]);
    expect((await started()).sort()).toEqual(["csv 1", "half 1", "whole 1"]);
  });

  it("of what waits to become part of an object starts nothing", async () => {
    const { services, save, started } = await workshop();
    await save("whole", { subscription: { bucket: "lake", prefix: "", suffix: "" } });
    await fireUpload(services, { ...object, key: "in/.sluice-staging/5f/0_1_0" });
    expect(await started()).toEqual([]);
    await fireUpload(services, object);
    expect(await started()).toEqual(["whole 1"]);
  });

  it("starts nothing that waits no longer, or elsewhere now", async () => {
    const { services, documents, save, started } = await workshop();
    await save("gone", { subscription: { bucket: "lake", prefix: "in/", suffix: "" } });
    await save("moved", { subscription: { bucket: "lake", prefix: "in/", suffix: "" } });
    await save("gone", {});
    await save("moved", { subscription: { bucket: "lake", prefix: "out/", suffix: "" } });
    await fireUpload(services, object);
    expect(await started()).toEqual([]);
    expect(await documents.list(storeTables.subscriptions, { prefix: ["lake", "in/"], limit: 10 })).toEqual([]);
  });

  it("starts the others when one cannot be started, and asks for the event again", async () => {
    const { services, save, broken, started } = await workshop();
    for (const name of ["a", "b", "c"])
      await save(name, { subscription: { bucket: "lake", prefix: "in/", suffix: "" } });
    broken.add("b");
    await expect(fireUpload(services, object)).rejects.toThrow("throttled");
    expect((await started()).sort()).toEqual(["a 1", "c 1"]);
    broken.clear();
    await fireUpload(services, object);
    expect((await started()).sort()).toEqual(["a 1", "b 1", "c 1"]);
  });
});
