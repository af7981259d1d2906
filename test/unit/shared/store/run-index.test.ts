import { beforeAll, describe, expect, it } from "vitest";
import type { RunRecord, RunState } from "../../../../shared/model/run.js";
import type { Documents } from "../../../../shared/platform/documents.js";
import { completeRunIndex } from "../../../../shared/runs/index-runs.js";
import { createServices } from "../../../../shared/services.js";
import { newestFirst } from "../../../../shared/store/newest-first.js";
import type { RunsAsked } from "../../../../shared/store/run-index.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { plannedRun } from "../runs/steps-in-memory.js";

/** Documents that count the rows they hand out. */
function counting(documents: Documents) {
  const read = { rows: 0 };
  const counted: Documents = {
    ...documents,
    get: async (...args) => {
      read.rows += 1;
      return documents.get(...args) as never;
    },
    getBrief: async (...args) => {
      read.rows += 1;
      return documents.getBrief(...args) as never;
    },
    list: async (...args) => {
      const found = await documents.list(...args);
      read.rows += found.length;
      return found as never;
    },
  };
  return { read, counted };
}

const RUNS = 2000;
/** One run in a hundred is of job "rare", one in fifty failed, ten go on. */
const jobOf = (i: number) => (i % 100 === 0 ? "rare" : "common");
const stateOf = (i: number): RunState => (i < 10 ? "running" : i % 50 === 1 ? "failed" : "succeeded");

async function stored() {
  const { services, run } = await plannedRun("succeeded");
  const sample = await run();
  await services.runs.retire({ workspace: "w", id: sample.id });
  for (let i = 0; i < RUNS; i++) {
    const createdAt = new Date(Date.parse("2026-01-01T00:00:00Z") - i * 60_000).toISOString();
    const id = `n${String(i).padStart(4, "0")}`;
    const one: RunRecord = { ...sample, id, createdAt, job: jobOf(i), state: stateOf(i) };
    await services.runs.insert(one);
    if (one.state === "running") continue;
    await services.runs.noteEnd(one, one.state as "failed");
    await services.runs.retire({ workspace: "w", id });
  }
  await services.documents.remove(storeTables.runIndex, ["w", newestFirst(sample.createdAt, sample.id)]);
  const { read, counted } = counting(services.documents);
  return { plain: services, services: createServices({ ...services, documents: counted }), read };
}

const filters: { name: string; asked: Pick<RunsAsked, "job" | "state">; of: (i: number) => boolean }[] = [
  { name: "all", asked: {}, of: () => true },
  { name: "of a job", asked: { job: "rare" }, of: (i: number) => jobOf(i) === "rare" },
  { name: "failed", asked: { state: "failed" }, of: (i: number) => stateOf(i) === "failed" },
  { name: "at work", asked: { state: "running" }, of: (i: number) => stateOf(i) === "running" },
  {
    ...{ name: "of a job that succeeded", asked: { job: "rare", state: "succeeded" } },
    of: (i: number) => jobOf(i) === "rare" && stateOf(i) === "succeeded",
  },
  { name: "none at all", asked: { job: "rare", state: "cancelled" }, of: () => false },
];

describe("a page of 2,000 runs", () => {
  let all: Awaited<ReturnType<typeof stored>>;
  beforeAll(async () => {
    all = await stored();
  });

  it("costs what it shows, whatever it is filtered by, and shows every run once", async () => {
    const { services, read } = all;
    for (const { name, asked, of } of filters) {
      const wanted = Array.from({ length: RUNS }, (_, i) => i).filter(of);
      const limit = 10;
      const seen: string[] = [];
      for (let page: string | null = null; seen.length < 40; ) {
        read.rows = 0;
        const found = await services.runs.list("w", { ...asked, limit, page, maxBytes: 1e9 });
        expect([name, read.rows <= 3 * (limit + 1)]).toEqual([name, true]);
        seen.push(...found.items.map(({ id }) => id));
        page = found.nextPage;
        if (page === null) break;
      }
      const ids = wanted.map((i) => `n${String(i).padStart(4, "0")}`).slice(0, seen.length);
      expect([name, seen]).toEqual([name, ids]);
      expect([name, seen.length]).toEqual([name, Math.min(wanted.length, 40)]);
    }
  });

  it("finds what was stored before there was such a list, after some ticks", async () => {
    const { plain } = all;
    for (const { key } of await plain.documents.list(storeTables.runsBy, { prefix: [], limit: 100_000 }))
      await plain.documents.remove(storeTables.runsBy, key);
    const home = { name: "w", mode: "basic", description: "", timeZone: "UTC", createdAt: null } as const;
    await plain.workspaces.insert({ ...home, upgradedAt: null });
    const asked = { limit: 50, page: null, maxBytes: 1e9 };
    expect((await plain.runs.list("w", { ...asked, job: "rare" })).items).toHaveLength(0);
    for (let tick = 0; tick < 3; tick++) await completeRunIndex(plain);
    expect((await plain.runs.list("w", { ...asked, job: "rare" })).items).toHaveLength(20);
    expect((await plain.runs.list("w", { ...asked, state: "failed" })).items).toHaveLength(39);
    const { read, counted } = counting(plain.documents);
    await completeRunIndex(createServices({ ...plain, documents: counted }));
    expect(read.rows).toBe(1);
  });
});
