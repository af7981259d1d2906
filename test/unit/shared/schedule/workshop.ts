import { type Draft, saveJob } from "../../../../shared/jobs/save-job.js";
import { TransientError } from "../../../../shared/model/errors.js";
import type { InstanceRecord } from "../../../../shared/model/instance.js";
import type { EndState } from "../../../../shared/model/run.js";
import type { Workspace } from "../../../../shared/model/workspace.js";
import { settleRun } from "../../../../shared/schedule/instances/settle.js";
import { fireDue } from "../../../../shared/schedule/tick/tick.js";
import { createServices, type Services } from "../../../../shared/services.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { plannedRun } from "../runs/steps-in-memory.js";

/** A job that writes invented rows; `setting` and the texts of its columns may differ. */
export function streamScript(column: readonly string[] = ["x"], concurrent = 1): string {
  return JSON.stringify({
    type: "job",
    version: "2.0",
    steps: [
      { stepType: "stream", category: "reader", name: "r", parameter: { column, sliceRecordCount: 1 } },
      { stepType: "stream", category: "writer", name: "w", parameter: {} },
    ],
    setting: { speed: { concurrent } },
  });
}

/** It may hear of uploads anywhere in two buckets. */
const uploadGrants = ["lake", "pond"].map((bucket) => ({ bucket, prefix: "" }));
const basic: Workspace = {
  ...{
    name: "w",
    mode: "basic" as const,
    description: "",
    timeZone: "Asia/Shanghai",
    createdAt: null,
    upgradedAt: null,
  },
  uploadGrants,
};
/** It asks for its business date: each planned time is other work. */
const dated = streamScript(["${bizdate}"]);
const bare = {
  ...{ script: dated, inlineSources: { reader: [], writer: [] }, schedule: null, subscription: null, parameters: {} },
  ...{ folder: "", owner: null, description: "" },
};
const anybody = { ifMatch: null, by: "ada", note: "" };

/** A basic workspace at 03:04:05 of 2 January 2026, or another time, whose documents count what is read of jobs and can be made to fail. */
export async function workshop({ wrap = (documents: Services["documents"]) => documents, from = "" } = {}) {
  const { services: plain, clock, started: tasks } = await plannedRun("succeeded");
  if (from !== "") clock.ms = Date.parse(from);
  const read: string[] = [];
  const broken = new Set<string>();
  const documents: Services["documents"] = {
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
  const services = createServices({ ...plain, documents: wrap(documents) });
  const runs = async () => {
    const { items } = await services.runs.list("w", { limit: 10_000, page: null, maxBytes: 1e9 });
    return items.filter(({ job }) => job !== null);
  };
  const instances = async (job: string): Promise<InstanceRecord[]> => {
    const found = await services.documents.list<InstanceRecord>(storeTables.instances, { prefix: [], limit: 100_000 });
    return found.map(({ value }) => value).filter((one) => one.job === job);
  };
  return {
    ...{ services, documents, clock, read, broken, tasks, runs, instances },
    save: (name: string, draft: Partial<Draft>) =>
      saveJob(services, basic, { draft: { ...bare, name, ...draft }, ...anybody }),
    /** A tick, by the clock and the timer alike. */
    async tick(time: string) {
      clock.ms = Date.parse(time);
      await fireDue(services, new Date(time));
    },
    /** Ends a run as if its reducer had, and tells so. */
    async end(id: string, state: EndState = "succeeded") {
      const endedAt = new Date(clock.ms).toISOString();
      await services.runs.update(id, (run) => ({ ...run, state, endedAt }));
      await settleRun(services, id);
    },
    /** The run of the first instance of a job that runs. */
    running: async (job: string) => (await instances(job)).find(({ state }) => state === "running")?.run ?? "",
    /** Runs that have not ended. */
    active: async () =>
      (await services.runs.active()).map(({ id }) => ({ value: id })).filter(({ value }) => value !== "r1"),
    /** What was started: the job, and the due time or the upload's tag. */
    started: async () =>
      (await runs()).map(({ job, trigger }) => `${job} ${Object.values(trigger)[trigger.kind === "upload" ? 3 : 1]}`),
    /** `02T04:00 running` of each instance of a job. */
    states: async (job: string) => (await instances(job)).map(({ label, state }) => `${label.slice(8)} ${state}`),
  };
}
