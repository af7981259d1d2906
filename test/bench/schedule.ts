import type { InstanceRecord } from "../../shared/model/instance.js";
import { readEnvironment } from "../../shared/platform/environment.js";
import { createDocuments } from "../../shared/platform/tablestore-documents.js";
import { createDueStore } from "../../shared/store/due-store.js";
import { createInstancesStore } from "../../shared/store/instances-store.js";
import { createJobsStore, type JobRecord } from "../../shared/store/jobs-store.js";
import { createSchedulesStore, type ScheduleRecord } from "../../shared/store/schedules-store.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { median, type Result, type Stage, seconds } from "./stage.js";

const script = JSON.stringify(
  job(["stream", { sliceRecordCount: 1, column: [{ type: "string", value: "x" }] }], ["stream", { print: false }]),
);

/** Ticks over many jobs, and lists of many instances, in a local cloud of their own. */
export async function benchSchedule({ scale, repeat }: Stage): Promise<Result[]> {
  const sluice = await startSluice({ sync: true });
  try {
    await sluice.call("GET", "/v1/jobs");
    const stores = storesOf(sluice);
    await fill(stores, Math.round(10_000 * scale), {
      prefix: "idle",
      cron: "0 0 0 1 1 *",
      nextAt: "2099-01-01T00:00:00.000Z",
    });
    return [
      await firstPage(sluice, stores, { count: Math.round(20_000 * scale), repeat }),
      // Last: its runs go on for a while.
      await busyTick(sluice, stores, Math.round(1_000 * scale)),
    ];
  } finally {
    await sluice.close();
  }
}

type Stores = ReturnType<typeof storesOf>;

function storesOf({ cloud }: TestSluice) {
  const context = { accountId: "1", region: cloud.region };
  const environment = readEnvironment(cloud.environment, context);
  const documents = createDocuments(environment, { ...cloud.credentials, securityToken: "" });
  return {
    schedules: createSchedulesStore(documents),
    due: createDueStore(documents),
    instances: createInstancesStore(documents),
    jobs: createJobsStore(documents),
  };
}

/** Stores jobs as publishing does, without the way over HTTP. */
async function fill(
  stores: Stores,
  count: number,
  { prefix, cron, nextAt }: Readonly<Record<"prefix" | "cron" | "nextAt", string>>,
) {
  const at = new Date().toISOString();
  const schedule = { cron, timeZone: "UTC" };
  const rows = Array.from({ length: count }, (_, i): ScheduleRecord => {
    return {
      ...{ workspace: "default", job: `${prefix}${i}`, version: 1, publishedAt: at, schedule, dependencies: [] },
      ...{ policies: {}, usesBusinessTime: false, group: "default", weight: 1, mode: "active", isPublished: true },
      ...{ cursor: null, after: at, owed: [], nextAt },
    };
  });
  await stores.schedules.replaceMany(rows.map((record) => ({ record, version: 0 })));
  await stores.due.noteAll(
    rows.map(({ workspace, job: name }) => ({ at: nextAt, hint: { kind: "job", workspace, job: name } as const })),
  );
}

async function busyTick(sluice: TestSluice, stores: Stores, count: number): Promise<Result> {
  const at = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 10 * 60_000);
  const value = (name: string) =>
    ({
      ...{
        name,
        script,
        inlineSources: { reader: [], writer: [] },
        schedule: null,
        subscription: null,
        parameters: {},
      },
      ...{ dataSources: [], folder: "", owner: "", description: "", createdAt: "", updatedAt: "" },
    }) as unknown as JobRecord;
  for (let i = 0; i < count; i += 16)
    await Promise.all(
      Array.from({ length: Math.min(16, count - i) }, (_, k) => {
        const draft = value(`busy${i + k}`);
        const production = { ...draft, version: 1, publishedAt: "" } as unknown as JobRecord["production"];
        return stores.jobs.replace("default", { ...draft, production }, 0);
      }),
    );
  const cron = `0 ${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  await fill(stores, count, { prefix: "busy", cron, nextAt: at.toISOString() });
  const label = at.toISOString().slice(0, 16);
  const refs = Array.from({ length: count }, (_, i) => ({ workspace: "default", job: `busy${i}`, origin: "s", label }));
  const wanted = Math.min(64, count);
  const took = await seconds(async () => {
    void sluice.cloud.tick("tick", at);
    for (;;) {
      const made = (await stores.instances.getMany(refs)).flatMap((one) => (one ? [one.value] : []));
      if (made.length === count && made.filter(({ attempt }) => attempt > 0).length >= wanted) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  return {
    what: "a tick with 1,000 jobs due, until all instances are made and the first 64 have begun",
    measured: `${took.toFixed(1)} s`,
    bar: "≤ 10 s",
    isMet: took <= 10,
  };
}

async function firstPage(
  sluice: TestSluice,
  { instances }: Stores,
  { count, repeat }: { readonly count: number; readonly repeat: number },
): Promise<Result> {
  const records = Array.from({ length: count }, (_, i): InstanceRecord => {
    const time = `${String(Math.floor(i / 60) % 24).padStart(2, "0")}:${String(i % 60).padStart(2, "0")}`;
    const at = `2026-02-03T${time}`;
    return {
      ...{ workspace: "default", job: `listed${Math.floor(i / 1440)}`, origin: "s", label: at, state: "succeeded" },
      ...{ reason: null, attempt: 1, retries: 0, run: "r1", notBefore: null, dueAt: `${at}:00.000Z`, version: 1 },
      ...{ businessDate: "2026-02-02", priority: 1, waitsFor: null, madeAt: `${at}:00.000Z`, startedAt: null },
      ...{ endedAt: null, parameters: {}, readySince: null, isDry: false, keepsVersion: false },
    };
  });
  for (let i = 0; i < count; i += 2000) await instances.insertMany(records.slice(i, i + 2000));
  const times: number[] = [];
  for (let i = 0; i < repeat; i++)
    times.push(await seconds(() => sluice.call("GET", "/v1/instances?date=2026-02-03&limit=100")));
  const ms = median(times) * 1000;
  return {
    what: "the first page (100) of the instances of a day that has 20,000",
    measured: `${ms.toFixed(0)} ms`,
    bar: "≤ 300 ms",
    isMet: ms <= 300,
  };
}
