import { describe, expect, it } from "vitest";
import { diffJob, jobVersionOf, listJobVersions } from "../../../../shared/jobs/job-versions.js";
import { listJobs } from "../../../../shared/jobs/list-jobs.js";
import { submitJob, unsubmitJob } from "../../../../shared/jobs/publish-job.js";
import { type Draft, restoreJob, saveJob } from "../../../../shared/jobs/save-job.js";
import { createServices } from "../../../../shared/services.js";
import { KEPT_VERSIONS } from "../../../../shared/store/job-versions-store.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { plannedRun } from "../runs/steps-in-memory.js";

const scriptOf = (rows: number) =>
  JSON.stringify({
    ...{ type: "job", version: "2.0" },
    steps: [
      { stepType: "stream", category: "reader", name: "r", parameter: { sliceRecordCount: rows, column: ["a"] } },
      { stepType: "stream", category: "writer", name: "w", parameter: {} },
    ],
    order: { hops: [{ from: "r", to: "w" }] },
  });

const home = {
  name: "w",
  mode: "standard",
  description: "",
  timeZone: "UTC",
  createdAt: null,
  upgradedAt: null,
} as const;
const bare = { inlineSources: { reader: [], writer: [] }, schedule: null, subscription: null, parameters: {} };
const ada = { ifMatch: null, by: "ada", note: "" };

async function workshop(mode: "standard" | "basic" = "standard") {
  const { services: plain } = await plannedRun("succeeded");
  await plain.workspaces.insert({ ...home, mode });
  const services = createServices(plain);
  const save = (change: Partial<Draft> = {}, seen: object = {}) =>
    saveJob(
      services,
      { ...home, mode },
      {
        draft: { ...bare, script: scriptOf(1), folder: "", owner: null, description: "", name: "nightly", ...change },
        ...{ ...ada, ...seen },
      },
    );
  const history = async (limit = 100, page: string | null = null) => {
    const found = await listJobVersions(services, "w", { name: "nightly", limit, page });
    return { ...found, items: found.items.map(({ version, change: { kind, of } }) => `${version} ${kind} ${of}`) };
  };
  return { services, save, history };
}

