// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of job scripts look like that
import { expect, it } from "vitest";
import { type StartOptions, startJob, startScript } from "../../../../../shared/runs/create/start-job.js";
import { planRun } from "../../../../../shared/runs/plan/plan-run.js";
import type { JobRecord } from "../../../../../shared/store/jobs-store.js";
import { plannedRun } from "../steps-in-memory.js";

const values = ["${bizdate}", "$[yyyymmddhh24mi]", "${day}"];
const script = JSON.stringify({
  type: "job",
  version: "2.0",
  steps: [
    {
      ...{ stepType: "stream", category: "reader", name: "r" },
      parameter: { column: values.map((value) => ({ type: "string", value })), sliceRecordCount: 1 },
    },
    { stepType: "stream", category: "writer", name: "w", parameter: {} },
  ],
  setting: {},
});
const options: StartOptions = {
  ...{ workspace: "w", environment: "production", trigger: { kind: "http" }, key: null },
  ...{ parameters: { day: "$[yyyymmdd-1]" }, workspaceZone: "America/New_York" },
};

/** A workspace at 2026-01-02T03:04:05Z, and what the values of a run become there. */
async function workshop() {
  const { services } = await plannedRun("succeeded");
  const home = {
    name: "w",
    mode: "basic",
    description: "",
    timeZone: "UTC",
    createdAt: null,
    upgradedAt: null,
  } as const;
  await services.workspaces.insert(home);
  const used = async ({ id, plannedLocal }: { id: string; plannedLocal?: string }) => {
    await planRun(services, id, "planner");
    const columns = (await services.runs.get(id)).value.plan?.reader.parameter.column as { value: string }[];
    return [plannedLocal, ...columns.map(({ value }) => value)];
  };
  return { services, used };
}

it("a script started by hand is for the present, by the workspace's clock", async () => {
  const { services, used } = await workshop();
  const run = await startScript(services, script, options);
  expect(await used(run)).toEqual(["2026-01-01T22:04:05", "20251231", "202601012204", "20251231"]);
});

it("a job started by hand for a business date has the values that its schedule would have given", async () => {
  const { services, used } = await workshop();
  const at = "2026-01-01T00:00:00.000Z";
  const version = {
    ...{ script, inlineSources: { reader: [], writer: [] }, subscription: null, parameters: {}, dataSources: [] },
    schedule: { cron: "0 30 2 * * *", timeZone: "Europe/Berlin" },
    ...{ folder: "", owner: "ada", description: "" },
  };
  const lastChange = { kind: "saved", of: null, note: "", by: "ada", at } as const;
  const production = { ...version, version: 1, publishedAt: at };
  const job: JobRecord = { ...version, name: "nightly", production, lastChange, createdAt: at, updatedAt: at };
  const parameters = { ...options.parameters, bizdate: "20260328" };
  const byHand = await startJob(services, job, { ...options, parameters });
  const expected = ["2026-03-29T02:30:00", "20260328", "202603290230", "20260328"];
  expect(await used(byHand)).toEqual(expected);
  const trigger = { kind: "timer", label: "2026-03-29T02:30", scheduledAt: "2026-03-29T01:00:00.000Z" } as const;
  const scheduled = await startJob(services, job, { ...options, trigger });
  expect(await used(scheduled)).toEqual(expected);
  expect([byHand.plannedAt, scheduled.plannedAt]).toEqual([trigger.scheduledAt, trigger.scheduledAt]);
});
