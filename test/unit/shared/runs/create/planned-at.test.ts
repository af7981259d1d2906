import { expect, it } from "vitest";
import { createRun, type RunRequest } from "../../../../../shared/runs/create/create-run.js";
import { planRun } from "../../../../../shared/runs/plan/plan-run.js";
import { storeTables } from "../../../../../shared/store/tables.js";
import { plannedRun } from "../steps-in-memory.js";

const script = JSON.stringify({
  type: "job",
  version: "2.0",
  steps: [
    {
      ...{ stepType: "stream", category: "reader", name: "r" },
      parameter: { column: [{ type: "string", value: "${bizdate}" }], sliceRecordCount: 1 },
    },
    { stepType: "stream", category: "writer", name: "w", parameter: {} },
  ],
  setting: {},
});
const request: Omit<RunRequest, "trigger"> = {
  ...{ workspace: "w", job: null, environment: "production", script, inlineSources: { reader: [], writer: [] } },
  ...{ parameters: {}, key: null, reader: "stream", writer: "stream", errorLimit: { record: 0, percentage: null } },
};

async function workshop() {
  const made = await plannedRun("succeeded");
  const workspace = { name: "w", mode: "basic", description: "", timeZone: "UTC", createdAt: null, upgradedAt: null };
  await made.services.workspaces.insert({ ...workspace, mode: "basic" });
  return made;
}

it("a run is planned for the time that it says, whatever started it and when", async () => {
  const { services } = await workshop();
  const plannedAt = "2025-03-02T00:00:00.000Z";
  await createRun(services, "r2", { ...request, trigger: { kind: "http" }, plannedAt });
  await planRun(services, "r2", "planner");
  const { value } = await services.runs.get("r2");
  expect(value).toMatchObject({ state: "running", plannedAt });
  expect(value.plan?.reader.parameter.column).toEqual([{ type: "string", value: "20250301" }]);
});

it("a run is for the moment it was asked for where nothing else is said", async () => {
  const { services } = await workshop();
  const run = await createRun(services, "r2", { ...request, trigger: { kind: "http" } });
  expect(run.plannedAt).toBe("2026-01-02T03:04:05.000Z");
});

it("a run of an older version is for what its trigger says, in lists too", async () => {
  const { services } = await workshop();
  const scheduledAt = "2026-01-02T03:00:00.000Z";
  const { plannedAt, ...old } = await createRun(services, "r2", {
    ...request,
    trigger: { kind: "timer", scheduledAt },
    plannedAt: "2020-01-01T00:00:00.000Z",
  });
  await services.documents.replace(storeTables.runs, {
    key: ["r2"],
    value: old,
    version: 1,
    brief: { id: "r2", trigger: old.trigger },
  });
  expect((await services.runs.get("r2")).value.plannedAt).toBe(scheduledAt);
  expect((await services.runs.findBrief("r2"))?.plannedAt).toBe(scheduledAt);
});