describe("a job's history", () => {
  it("has each save, restoring, submission and its end, and loses nothing by any of them", async () => {
    const { services, save, history } = await workshop();
    await save({ description: "first" });
    await save({ description: "second", script: scriptOf(2), parameters: { day: "1" } });
    await submitJob(services, home, { name: "nightly", ...ada, note: "go" });
    await restoreJob(services, home, { name: "nightly", version: 1, ...ada });
    await unsubmitJob(services, home, { name: "nightly", ...ada });
    const all = ["5 unsubmitted 2", "4 restored 1", "3 submitted 2", "2 saved null", "1 saved null"];
    expect((await history()).items).toEqual(all);
    const { value } = await services.jobs.get("w", "nightly");
    expect(value).toMatchObject({ description: "first", script: scriptOf(1), production: null, owner: "ada" });
    expect(await jobVersionOf(services, "w", { name: "nightly", version: 3 })).toMatchObject({
      ...{ version: 3, description: "second", script: scriptOf(2) },
      change: { kind: "submitted", of: 2, note: "go", by: "ada" },
    });
  });

  it("is listed page by page, each version once", async () => {
    const { save, history } = await workshop();
    for (let i = 0; i < 7; i++) await save();
    for (const limit of [1, 2, 3, 7, 8]) {
      const seen: string[] = [];
      for (let page: string | null = null; ; ) {
        const found: Awaited<ReturnType<typeof history>> = await history(limit, page);
        expect(found.items.length).toBeLessThanOrEqual(limit);
        seen.push(...found.items);
        page = found.nextPage;
        if (page === null) break;
      }
      expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((version) => `${version} saved null`));
    }
    await expect(history(1, "nonsense")).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "page" });
  });

  it("leaves out what a change kept that did not come through", async () => {
    const { services, save, history } = await workshop();
    await save();
    await save();
    const jobs = { ...services.jobs, replace: async () => false };
    const racing = { ...services, jobs };
    const lost = restoreJob(racing, home, { name: "nightly", version: 1, ...ada });
    await expect(lost).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await history()).items).toEqual(["2 saved null", "1 saved null"]);
    await save({ description: "third" });
    expect((await history()).items).toEqual(["3 saved null", "2 saved null", "1 saved null"]);
  });

  it("begins with the present version of a job that was stored before there was one", async () => {
    const { services, save, history } = await workshop();
    const { folder: _f, owner: _o, description: _d, lastChange: _c, ...old } = (await save()).stored.value;
    await services.documents.remove(storeTables.jobs, ["w", "nightly"]);
    for (let version = 0; version < 4; version++)
      await services.documents.replace(storeTables.jobs, { key: ["w", "nightly"], value: old, version });
    expect((await history()).items).toEqual(["4 saved null"]);
    expect((await services.jobs.get("w", "nightly")).value).toMatchObject({ folder: "", owner: "", description: "" });
    expect((await listJobs(services.jobs, "w", { limit: 5, page: null })).items).toMatchObject([
      { folder: "", version: 4 },
    ]);
    await save();
    expect((await history()).items).toEqual(["5 saved null", "4 saved null"]);
    await expect(jobVersionOf(services, "w", { name: "nightly", version: 2 })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(jobVersionOf(services, "w", { name: "nightly", version: 6 })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("goes back so many versions and no more", async () => {
    const { services, save } = await workshop();
    const { value } = (await save()).stored;
    const job = { ...value, version: 1, change: value.lastChange };
    for (const version of [1, 2, KEPT_VERSIONS, KEPT_VERSIONS + 1])
      await services.jobVersions.keep("w", "nightly", { ...job, version });
    const kept = await services.jobVersions.list("w", "nightly", { limit: 10, page: null });
    expect(kept.items.map(({ version }) => version)).toEqual([KEPT_VERSIONS + 1, KEPT_VERSIONS, 2]);
  });
});

describe("two versions", () => {
  it("differ by field and, in their scripts, by line", async () => {
    const { services, save } = await workshop();
    const schedule = { cron: "0 0 2 * * *", timeZone: "UTC" };
    await save({ parameters: { day: "1", gone: "x" }, schedule });
    await submitJob(services, home, { name: "nightly", ...ada });
    await save({ parameters: { day: "2", come: "y" }, script: scriptOf(5), folder: "sales/daily" });
    const { fields, script } = await diffJob(services, "w", { name: "nightly", from: "production", to: "draft" });
    expect(fields).toEqual([
      { path: "folder", before: "", after: "sales/daily" },
      { path: "schedule", before: schedule, after: null },
      { path: "parameters.day", before: "1", after: "2" },
      { path: "parameters.gone", before: "x", after: null },
      { path: "parameters.come", before: null, after: "y" },
    ]);
    expect(script).toMatchObject({ added: 1, removed: 1 });
    expect(script.diff).toContain('-        "sliceRecordCount": 1,\n+        "sliceRecordCount": 5,\n');
    expect(await diffJob(services, "w", { name: "nightly", from: 3, to: "draft" })).toEqual({
      fields: [],
      script: { added: 0, removed: 0, diff: "" },
    });
  });

  it("are not compared where nothing is in production", async () => {
    const { services, save } = await workshop();
    await save();
    const refused = diffJob(services, "w", { name: "nightly", from: "production", to: "draft" });
    await expect(refused).rejects.toMatchObject({ code: "NOT_FOUND" });
    const unpublished = unsubmitJob(services, home, { name: "nightly", ...ada });
    await expect(unpublished).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("taking a job out of production", () => {
  it("lets no schedule start it, and is taken back by submitting it again", async () => {
    const { services, save } = await workshop();
    await save({ schedule: { cron: "0 0 * * * *", timeZone: "UTC" }, subscription: null });
    await submitJob(services, home, { name: "nightly", ...ada });
    await unsubmitJob(services, home, { name: "nightly", ...ada });
    expect((await services.jobs.get("w", "nightly")).value).toMatchObject({
      production: null,
      schedule: { timeZone: "UTC" },
    });
    await submitJob(services, home, { name: "nightly", ...ada });
    expect((await services.jobs.get("w", "nightly")).value.production).toMatchObject({ version: 3 });
  });

  it("of a basic workspace ends with the next save", async () => {
    const { services, save } = await workshop("basic");
    await save();
    await unsubmitJob(services, { ...home, mode: "basic" }, { name: "nightly", ...ada });
    expect((await services.jobs.get("w", "nightly")).value.production).toBeNull();
    await save();
    expect((await services.jobs.get("w", "nightly")).value.production).toMatchObject({ version: 3 });
  });
});

describe("jobs of a folder", () => {
  it("are those in it and below, page by page, and none of another that begins alike", async () => {
    const { services, save } = await workshop();
    const folders = ["sales", "sales/daily", "salesforce", "", "sales"];
    for (const [i, folder] of folders.entries())
      await save({ name: `job${i}`, folder, description: i === 4 ? "Übersicht" : "" });
    const names = async (asked: object) =>
      (await listJobs(services.jobs, "w", { limit: 50, page: null, ...asked })).items.map(({ name }) => name);
    expect(await names({ folder: "sales" })).toEqual(["job0", "job1", "job4"]);
    expect(await names({ folder: "" })).toHaveLength(5);
    expect(await names({ search: "übers" })).toEqual(["job4"]);
    expect(await names({ search: "JOB1", folder: "sales" })).toEqual(["job1"]);
    const first = await listJobs(services.jobs, "w", { limit: 2, page: null, folder: "sales" });
    expect(await names({ folder: "sales", page: first.nextPage })).toEqual(["job4"]);
    expect((await listJobs(services.jobs, "w", { limit: 3, page: null, folder: "sales" })).nextPage).toBeNull();
  });
});
